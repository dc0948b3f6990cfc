"""What many tests do: connect two instances over real UDP, wait for a state, read so many messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gamesockets import ConnectionState, ConnectionStatusChanged, Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from gamesockets import ReceivedMessage, Sockets

LIMIT = 30.0
"""How long to wait for what has to happen, seconds."""


class Pair(NamedTuple):
    """Two instances that are connected over UDP."""

    server: Sockets
    client: Sockets
    listen_socket: int
    to_server: int
    to_client: int


def take_event(sockets: Sockets, wanted: Callable[[Event], bool]) -> Event:
    """Take events until one is wanted."""
    while True:
        event = sockets.wait_event(LIMIT)
        assert event is not None, "the event did not come"
        if wanted(event):
            return event


def take_state(sockets: Sockets, state: ConnectionState, connection: int | None = None) -> ConnectionStatusChanged:
    """Take events until a connection (any, or this one) is in this state."""

    def wanted(event: Event) -> bool:
        return (
            isinstance(event, ConnectionStatusChanged)
            and event.connection["connection_state"] == state
            and connection in (None, event.connect_handle)
        )

    event = take_event(sockets, wanted)
    assert isinstance(event, ConnectionStatusChanged)
    return event


def connect(server: Sockets, client: Sockets) -> Pair:
    """Connect over UDP."""
    listen_socket = server.create_listen_socket_ip("127.0.0.1:0")
    to_server = client.connect_by_ip_address(server.get_listen_socket_address(listen_socket))
    to_client = take_state(server, ConnectionState.CONNECTING).connect_handle
    server.accept_connection(to_client)
    take_state(server, ConnectionState.CONNECTED, to_client)
    take_state(client, ConnectionState.CONNECTED, to_server)
    return Pair(server, client, listen_socket, to_server, to_client)


def receive(sockets: Sockets, connection: int, count: int) -> list[ReceivedMessage]:
    """Read exactly so many messages."""
    messages: list[ReceivedMessage] = []
    while len(messages) < count:
        assert sockets.wait_messages(connection, LIMIT), f"{len(messages)} of {count} messages came"
        messages += sockets.receive_messages_on_connection(connection, count - len(messages))
    return messages
