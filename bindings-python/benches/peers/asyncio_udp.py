"""asyncio's own datagrams: no encryption, nothing is sent again. The measure for what a Python program pays anyhow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from . import Load, Meter

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "asyncio UDP"
NOTE = "DatagramProtocol; unencrypted, unreliable"


def available() -> bool:
    """Tell that it always is."""
    return True


async def serve(ready: Callable[[str], None]) -> None:
    """Send everything back, until the process is ended."""

    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: asyncio.DatagramTransport = transport  # type: ignore[assignment]

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            self.transport.sendto(data, address)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    ready("{}:{}".format(*transport.get_extra_info("sockname")))
    await asyncio.Event().wait()


async def run(address: str, load: Load) -> Meter:
    """Keep messages in flight."""
    host, port = address.rsplit(":", 1)
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    payload = bytes(load.size)
    meter = Meter(load)

    class Client(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: asyncio.DatagramTransport = transport  # type: ignore[assignment]
            for _ in range(load.in_flight):
                self.transport.sendto(payload)

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            if meter.add():
                self.transport.sendto(payload)
            elif not done.done():
                done.set_result(None)

    transport, _ = await loop.create_datagram_endpoint(Client, remote_addr=(host, int(port)))
    await done
    transport.close()
    return meter
