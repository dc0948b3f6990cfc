"""Events: taken one by one, waited for, or handed to a callback."""

import pytest

from gamesockets import (
    AuthenticationStatus,
    Availability,
    ConnectionState,
    ConnectionStatusChanged,
    DebugOutput,
    DebugOutputType,
    Event,
    Sockets,
)
from support import Pair, take_event, take_state


def test_events_can_be_matched(server: Sockets, client: Sockets) -> None:
    address = server.get_listen_socket_address(server.create_listen_socket_ip("127.0.0.1:0"))
    client.connect_by_ip_address(address)
    match server.wait_event(30):
        case ConnectionStatusChanged(handle, {"connection_state": state, "identity_string": who}, old_state):
            assert (state, who, old_state) == (ConnectionState.CONNECTING, "str:client", ConnectionState.NONE)
            server.accept_connection(handle)
        case other:
            pytest.fail(f"{other} came")


def test_a_callback_gets_the_events_that_wait(pair: Pair) -> None:
    pair.client.close_connection(pair.to_server)
    take_state(pair.client, ConnectionState.NONE)
    events: list[Event] = []
    pair.client.run_networking_callbacks(events.append)
    assert events == []
    connection = pair.client.connect_by_ip_address("127.0.0.1:9")

    def look(event: Event) -> None:
        events.append(event)
        pair.client.close_connection(connection)

    pair.client.run_networking_callbacks(look)
    assert [(type(event), event[0]) for event in events] == [(ConnectionStatusChanged, connection)]
    pair.client.run_networking_callbacks(events.append)
    assert len(events) == 2, "what a callback causes waits for the next call"


def test_an_exception_in_a_callback_comes_through(server: Sockets) -> None:
    server.connect_by_ip_address("127.0.0.1:9")
    server.connect_by_ip_address("127.0.0.1:9")

    def broken(event: Event) -> None:
        raise KeyError(event.__class__.__name__)

    with pytest.raises(KeyError, match="ConnectionStatusChanged"):
        server.run_networking_callbacks(broken)
    assert server.poll_event() is not None, "only the event that was handed over is gone"


def test_the_log_comes_as_events(server: Sockets) -> None:
    server.set_debug_output_function(DebugOutputType.VERBOSE)
    server.create_listen_socket_ip("127.0.0.1:0")
    event = take_event(server, lambda event: isinstance(event, DebugOutput))
    assert isinstance(event, DebugOutput)
    assert event.type is DebugOutputType.VERBOSE
    assert "listening on UDP 127.0.0.1" in event.message


def test_becoming_ready_for_authentication_is_told(server: Sockets) -> None:
    assert server.init_authentication() is Availability.CANNOT_TRY
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert len(server.add_trusted_ca(key)) == 1
    event = take_event(server, lambda event: isinstance(event, AuthenticationStatus))
    assert isinstance(event, AuthenticationStatus)
    assert event.available is Availability.WAITING
    assert event.debug_message != ""
    assert server.get_authentication_status() is Availability.WAITING
