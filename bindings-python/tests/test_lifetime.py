"""Nothing is left behind: no objects, threads, sockets or processes that hang."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import weakref

import pytest

from gamesockets import InvalidHandle, InvalidState, Notifier, ReceivedMessage, SendFlags, Sockets
from support import LIMIT, Pair, connect, receive

linux = pytest.mark.skipif(sys.platform != "linux", reason="counts what Linux lists")


@linux
def test_instances_take_their_threads_and_sockets_along() -> None:
    def counts() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

    gc.collect()
    before = counts()
    for number in range(20):
        server, client = Sockets(), Sockets()
        connect(server, client)
        if number % 2 == 0:
            server.close()
        gone = weakref.ref(server), weakref.ref(client)
        del server, client
        assert [sockets() for sockets in gone] == [None, None]
    assert counts() == before


def test_messages_and_payloads_are_let_go_of(pair: Pair) -> None:
    def sweep() -> int:
        gc.collect()
        return sum(isinstance(found, ReceivedMessage) for found in gc.get_objects())

    payload = bytearray(1000)
    pair.client.send_message_to_connection(pair.to_server, payload, SendFlags.RELIABLE)
    message = receive(pair.server, pair.to_client, 1)[0]
    # This name, the message itself, and the argument of getrefcount.
    received = message.payload
    assert sys.getrefcount(received) == 3
    del message
    assert sys.getrefcount(received) == 2
    # A buffer is let go of, also when the call fails.
    with pytest.raises(InvalidHandle):
        pair.client.send_message_to_connection(0, payload, SendFlags.RELIABLE)
    payload.clear()
    assert sweep() == 0


@linux
def test_memory_does_not_grow(pair: Pair) -> None:
    import resource

    def work(rounds: int) -> None:
        options = {"nagle_time": 5}
        for _ in range(rounds):
            pair.client.send_messages(pair.to_server, [bytes(1000)] * 10, SendFlags.RELIABLE_NO_NAGLE)
            receive(pair.server, pair.to_client, 10)
            pair.client.get_connection_info(pair.to_server)
            first, _ = pair.server.create_socket_pair()
            pair.server.close_connection(first)
            while pair.server.poll_event() is not None:
                pass
            with pytest.raises(InvalidHandle):
                pair.server.set_connection_name(first, "gone")
            listen_socket = pair.client.create_listen_socket_ip("127.0.0.1:0", options)
            pair.client.close_listen_socket(listen_socket)

        # The tracebacks of exceptions are cycles.
        gc.collect()

    work(100)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blocks = sys.getallocatedblocks()
    work(600)
    # A leak of one object a round would be 600 blocks, of one payload 6 MB.
    assert sys.getallocatedblocks() - blocks < 300
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4 * 1024


@linux
def test_a_child_of_a_fork_does_without_the_instances_of_its_parent() -> None:
    server = Sockets()
    notifier = Notifier(server)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def child() -> None:
        for call in (server.create_poll_group, notifier.watch_events):
            try:
                call()
            except InvalidState as error:
                answers.put(str(error))
        with Sockets() as own:
            first, second = own.create_socket_pair(loopback=True)
            own.send_message_to_connection(first, b"in the child", SendFlags.RELIABLE)
            answers.put(receive(own, second, 1)[0].payload)
        server.close()

    process = context.Process(target=child)
    process.start()
    process.join(LIMIT)
    assert process.exitcode == 0
    assert ["made before a fork" in answers.get() for _ in range(2)] == [True, True]
    assert answers.get() == b"in the child"
    first, second = server.create_socket_pair(loopback=True)
    server.send_message_to_connection(first, b"in the parent", SendFlags.RELIABLE)
    assert receive(server, second, 1)[0].payload == b"in the parent"
    server.close()


@pytest.mark.parametrize(
    "program",
    [
        "sockets = gamesockets.Sockets(); sockets.create_socket_pair(loopback=True)",
        "sockets = gamesockets.Sockets(); notifier = gamesockets.Notifier(sockets); notifier.watch_events();"
        "cycle = [notifier]; cycle.append(cycle)",
        "import threading; sockets = gamesockets.Sockets();"
        "threading.Thread(target=sockets.wait_event, daemon=True).start()",
        "import builtins; builtins.kept = gamesockets.Sockets()",
        "sockets = gamesockets.Sockets(); raise SystemExit(0)",
    ],
)
def test_the_interpreter_ends_whatever_is_open(program: str) -> None:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import gamesockets; {program}"],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_an_instance_can_end_on_any_thread() -> None:
    holder = [Sockets()]
    holder[0].create_socket_pair(loopback=True)
    ends = threading.Thread(target=holder.clear)
    ends.start()
    ends.join(LIMIT)
    assert not ends.is_alive()
