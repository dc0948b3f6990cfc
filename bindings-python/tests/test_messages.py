"""Messages: what is sent from any buffer arrives as bytes, on its lane, in order."""

from __future__ import annotations

import array
import mmap
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gamesockets import (
    MAX_MESSAGE_SIZE,
    ConnectionWritable,
    InvalidArgument,
    InvalidHandle,
    MessageTooLarge,
    NotConnected,
    ReceivedMessage,
    Result,
    SendFlags,
    Sockets,
    WouldBlock,
)
from support import LIMIT, Pair, receive, take_event

if TYPE_CHECKING:
    from gamesockets._native import _Payload


def mapped() -> mmap.mmap:
    memory = mmap.mmap(-1, 16)
    memory[:] = bytes(range(16))
    return memory


BUFFERS: list[tuple[str, _Payload]] = [
    ("bytes", b"\0some bytes"),
    ("nothing", b""),
    ("bytearray", bytearray(b"an array of bytes")),
    ("memoryview", memoryview(b"a part of something larger")[2:-3]),
    ("cast memoryview", memoryview(array.array("d", [1.5, -2.5])).cast("B")),
    ("array", array.array("i", [1, -2, 3])),
    ("mmap", mapped()),
    ("numpy bytes", np.arange(256, dtype=np.uint8)),
    ("numpy floats", np.linspace(0, 1, 12).reshape(3, 4)),
    ("numpy nothing", np.empty(0)),
]


@pytest.mark.parametrize("buffer", [buffer for _, buffer in BUFFERS], ids=[name for name, _ in BUFFERS])
def test_every_buffer_can_be_sent(pair: Pair, buffer: _Payload) -> None:
    pair.client.send_message_to_connection(pair.to_server, buffer, SendFlags.RELIABLE)
    pair.client.send_messages(pair.to_server, [buffer, buffer], SendFlags.RELIABLE)
    expected = memoryview(buffer).tobytes()  # type: ignore[arg-type]
    assert [message.payload for message in receive(pair.server, pair.to_client, 3)] == [expected] * 3


def test_a_message_knows_where_it_came_from(pair: Pair) -> None:
    before = pair.server.get_local_timestamp()
    pair.server.set_connection_user_data(pair.to_client, 77)
    assert pair.client.send_message_to_connection(pair.to_server, b"one", SendFlags.UNRELIABLE_NO_NAGLE) == 1
    first = receive(pair.server, pair.to_client, 1)[0]
    assert pair.client.send_message_to_connection(pair.to_server, b"two", SendFlags.RELIABLE_NO_NAGLE) == 2
    second = receive(pair.server, pair.to_client, 1)[0]
    assert (first.payload, first.number, first.reliable) == (b"one", 1, False)
    assert (second.payload, second.number, second.reliable) == (b"two", 2, True)
    assert (first.connection, first.identity, first.user_data) == (pair.to_client, "str:client", 77)
    assert before <= first.time_received <= second.time_received <= pair.server.get_local_timestamp()
    assert len(first) == 3
    assert repr(second) == f"<ReceivedMessage number=2 lane=0 reliable=True connection={pair.to_client:#010x} size=3>"
    # Made once, not on each look.
    assert first.payload is first.payload
    with pytest.raises(AttributeError):
        first.payload = b""  # type: ignore[misc]
    with pytest.raises(TypeError):
        ReceivedMessage()


def test_large_messages_arrive_whole(pair: Pair) -> None:
    payload = np.random.default_rng(1).integers(0, 256, MAX_MESSAGE_SIZE, dtype=np.uint8)
    pair.client.send_message_to_connection(pair.to_server, payload, SendFlags.RELIABLE)
    assert receive(pair.server, pair.to_client, 1)[0].payload == payload.tobytes()
    with pytest.raises(MessageTooLarge, match="524289") as caught:
        pair.client.send_message_to_connection(pair.to_server, bytes(MAX_MESSAGE_SIZE + 1), SendFlags.RELIABLE)
    assert caught.value.result is Result.INVALID_PARAM


def test_lanes_number_their_own_messages(pair: Pair) -> None:
    pair.client.configure_connection_lanes(pair.to_server, 3, [0, 1, 1], [1, 1, 3])
    for lane in (0, 1, 2, 2):
        pair.client.send_message_to_connection(pair.to_server, bytes([lane]), SendFlags.RELIABLE, lane=lane)
    messages = receive(pair.server, pair.to_client, 4)
    assert sorted((message.lane, message.number, message.payload) for message in messages) == [
        (0, 1, b"\0"),
        (1, 1, b"\1"),
        (2, 1, b"\2"),
        (2, 2, b"\2"),
    ]
    with pytest.raises(InvalidArgument, match="lane 3 is not configured"):
        pair.client.send_message_to_connection(pair.to_server, b"", SendFlags.RELIABLE, lane=3)
    with pytest.raises(InvalidArgument, match="lanes can only be added"):
        pair.client.configure_connection_lanes(pair.to_server, 1, [0], [1])
    with pytest.raises(InvalidArgument, match="2 lanes, but 1 priorities and 2 weights"):
        pair.client.configure_connection_lanes(pair.to_server, 2, [0], [1, 1])


