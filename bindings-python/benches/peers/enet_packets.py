"""pyenet: reliable packets, in a loop of its own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from . import Load, Meter, installed

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "pyenet"
NOTE = "reliable packets, blocking service(); unencrypted"


def available() -> bool:
    """Tell whether it is installed."""
    return installed("enet")


async def serve(ready: Callable[[str], None]) -> None:
    """Send everything back, until the process is ended."""
    import enet

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host = enet.Host(enet.Address(b"127.0.0.1", port), 1, 1)
    ready(f"127.0.0.1:{port}")
    while True:
        event = host.service(1000)
        while event.type != enet.EVENT_TYPE_NONE:
            if event.type == enet.EVENT_TYPE_RECEIVE:
                event.peer.send(0, enet.Packet(event.packet.data, enet.PACKET_FLAG_RELIABLE))
            event = host.check_events() or enet.Event()
        host.flush()


async def run(address: str, load: Load) -> Meter:
    """Keep messages in flight."""
    import enet

    name, port = address.rsplit(":", 1)
    payload = bytes(load.size)
    host = enet.Host(None, 1, 1)
    peer = host.connect(enet.Address(name.encode(), int(port)), 1)
    while host.service(1000).type != enet.EVENT_TYPE_CONNECT:
        pass
    meter = Meter(load)
    for _ in range(load.in_flight):
        peer.send(0, enet.Packet(payload, enet.PACKET_FLAG_RELIABLE))
    while True:
        event = host.service(1000)
        while event is not None and event.type != enet.EVENT_TYPE_NONE:
            if event.type == enet.EVENT_TYPE_RECEIVE:
                if not meter.add():
                    return meter
                peer.send(0, enet.Packet(payload, enet.PACKET_FLAG_RELIABLE))
            event = host.check_events()
        host.flush()
