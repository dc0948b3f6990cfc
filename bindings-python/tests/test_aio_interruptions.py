"""Cancellation, Ctrl-C and the end of the loop at every place at which a task waits."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from typing import TYPE_CHECKING

import pytest

import gamesockets
from interruptions import Interrupted
from loops import Background, Leftovers, Run, echo
from support import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

STEPS_MAX = 200


async def everything(address: str) -> None:
    """Wait at every place at which the asyncio layer waits."""
    async with gamesockets.connect(address, send_buffer_size=10_000) as connection:
        await connection.send(b"a")
        await connection.receive(LIMIT)
        for _ in range(10):
            await connection.send(bytes(5_000))
        await connection.drain(LIMIT)
        assert len(await connection.receive_many(timeout=LIMIT)) > 0
    async with gamesockets.listen("127.0.0.1:0") as server, server.poll_group() as group:
        async with gamesockets.socket_pair() as (one, two):
            await one.send(b"b")
            await two.receive()
            two.close()
            await one.wait_closed()
        connecting = asyncio.ensure_future(stay(server.address))
        try:
            group.add(await server.accept(LIMIT))
            async for message in group:
                assert message.payload == b"c"
                break
            with pytest.raises(TimeoutError):
                await group.receive(timeout=0.01)
        finally:
            connecting.cancel()
            # How it ended is looked at, too: nothing may be said of it later.
            await asyncio.gather(connecting, return_exceptions=True)
    async with gamesockets.Host() as host:
        with pytest.raises(gamesockets.ConnectTimeout):
            await host.connect("127.0.0.1:9", timeout=0.01)


async def stay(address: str) -> None:
    async with gamesockets.connect(address) as connection:
        await connection.send(b"c")
        await asyncio.sleep(LIMIT)


def at_every_step(attempt: Callable[[int], bool]) -> None:
    """Try one step after the other, until there is none left."""
    for step in range(STEPS_MAX):
        if not attempt(step):
            assert step > 10
            return
    pytest.fail("there is no end of steps")


def test_cancelled_wherever_it_waits(run: Run) -> None:
    async def main(step: int) -> bool:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            interrupted = Interrupted(everything(server.address), step, lambda: task.cancel())
            task = asyncio.ensure_future(interrupted.run())
            await asyncio.wait([task])
            assert task.cancelled() is interrupted.has_happened
            return interrupted.has_happened

    at_every_step(lambda step: run(main(step)))


def with_server(main: Callable[[str], Coroutine[object, object, None]]) -> Coroutine[object, object, None]:
    async def both() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            await main(server.address)

    return both()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.run raises at any line, not where a task waits")
def test_interrupted_by_the_keyboard_wherever_it_waits() -> None:
    def attempt(step: int) -> bool:
        interrupted: list[Interrupted] = []

        async def main(address: str) -> None:
            work = everything(address)
            interrupted.append(Interrupted(work, step, lambda: signal.raise_signal(signal.SIGINT)))
            await interrupted[0].run()

        with Leftovers():
            try:
                asyncio.run(with_server(main), debug=True)
            except KeyboardInterrupt:
                assert interrupted[0].has_happened
            else:
                assert not interrupted[0].has_happened
        return interrupted[0].has_happened

    at_every_step(attempt)


def test_the_loop_ends_wherever_a_task_waits() -> None:
    def attempt(step: int) -> bool:
        interrupted: list[Interrupted] = []

        async def main(address: str) -> None:
            def ended(task: asyncio.Task[None]) -> None:
                # Its server may end before the loop does. An exception that nobody looks at would be logged, and the
                # log keeps it, with all it refers to.
                if not task.cancelled() and (error := task.exception()) is not None:
                    failures.append(type(error))
                reached.set()

            reached = asyncio.Event()
            interrupted.append(Interrupted(everything(address), step, reached.set))
            task = asyncio.ensure_future(interrupted[0].run())
            task.add_done_callback(ended)
            # The task goes on to wait; asyncio.run cancels it.
            await reached.wait()
            if not interrupted[0].has_happened:
                await task

        failures: list[type[BaseException]] = []
        with Leftovers():
            asyncio.run(with_server(main), debug=True)
        assert set(failures) <= {gamesockets.ConnectionClosed, gamesockets.ConnectionRefused}
        return interrupted[0].has_happened

    at_every_step(attempt)


def test_a_cancelled_receive_loses_no_message(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair(loopback=True) as (one, two):
            received: list[int] = []

            async def receive_one() -> None:
                received.append(int.from_bytes((await two.receive()).payload, "big"))

            for number in range(300):
                task = asyncio.ensure_future(receive_one())
                await one.send(number.to_bytes(2, "big"))
                for _ in range(number % 7):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
            while len(received) < 300:
                received.append(int.from_bytes((await two.receive(LIMIT)).payload, "big"))
            assert received == list(range(300))

    run(main())


def test_objects_that_are_dropped_close_themselves_and_say_so(run: Run) -> None:
    async def main() -> None:
        with pytest.warns(ResourceWarning, match="was not closed") as caught:
            server = await gamesockets.listen("127.0.0.1:0")
            one, two = await gamesockets.socket_pair()
            group = await gamesockets.poll_group()
            host = one.host
            del server, one, two, group
            while not host.closed:
                await asyncio.sleep(0)
        assert len([warning for warning in caught if warning.category is ResourceWarning]) == 4

    run(main())


def test_the_peer_of_a_dropped_connection_is_told_why(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server:
            connection = await gamesockets.connect(server.address)
            peer = await server.accept(LIMIT)
            with pytest.warns(ResourceWarning, match="was not closed"):
                del connection
                # A turn of the loop that is under way may hold it, in a circle.
                await asyncio.sleep(0)
                gc.collect()
                with pytest.raises(gamesockets.ConnectionClosed, match="collected without close") as closed:
                    await peer.receive(LIMIT)
            assert closed.value.reason == gamesockets.ConnectionEnd.APP_EXCEPTION_COLLECTED

    run(main())


def test_a_loop_that_is_closed_at_once_takes_everything_along() -> None:
    with Leftovers():
        loop = asyncio.new_event_loop()
        one, two = loop.run_until_complete(_pair())
        with pytest.warns(ResourceWarning):
            loop.close()
            del one, two


async def _pair() -> tuple[gamesockets.Connection, gamesockets.Connection]:
    return await gamesockets.socket_pair()
