"""Other programs as peers: the echo example in Rust, and Valve's own library."""

from __future__ import annotations

import socket
import threading

import pytest

from gamesockets import ConnectionState, InvalidState, Result, SendFlags, Sockets, WouldBlock
from programs import Program, ValvePeer, build
from support import LIMIT, receive, take_state

SIZES = [0, 1, 1000, 1300, 20_000, 300_000]


def pattern(size: int, seed: int) -> bytes:
    """Make the contents that valve-peer makes (tests/interop/src/payload.rs)."""
    state = (2 * seed + 1) % 2**64
    words = []
    for _ in range(0, size, 8):
        words.append((state ^ state >> 32).to_bytes(8, "little"))
        state = state * 0xD1342543DE82EF95 % 2**64
    return b"".join(words)[:size]


def free_address() -> str:
    """Find a port that nobody uses: Valve's library refuses port 0."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def send_when_there_is_room(client: Sockets, connection: int, payload: bytes, lane: int) -> None:
    while True:
        try:
            client.send_message_to_connection(connection, payload, SendFlags.RELIABLE, lane=lane)
        except WouldBlock:
            assert client.wait_writable(connection, LIMIT)
        else:
            return


def check_echo(client: Sockets, connection: int) -> None:
    """Send messages of many sizes on two lanes to somebody who sends them back."""
    client.configure_connection_lanes(connection, 2, [0, 0], [1, 1])
    payloads = [pattern(size, seed) for seed, size in enumerate(SIZES)]
    for lane in (0, 1):
        for payload in payloads:
            send_when_there_is_room(client, connection, payload, lane)
    client.send_message_to_connection(connection, b"unreliable", SendFlags.UNRELIABLE_NO_NAGLE)
    messages = receive(client, connection, 2 * len(SIZES) + 1)
    reliable = [message for message in messages if message.reliable]
    for lane in (0, 1):
        assert [message.payload for message in reliable if message.lane == lane] == payloads
    assert [message.payload for message in messages if not message.reliable] == [b"unreliable"]


def test_a_server_in_rust_sends_everything_back(client: Sockets) -> None:
    program = build("--package", "gamesockets", "--example", "echo")
    with Program([program, "server", "--listen", "127.0.0.1:0"]) as server:
        address = server.match(r"listening on ([0-9.:]+);")[1]
        connection = client.connect_by_ip_address(address)
        take_state(client, ConnectionState.CONNECTED, connection)
        # It answers on the lane a message came by, if it has that lane.
        payloads = [pattern(size, seed) for seed, size in enumerate(SIZES)]
        for payload in payloads:
            client.send_message_to_connection(connection, payload, SendFlags.RELIABLE)
        assert [message.payload for message in receive(client, connection, len(SIZES))] == payloads
        client.close_connection(connection, 1001, "done", linger=True)
        assert "1001" in server.match("ClosedByPeer: .*").string


def test_a_client_in_rust_is_sent_everything_back(server: Sockets) -> None:
    program = build("--package", "gamesockets", "--example", "echo")
    group = server.create_poll_group()
    listen_socket = server.create_listen_socket_ip("127.0.0.1:0")

    def echo() -> None:
        try:
            while True:
                if server.wait_messages(group, LIMIT):
                    for message in server.receive_messages_on_poll_group(group, 100):
                        flags = SendFlags.RELIABLE if message.reliable else SendFlags.UNRELIABLE
                        server.send_message_to_connection(message.connection, message.payload, flags)
        except InvalidState:
            pass

    address = server.get_listen_socket_address(listen_socket)
    with Program([program, "client", "--connect", address, "--messages", "500", "--size", "300"]) as client:
        handle = take_state(server, ConnectionState.CONNECTING).connect_handle
        server.set_connection_poll_group(handle, group)
        server.accept_connection(handle)
        thread = threading.Thread(target=echo)
        thread.start()
        # It checks what comes back.
        assert client.child.wait(LIMIT) == 0
        server.close()
        thread.join()


def test_valves_server_sends_everything_back(client: Sockets) -> None:
    with ValvePeer("str:valve") as valve:
        address = free_address()
        assert valve.call({"listen": {"address": address, "options": []}}) != 0
        valve.call({"receive": "echo"})
        connection = client.connect_by_ip_address(address)
        event = valve.report("event")
        assert event["info"]["remote_identity"] == "str:client"
        assert valve.call({"accept": {"connection": event["connection"]}}) == Result.OK
        take_state(client, ConnectionState.CONNECTED, connection)
        assert client.get_connection_info(connection)["identity_string"] == "str:valve"
        lanes = {"lanes": {"connection": event["connection"], "priorities": [0, 0], "weights": [1, 1]}}
        assert valve.call(lanes) == Result.OK
        check_echo(client, connection)
        client.close_connection(connection, 1234, "from Python")
        while event["info"]["state"] != ConnectionState.CLOSED_BY_PEER:
            event = valve.report("event")
        assert (event["info"]["end_reason"], event["info"]["end_debug"]) == (1234, "from Python")


@pytest.mark.parametrize("flags", [SendFlags.RELIABLE, SendFlags.UNRELIABLE])
def test_valves_client_is_sent_everything_back(server: Sockets, flags: SendFlags) -> None:
    listen_socket = server.create_listen_socket_ip("127.0.0.1:0")
    address = server.get_listen_socket_address(listen_socket)
    with ValvePeer("str:valve") as valve:
        to_server = valve.call({"connect": {"address": address, "options": []}})
        handle = take_state(server, ConnectionState.CONNECTING).connect_handle
        server.accept_connection(handle)
        take_state(server, ConnectionState.CONNECTED, handle)
        for seed, size in enumerate(SIZES[:4]):
            message = {"len": size, "seed": seed, "flags": int(flags), "lane": 0}
            assert valve.call({"send": {"connection": to_server, "message": message}}) == seed + 1
            received = receive(server, handle, 1)[0]
            assert (received.payload, received.number) == (pattern(size, seed), seed + 1)
            assert received.reliable is (flags is SendFlags.RELIABLE)
            server.send_message_to_connection(handle, received.payload, flags)
            answer = valve.report("message")
            assert (answer["len"], answer["number"], answer["flags"] & 8) == (size, seed + 1, flags & 8)
        valve.call({"close": {"connection": to_server, "reason": 2001, "debug": "from Valve", "linger": False}})
        end = take_state(server, ConnectionState.CLOSED_BY_PEER).connection
        assert (end["end_reason"], end["end_debug"]) == (2001, "from Valve")
