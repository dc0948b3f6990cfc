"""Event loops for tests: each of them is left with no task, object, thread or descriptor behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from gamesockets import Connection, ConnectionClosed, Host, Message, PollGroup, Server, Sockets
from support import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_T = TypeVar("_T")
_OURS = (Connection, Host, Message, PollGroup, Server, Sockets)


class LoopWithoutReadiness(asyncio.SelectorEventLoop):
    """A loop that, as the Proactor of Windows, tells of finished reads only, not of readiness."""

    def add_reader(self, *_: object) -> None:
        """Refuse."""
        raise NotImplementedError


def factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Name the loops that there are here."""
    found: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
        "asyncio": asyncio.new_event_loop,
        "without readiness": LoopWithoutReadiness,
    }
    try:
        import uvloop
    except ImportError:
        return found
    return {**found, "uvloop": uvloop.new_event_loop}


class Run:
    """Runs a coroutine in a loop of its own, in debug mode, and looks at what remains."""

    def __init__(self, factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
        """Make a loop once: what it keeps for all later ones is not left by a test."""
        self.factory = factory
        factory().close()

    def __call__(self, main: Coroutine[Any, Any, _T]) -> _T:
        """Run it to its end."""
        with Leftovers():
            return self.careless(main)

    def careless(self, main: Coroutine[Any, Any, _T]) -> _T:
        """Run it as `asyncio.run` does, and let objects remain; but no failure goes unheard, and no task."""
        loop = self.factory()
        loop.set_debug(True)
        problems: list[dict[str, Any]] = []
        loop.set_exception_handler(lambda _, context: problems.append(context))
        try:
            result = loop.run_until_complete(asyncio.wait_for(main, 60))
            # What was cancelled at last has its turn.
            loop.run_until_complete(asyncio.sleep(0))
            tasks = asyncio.all_tasks(loop)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        assert problems == [], problems
        assert tasks == set()
        return result


class Leftovers:
    """Fails when something is left at the end that was not there at the beginning."""

    def __init__(self, limit: float = LIMIT) -> None:
        """Wait at most so long for it to go, seconds."""
        self.limit = limit

    def __enter__(self) -> None:
        """Remember what there is."""
        gc.collect()
        self.before = counts()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Compare."""
        if kind is not None:
            return
        # A host whose closing was cancelled delivers what was sent nevertheless: on a thread, for at most a second.
        deadline = time.monotonic() + self.limit
        while (left := self.left()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert left == [], left

    def left(self) -> list[str]:
        """Name what is there now and was not before.

        There may be less: a thread that has been joined may still have been in Linux's list when we began, beside other
        load for many milliseconds.
        """
        # What a finalizer brings back to life is collected by the second call.
        gc.collect()
        gc.collect()
        more = [f"{now} {what}, not {self.before[what]}" for what, now in counts().items() if now > self.before[what]]
        return more + [repr(found) for found in gc.get_objects() if isinstance(found, _OURS)]


def counts() -> dict[str, int]:
    """Count threads, and on Linux those of the library and open descriptors, too."""
    found = {"Python's threads": threading.active_count()}
    if sys.platform == "linux":
        found["threads"] = len(os.listdir("/proc/self/task"))
        found["descriptors"] = len(os.listdir("/proc/self/fd"))
    return found


async def echo(server: Server) -> None:
    """Send everything back, on the lane it came by, to all connections, until the server is closed."""
    async with server.poll_group() as group:

        async def accept() -> None:
            async for connection in server:
                group.add(connection)

        accepting = asyncio.ensure_future(accept())
        try:
            async for message in group:
                with contextlib.suppress(ConnectionClosed):
                    await message.connection.send(message.payload, reliable=message.reliable)
        finally:
            accepting.cancel()
            await asyncio.gather(accepting, return_exceptions=True)


class Background:
    """A task that runs for the time of an ``async with``, and is cancelled at its end."""

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        """Keep the work."""
        self.work = work

    async def __aenter__(self) -> asyncio.Task[None]:
        """Begin."""
        self.task = asyncio.ensure_future(self.work)
        return self.task

    async def __aexit__(self, *_: object) -> None:
        """End; what failed in it is told."""
        self.task.cancel()
        await asyncio.wait([self.task])
        if not self.task.cancelled():
            self.task.result()
