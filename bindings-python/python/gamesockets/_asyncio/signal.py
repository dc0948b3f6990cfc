"""What tasks wait for: something that happens again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


class Signal:
    """Wakes every task that waits. It keeps nothing: who was woken looks whether what it waits for is there.

    So nothing gets lost when a task is cancelled, or when another one was faster.
    """

    __slots__ = ("_held", "_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop, held: set[asyncio.Future[None]]) -> None:
        """Keep the futures in ``held``, too: event loops do not hold the tasks that wait."""
        self._loop = loop
        self._held = held
        self._waiting: dict[asyncio.Future[None], None] | None = None

    async def wait(self, deadline: float | None = None) -> None:
        """Wait until `notify`; raise ``TimeoutError`` when the loop's clock reaches the deadline first."""
        future = self._loop.create_future()
        timer = None if deadline is None else self._loop.call_at(deadline, _time_out, future)
        if self._waiting is None:
            self._waiting = {}
        self._waiting[future] = None
        self._held.add(future)
        try:
            await future
        finally:
            self._held.discard(future)
            del self._waiting[future]
            if timer is not None:
                timer.cancel()

    def notify(self) -> None:
        """Wake all that wait."""
        for future in self._waiting or ():
            if not future.done():
                future.set_result(None)

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)


def _time_out(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_exception(TimeoutError("nothing came in time"))
