"""Connections over real UDP: made, refused, accepted, closed, asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gamesockets import (
    AddressUnavailable,
    ConnectionClosed,
    ConnectionEnd,
    ConnectionState,
    FakeIpType,
    InfoFlags,
    InvalidHandle,
    InvalidState,
    Result,
    SendFlags,
    Sockets,
)

if TYPE_CHECKING:
    from pathlib import Path
from support import LIMIT, Pair, connect, receive, take_state


def test_both_ends_know_each_other(pair: Pair) -> None:
    info = pair.server.get_connection_info(pair.to_client)
    assert info["identity_string"] == "str:client"
    assert info["connection_state"] is ConnectionState.CONNECTED
    assert info["listen_socket"] == pair.listen_socket
    assert info["end_reason"] is ConnectionEnd.INVALID
    assert InfoFlags.UNENCRYPTED not in info["info_flags"]
    address = pair.server.get_listen_socket_address(pair.listen_socket)
    assert address.startswith("127.0.0.1:")
    assert pair.server.get_listen_socket_address(pair.listen_socket, with_port=False) == "127.0.0.1"
    theirs = pair.client.get_connection_info(pair.to_server)
    assert f"{theirs['remote_address']}:{theirs['remote_port']}" == address


def test_the_end_of_a_connection_says_why(pair: Pair) -> None:
    pair.server.send_message_to_connection(pair.to_client, b"last", SendFlags.RELIABLE)
    pair.server.close_connection(pair.to_client, 1234, "that was all", linger=True)
    event = take_state(pair.client, ConnectionState.CLOSED_BY_PEER)
    assert event.old_state is ConnectionState.CONNECTED
    assert event.connection["end_reason"] == 1234
    assert isinstance(event.connection["end_reason"], ConnectionEnd)
    assert receive(pair.client, pair.to_server, 1)[0].payload == b"last"
    with pytest.raises(ConnectionClosed, match="that was all") as caught:
        pair.client.wait_messages(pair.to_server, LIMIT)
    assert (caught.value.reason, caught.value.debug) == (1234, "that was all")
    assert caught.value.result is Result.NO_CONNECTION
    with pytest.raises(ConnectionClosed, match="1234"):
        pair.client.send_message_to_connection(pair.to_server, b"too late", SendFlags.RELIABLE)
    pair.client.close_connection(pair.to_server)
    with pytest.raises(InvalidHandle):
        pair.client.get_connection_info(pair.to_server)


def test_a_connection_that_nobody_answers_times_out(client: Sockets) -> None:
    connection = client.connect_by_ip_address("127.0.0.1:9", timeout_initial=100)
    event = take_state(client, ConnectionState.PROBLEM_DETECTED_LOCALLY, connection)
    assert event.connection["end_reason"] is ConnectionEnd.MISC_TIMEOUT


def test_accepting_twice_or_ones_own_is_refused(pair: Pair) -> None:
    with pytest.raises(InvalidState, match="Connected") as caught:
        pair.server.accept_connection(pair.to_client)
    assert caught.value.result is Result.INVALID_STATE
    with pytest.raises(ValueError, match="only an incoming connection"):
        pair.client.accept_connection(pair.client.connect_by_ip_address("127.0.0.1:9"))


def test_a_port_that_is_taken_is_refused(pair: Pair) -> None:
    address = pair.server.get_listen_socket_address(pair.listen_socket)
    with pytest.raises(AddressUnavailable, match="in use") as caught:
        pair.client.create_listen_socket_ip(address)
    assert isinstance(caught.value, OSError)
    assert str(caught.value).startswith("UDP port")


def test_closing_a_listen_socket_frees_its_port(server: Sockets, client: Sockets) -> None:
    pair = connect(server, client)
    address = server.get_listen_socket_address(pair.listen_socket)
    server.close_listen_socket(pair.listen_socket)
    take_state(server, ConnectionState.NONE, pair.to_client)
    again = client.create_listen_socket_ip(address)
    assert client.get_listen_socket_address(again) == address


def test_connections_over_ipv6(server: Sockets, client: Sockets) -> None:
    listen_socket = server.create_listen_socket_ip("[::1]:0")
    client.connect_by_ip_address(server.get_listen_socket_address(listen_socket))
    event = take_state(server, ConnectionState.CONNECTING)
    assert event.connection["remote_address"] == "::1"


def test_labels_and_numbers_are_kept(pair: Pair) -> None:
    server, connection = pair.server, pair.to_client
    server.set_connection_name(connection, "Bob \N{SNAKE}")
    assert server.get_connection_name(connection) == "Bob \N{SNAKE}"
    assert server.get_connection_user_data(connection) == -1
    server.set_connection_user_data(connection, -(2**63))
    assert server.get_connection_user_data(connection) == -(2**63)
    assert server.get_connection_info(connection)["user_data"] == -(2**63)


def test_how_a_connection_is_doing(pair: Pair) -> None:
    pair.client.configure_connection_lanes(pair.to_server, 2, [0, 1], [1, 1])
    answer = pair.client.get_connection_real_time_status(pair.to_server, 2)
    assert answer["response"] is Result.OK
    assert answer["connection_status"]["state"] is ConnectionState.CONNECTED
    assert [lane["pending_reliable"] for lane in answer["lanes_status"]] == [0, 0]
    assert "connection_status" not in pair.client.get_connection_real_time_status(pair.to_server, get_status=False)
    assert pair.client.get_quick_connection_status(pair.to_server)["send_rate"] > 0
    assert "str:server" in pair.client.get_detailed_connection_status(pair.to_server)
    statistics = pair.client.get_connection_lifetime_statistics(pair.to_server)
    assert statistics["packets_sent"] > 0
    assert len(statistics["ping_counts"]) == 9
    with pytest.raises(ValueError, match="3 lanes were asked for"):
        pair.client.get_connection_real_time_status(pair.to_server, 3)


@pytest.mark.parametrize("loopback", [False, True])
def test_the_ends_of_a_pair_are_connected_at_once(server: Sockets, loopback: bool) -> None:
    first, second = server.create_socket_pair(loopback, "str:left", 76561197960265729)
    assert server.get_connection_info(first)["identity_string"] == "str:left"
    assert server.get_connection_info(second)["identity"] == 76561197960265729
    server.send_message_to_connection(first, b"through", SendFlags.RELIABLE)
    assert receive(server, second, 1)[0].payload == b"through"


def test_an_identity_can_be_changed(server: Sockets) -> None:
    first, _ = server.create_socket_pair()
    server.reset_identity("str:somebody else")
    assert server.get_identity() == "str:somebody else"
    with pytest.raises(InvalidHandle):
        server.get_connection_info(first)
    server.reset_identity()
    assert server.get_identity() == Sockets().get_identity()


def test_a_trace_of_each_connection_is_written(client: Sockets, tmp_path: Path) -> None:
    with Sockets(trace_directory=tmp_path, trace_size_limit=100_000) as server:
        connect(server, client)
    (trace,) = tmp_path.iterdir()
    assert '"vantage_point":{"type":"server"}' in trace.read_text()


def test_addresses_tell_whether_they_are_fake(server: Sockets) -> None:
    assert server.get_ipv4_fake_ip_type("169.254.1.1") is FakeIpType.GLOBAL_IPV4
    assert server.is_fake_ipv4("127.0.0.1") is False
    with pytest.raises(ValueError, match="no IPv4 address"):
        server.is_fake_ipv4("::1")
