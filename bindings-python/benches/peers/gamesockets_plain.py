"""The plain layer of this package: handles and blocking waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import Load, Meter

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "gamesockets, plain"
NOTE = "handles, blocking waits; encrypted, reliable, in order"


def available() -> bool:
    """Tell that it always is."""
    return True


async def serve(ready: Callable[[str], None]) -> None:
    """Send everything back, until the process is ended."""
    import gamesockets
    from gamesockets import SendFlags

    with gamesockets.Sockets() as sockets:
        listen_socket = sockets.create_listen_socket_ip("127.0.0.1:0")
        ready(sockets.get_listen_socket_address(listen_socket))
        while True:
            event = sockets.wait_event()
            if not isinstance(event, gamesockets.ConnectionStatusChanged):
                continue
            if event.connection["connection_state"] is not gamesockets.ConnectionState.CONNECTING:
                continue
            connection = event.connect_handle
            sockets.accept_connection(connection)
            try:
                while sockets.wait_messages(connection):
                    messages = sockets.receive_messages_on_connection(connection, 256)
                    sockets.send_messages(connection, [message.payload for message in messages], SendFlags.RELIABLE)
                    sockets.flush_messages_on_connection(connection)
            except gamesockets.ConnectionClosed:
                sockets.close_connection(connection)


async def run(address: str, load: Load) -> Meter:
    """Keep messages in flight."""
    import gamesockets
    from gamesockets import SendFlags

    payload = bytes(load.size)
    with gamesockets.Sockets() as sockets:
        connection = sockets.connect_by_ip_address(address)
        sockets.send_messages(connection, [payload] * load.in_flight, SendFlags.RELIABLE)
        meter = Meter(load)
        while sockets.wait_messages(connection, 10):
            count = len(sockets.receive_messages_on_connection(connection, 256))
            if not meter.add(count):
                break
            sockets.send_messages(connection, [payload] * count, SendFlags.RELIABLE)
            sockets.flush_messages_on_connection(connection)
    return meter
