"""The notifier: one file descriptor for everything that is watched."""

import gc
import os
import select
import sys
import threading
import weakref

import pytest

from gamesockets import ConnectionClosed, ConnectionState, Notifier, SendFlags, Sockets, WouldBlock
from support import LIMIT, Pair, receive, take_state


def is_readable(notifier: Notifier, timeout: float = LIMIT) -> bool:
    return select.select([notifier], [], [], timeout)[0] == [notifier]


def drain_events(sockets: Sockets) -> None:
    while sockets.poll_event() is not None:
        pass


def test_events_are_told_once(server: Sockets, client: Sockets) -> None:
    notifier = Notifier(server)
    assert notifier.watch_events() is False
    assert notifier.watch_events() is False
    assert not is_readable(notifier, 0)
    assert notifier.take() == (False, [], [])
    address = server.get_listen_socket_address(server.create_listen_socket_ip("127.0.0.1:0"))
    client.connect_by_ip_address(address)
    assert is_readable(notifier)
    assert notifier.take() == (True, [], [])
    assert not is_readable(notifier, 0)
    assert notifier.watch_events() is True, "the event was not taken"
    take_state(server, ConnectionState.CONNECTING)
    drain_events(server)
    assert notifier.watch_events() is False
    client.connect_by_ip_address(address)
    assert is_readable(notifier)


def test_messages_of_many_connections_come_by_one_descriptor(server: Sockets) -> None:
    pairs = [server.create_socket_pair(loopback=index % 2 == 0) for index in range(20)]
    notifier = Notifier(server)
    assert not any(notifier.watch_messages(there) for _, there in pairs)
    told: set[int] = set()
    for here, _ in pairs[:10]:
        server.send_message_to_connection(here, b"one", SendFlags.RELIABLE_NO_NAGLE)
        server.send_message_to_connection(here, b"two", SendFlags.RELIABLE_NO_NAGLE)
    while len(told) < 10:
        assert is_readable(notifier)
        events, readable, writable = notifier.take()
        assert (events, writable) == (False, [])
        assert not told.intersection(readable), "each watch fires once"
        told.update(readable)
    assert told == {there for _, there in pairs[:10]}
    for _, there in pairs[:10]:
        assert notifier.watch_messages(there) is True
        receive(server, there, 2)
        assert notifier.watch_messages(there) is False
    assert not is_readable(notifier, 0)


def test_a_poll_group_can_be_watched(server: Sockets) -> None:
    group = server.create_poll_group()
    first, second = server.create_socket_pair()
    server.set_connection_poll_group(second, group)
    notifier = Notifier(server)
    assert notifier.watch_messages(group) is False
    server.send_message_to_connection(first, b"x", SendFlags.RELIABLE)
    assert is_readable(notifier)
    assert notifier.take() == (False, [group], [])
    assert notifier.watch_messages(group) is True
    server.receive_messages_on_poll_group(group, 1)
    assert notifier.watch_messages(group) is False
    server.destroy_poll_group(group)
    assert is_readable(notifier)


def test_room_to_send_is_told() -> None:
    with Sockets(send_buffer_size=20_000, recv_buffer_messages=1) as sockets:
        first, second = sockets.create_socket_pair()
        notifier = Notifier(sockets)
        assert notifier.watch_writable(first) is True
        sent = 0
        with pytest.raises(WouldBlock):
            while True:
                sockets.send_message_to_connection(first, bytes(5_000), SendFlags.RELIABLE)
                sent += 1
        assert notifier.watch_writable(first) is False
        receive(sockets, second, sent)
        assert is_readable(notifier)
        assert notifier.take() == (False, [], [first])
        assert notifier.watch_writable(first) is True


def test_the_end_of_a_connection_is_told(pair: Pair) -> None:
    notifier = Notifier(pair.server)
    assert notifier.watch_messages(pair.to_client) is False
    pair.client.close_connection(pair.to_server, 1500, "the end")
    told: list[int] = []
    with pytest.raises(ConnectionClosed, match="the end") as caught:
        while True:
            assert is_readable(notifier)
            told += notifier.take()[1]
            assert notifier.watch_messages(pair.to_client) is False
    assert caught.value.reason == 1500
    assert set(told) == {pair.to_client}
    with pytest.raises(ConnectionClosed, match="the end"):
        notifier.watch_writable(pair.to_client)