def test_reliable_messages_keep_their_order(pair: Pair) -> None:
    count = 5000
    sent = 0
    received: list[bytes] = []
    while len(received) < count:
        try:
            while sent < count:
                pair.client.send_message_to_connection(pair.to_server, sent.to_bytes(200, "big"), SendFlags.RELIABLE)
                sent += 1
        except WouldBlock:
            pass
        assert pair.server.wait_messages(pair.to_client, LIMIT)
        received += [m.payload for m in pair.server.receive_messages_on_connection(pair.to_client, 1000)]
    assert received == [number.to_bytes(200, "big") for number in range(count)]


def test_a_full_buffer_says_so_and_says_when_there_is_room(server: Sockets) -> None:
    server.set_global_config_value_int32("send_buffer_size", 20_000)
    server.set_global_config_value_int32("recv_buffer_messages", 1)
    first, second = server.create_socket_pair(loopback=True)
    with pytest.raises(MessageTooLarge, match="never fits the send buffer") as too_large:
        server.send_message_to_connection(first, bytes(30_000), SendFlags.RELIABLE)
    assert too_large.value.result is Result.LIMIT_EXCEEDED
    sent = 0
    with pytest.raises(WouldBlock) as caught:
        while True:
            server.send_message_to_connection(first, bytes(5_000), SendFlags.RELIABLE)
            sent += 1
    assert caught.value.result is Result.LIMIT_EXCEEDED
    assert server.wait_writable(first, 0) is False
    outcomes = server.send_messages(first, [bytes(5_000)] * 3, SendFlags.RELIABLE)
    assert outcomes == [-Result.LIMIT_EXCEEDED, 0, 0]
    receive(server, second, sent)
    assert server.wait_writable(first, LIMIT) is True
    assert take_event(server, lambda event: isinstance(event, ConnectionWritable)) == ConnectionWritable(first)
    server.send_message_to_connection(first, bytes(5_000), SendFlags.RELIABLE)


def test_unreliable_messages_may_have_a_deadline_and_be_replaced(client: Sockets) -> None:
    connection = client.connect_by_ip_address("127.0.0.1:9")
    send = client.send_message_to_connection
    number = send(connection, b"old", SendFlags.UNRELIABLE, replace_key=5)
    assert send(connection, b"new", SendFlags.UNRELIABLE, replace_key=5, deadline=10) == number
    assert send(connection, b"other", SendFlags.UNRELIABLE) == number + 1
    with pytest.raises(InvalidArgument, match="needs an unreliable message"):
        send(connection, b"", SendFlags.RELIABLE, deadline=1)
    with pytest.raises(NotConnected) as caught:
        send(connection, b"", SendFlags.UNRELIABLE_NO_DELAY)
    assert caught.value.result is Result.IGNORED
    with pytest.raises(NotConnected):
        client.flush_messages_on_connection(connection)


def test_what_nagle_holds_back_is_flushed(pair: Pair) -> None:
    pair.client.set_connection_config_value_int32(pair.to_server, "nagle_time", 20_000_000)
    pair.client.send_message_to_connection(pair.to_server, b"held back", SendFlags.RELIABLE)
    assert pair.client.get_quick_connection_status(pair.to_server)["pending_reliable"] > 0
    pair.client.flush_messages_on_connection(pair.to_server)
    assert receive(pair.server, pair.to_client, 1)[0].payload == b"held back"


def test_a_poll_group_reads_many_connections(server: Sockets) -> None:
    group = server.create_poll_group()
    pairs = [server.create_socket_pair() for _ in range(3)]
    for index, (here, there) in enumerate(pairs):
        server.set_connection_poll_group(there, group)
        server.send_message_to_connection(here, bytes([index]), SendFlags.RELIABLE)
    assert server.wait_messages(group, LIMIT)
    messages = server.receive_messages_on_poll_group(group, 2) + server.receive_messages_on_poll_group(group, 2)
    assert [message.payload for message in messages] == [b"\0", b"\1", b"\2"]
    assert [message.connection for message in messages] == [there for _, there in pairs]
    server.set_connection_poll_group(pairs[0][1], 0)
    server.send_message_to_connection(pairs[0][0], b"outside", SendFlags.RELIABLE)
    assert server.wait_messages(group, 0) is False
    server.destroy_poll_group(group)
    with pytest.raises(InvalidHandle, match="poll group"):
        server.receive_messages_on_poll_group(group, 1)
    assert receive(server, pairs[0][1], 1)[0].payload == b"outside"


def test_a_listen_socket_reads_its_connections(pair: Pair) -> None:
    pair.client.send_message_to_connection(pair.to_server, b"hello", SendFlags.RELIABLE)
    assert pair.server.wait_messages(pair.to_client, LIMIT)
    messages = pair.server.receive_messages_on_listen_socket(pair.listen_socket, 10)
    assert [message.payload for message in messages] == [b"hello"]
