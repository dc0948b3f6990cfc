"""aioquic: one QUIC stream, with a length before each message."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from . import Load, Meter, installed

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "aioquic"
NOTE = "one stream, a length before each message; encrypted, reliable, in order"
_LENGTH = struct.Struct("!I")


def available() -> bool:
    """Tell whether it is installed."""
    return installed("aioquic")


async def serve(ready: Callable[[str], None]) -> None:
    """Send everything back, until the process is ended."""
    from aioquic.asyncio import QuicConnectionProtocol
    from aioquic.asyncio.server import QuicServer
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.events import QuicEvent, StreamDataReceived

    class Echo(QuicConnectionProtocol):
        def __init__(self, *arguments: object, **keywords: object) -> None:
            super().__init__(*arguments, **keywords)  # type: ignore[arg-type]
            self.received = bytearray()

        def quic_event_received(self, event: QuicEvent) -> None:
            if isinstance(event, StreamDataReceived):
                self.received += event.data
                for message in split(self.received):
                    self._quic.send_stream_data(event.stream_id, _LENGTH.pack(len(message)) + message)

    configuration = QuicConfiguration(is_client=False, alpn_protocols=["echo"])
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = make_certificate(Path(folder))
        configuration.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: QuicServer(configuration=configuration, create_protocol=Echo), local_addr=("127.0.0.1", 0)
    )
    ready("{}:{}".format(*transport.get_extra_info("sockname")))
    await asyncio.Event().wait()


async def run(address: str, load: Load) -> Meter:
    """Keep messages in flight."""
    from aioquic.asyncio import QuicConnectionProtocol, connect
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.events import QuicEvent, StreamDataReceived

    done = asyncio.get_running_loop().create_future()
    message = _LENGTH.pack(load.size) + bytes(load.size)
    meter = Meter(load)

    class Client(QuicConnectionProtocol):
        def __init__(self, *arguments: object, **keywords: object) -> None:
            super().__init__(*arguments, **keywords)  # type: ignore[arg-type]
            self.received = bytearray()

        def quic_event_received(self, event: QuicEvent) -> None:
            if not isinstance(event, StreamDataReceived) or done.done():
                return
            self.received += event.data
            for _ in split(self.received):
                if not meter.add():
                    done.set_result(None)
                    return
                self._quic.send_stream_data(event.stream_id, message)

    configuration = QuicConfiguration(alpn_protocols=["echo"], verify_mode=ssl.CERT_NONE)
    host, port = address.rsplit(":", 1)
    async with connect(host, int(port), configuration=configuration, create_protocol=Client) as client:
        await client.wait_connected()
        stream = client._quic.get_next_available_stream_id()
        meter.begin = asyncio.get_running_loop().time()
        meter = Meter(load)
        for _ in range(load.in_flight):
            client._quic.send_stream_data(stream, message)
        client.transmit()
        await done
        return meter


def split(received: bytearray) -> list[bytes]:
    """Take the whole messages."""
    messages, begin = [], 0
    while begin + _LENGTH.size <= len(received):
        (length,) = _LENGTH.unpack_from(received, begin)
        end = begin + _LENGTH.size + length
        if end > len(received):
            break
        messages.append(bytes(received[begin + _LENGTH.size : end]))
        begin = end
    del received[:begin]
    return messages


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate that nobody has to trust."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    certificate = builder.not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
