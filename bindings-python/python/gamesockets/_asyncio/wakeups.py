"""The file descriptor of a notifier, watched by an event loop."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Wakeups:
    """Calls back, in the loop, whenever a file descriptor becomes readable.

    Loops that wait for readiness are told of it. Others (the Proactor of Windows) have reads under way instead.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, fileno: int, callback: Callable[[], None]) -> None:
        """Begin to watch. The callback makes the descriptor unreadable again."""
        self._loop = loop
        self._callback = callback
        self._fileno = fileno
        self._reading: asyncio.Task[None] | None = None
        try:
            loop.add_reader(fileno, callback)
        except NotImplementedError:
            self._reading = loop.create_task(self._read(), name="gamesockets wake-ups")

    def stop(self) -> None:
        """Watch no longer. To be called before the descriptor is closed."""
        if self._reading is not None:
            self._reading.cancel()
        elif not self._loop.is_closed():
            self._loop.remove_reader(self._fileno)

    async def stopped(self) -> None:
        """Wait until nothing is left of it in the loop."""
        if self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading])

    async def _read(self) -> None:
        with socket.socket(fileno=_duplicate(self._fileno)) as receiver:
            receiver.setblocking(False)
            while await self._loop.sock_recv(receiver, 64):
                self._callback()


def _duplicate(fileno: int) -> int:
    """Make a descriptor of our own: the notifier closes its own one."""
    if hasattr(socket, "dup"):
        return int(socket.dup(fileno))
    return os.dup(fileno)
