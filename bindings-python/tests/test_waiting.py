"""Waiting: other threads run meanwhile, signals end it, and whoever waits learns that the instance is closed."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from gamesockets import InvalidState, SendFlags, Sockets, WouldBlock
from support import LIMIT, Pair


def test_nothing_comes(pair: Pair) -> None:
    while pair.server.poll_event() is not None:
        pass
    assert pair.server.poll_event() is None
    assert pair.server.wait_event(0) is None
    assert pair.server.wait_messages(pair.to_client, 0.01) is False
    assert pair.server.wait_writable(pair.to_client, 0) is True


def test_another_thread_runs_while_one_waits(server: Sockets) -> None:
    first, second = server.create_socket_pair()
    answers = []
    waits = threading.Thread(target=lambda: answers.append(server.wait_messages(second, LIMIT)))
    waits.start()
    # With the interpreter held, this thread would not get here before the time is over.
    server.send_message_to_connection(first, b"for the other thread", SendFlags.RELIABLE)
    waits.join()
    assert answers == [True]


def test_many_threads_wait_and_work_at_once(server: Sockets) -> None:
    counts = [0] * 4

    def echo(index: int) -> None:
        first, second = server.create_socket_pair(loopback=True)
        for _ in range(100):
            server.send_message_to_connection(first, bytes(100), SendFlags.RELIABLE_NO_NAGLE)
            assert server.wait_messages(second, LIMIT)
            counts[index] += len(server.receive_messages_on_connection(second, 10))

    threads = [threading.Thread(target=echo, args=(index,)) for index in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [100] * 4


def test_closing_ends_the_waits_of_other_threads(pair: Pair) -> None:
    with pytest.raises(WouldBlock):
        while True:
            pair.client.send_message_to_connection(pair.to_server, bytes(100_000), SendFlags.RELIABLE)
    pair.server.close_connection(pair.to_client)
    errors = []

    def wait(call: object, *arguments: object) -> None:
        try:
            while call(*arguments) is not None:  # type: ignore[operator]
                pass
        except InvalidState as error:
            errors.append(str(error))

    threads = [
        threading.Thread(target=wait, args=(pair.server.wait_event,)),
        threading.Thread(target=wait, args=(pair.server.wait_messages, pair.server.create_poll_group())),
    ]
    for thread in threads:
        thread.start()
    pair.server.close()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()
    assert len(errors) == 2
    assert all("closed" in error for error in errors)


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C there")
@pytest.mark.parametrize("call", ["wait_event()", "wait_messages(second)", "wait_writable(first)"])
def test_ctrl_c_ends_a_wait(call: str) -> None:
    program = f"""
import gamesockets
sockets = gamesockets.Sockets(recv_buffer_messages=1, send_buffer_size=10_000)
first, second = sockets.create_socket_pair()
if "writable" in "{call}":
    try:
        while True:
            sockets.send_message_to_connection(first, bytes(1000), 8)
    except gamesockets.WouldBlock:
        pass
print("waits", flush=True)
try:
    sockets.{call}
except KeyboardInterrupt:
    print("interrupted", flush=True)
sockets.send_message_to_connection(second, b"it goes on", 8)
print(sockets.receive_messages_on_connection(first, 1)[0].payload.decode())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waits\n"
        # Until it is in the call, the signal would end the line before it.
        time.sleep(0.2)
        os.kill(child.pid, signal.SIGINT)
        output, _ = child.communicate(timeout=LIMIT)
        assert output == "interrupted\nit goes on\n"
        assert child.returncode == 0