@pytest.mark.parametrize("how", ["close_connection", "close_listen_socket", "reset_identity"])
def test_a_handle_that_is_closed_here_is_told(pair: Pair, how: str) -> None:
    notifier = Notifier(pair.server)
    assert notifier.watch_messages(pair.to_client) is False
    arguments = {"close_connection": [pair.to_client], "close_listen_socket": [pair.listen_socket]}.get(how, [])
    getattr(pair.server, how)(*arguments)
    assert is_readable(notifier)
    assert pair.to_client in notifier.take()[1]


def test_what_is_no_longer_watched_is_not_told(server: Sockets) -> None:
    first, second = server.create_socket_pair()
    notifier = Notifier(server)
    notifier.watch_messages(second)
    notifier.unwatch(second)
    server.send_message_to_connection(first, b"x", SendFlags.RELIABLE)
    assert notifier.take() == (False, [], [])
    assert not is_readable(notifier, 0)


def test_several_notifiers_do_not_disturb_each_other(server: Sockets) -> None:
    first, second = server.create_socket_pair()
    notifiers = [Notifier(server) for _ in range(3)]
    for notifier in notifiers:
        assert notifier.watch_messages(second) is False
    notifiers.pop().close()
    server.send_message_to_connection(first, b"x", SendFlags.RELIABLE)
    for notifier in notifiers:
        assert is_readable(notifier)
        assert notifier.take() == (False, [second], [])


def test_closing_the_instance_is_told(server: Sockets) -> None:
    notifier = Notifier(server)
    notifier.watch_events()
    closes = threading.Thread(target=server.close)
    closes.start()
    assert is_readable(notifier)
    closes.join()
    assert server.closed


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts file descriptors where Linux lists them")
def test_notifiers_leave_nothing_behind() -> None:
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    with Sockets() as sockets:
        first, second = sockets.create_socket_pair()
        for _ in range(50):
            notifier = Notifier(sockets)
            notifier.watch_events()
            notifier.watch_messages(first)
            notifier.watch_writable(second)
            gone = weakref.ref(notifier)
            del notifier
            assert gone() is None
        kept = Notifier(sockets)
        kept.watch_messages(first)
    # The watches of a notifier that lives on keep no instance alive.
    threads = [name for name in os.listdir("/proc/self/task") if is_ours(name)]
    assert threads == []
    kept.close()
    assert len(os.listdir("/proc/self/fd")) == before


def is_ours(task: str) -> bool:
    """Whether a thread is an I/O thread."""
    with open(f"/proc/self/task/{task}/comm") as name:
        return name.read() == "gamesockets\n"


@pytest.mark.skipif(sys.platform == "win32", reason="an event loop of Windows waits for sockets in another way")
def test_an_event_loop_can_wait_for_it(server: Sockets) -> None:
    import asyncio

    first, second = server.create_socket_pair(loopback=True)

    async def main() -> list[bytes]:
        loop = asyncio.get_running_loop()
        notifier = Notifier(server)
        received: list[bytes] = []
        done = loop.create_future()

        def on_readable() -> None:
            for handle in notifier.take()[1]:
                received.extend(m.payload for m in server.receive_messages_on_connection(handle, 100))
                while notifier.watch_messages(handle):
                    received.extend(m.payload for m in server.receive_messages_on_connection(handle, 100))
            if len(received) == 100 and not done.done():
                done.set_result(None)

        assert notifier.watch_messages(second) is False
        loop.add_reader(notifier, on_readable)
        for number in range(100):
            server.send_message_to_connection(first, bytes([number]), SendFlags.RELIABLE)
            await asyncio.sleep(0)
        await asyncio.wait_for(done, LIMIT)
        loop.remove_reader(notifier)
        notifier.close()
        return received

    assert asyncio.run(main()) == [bytes([number]) for number in range(100)]
