"""Poll groups: the messages of many connections, in order of arrival."""

from __future__ import annotations

import asyncio
import warnings
import weakref
from collections import deque
from typing import TYPE_CHECKING

from gamesockets._asyncio.opening import Joined, Opening
from gamesockets._asyncio.signal import Signal
from gamesockets._errors import InvalidArgument, InvalidHandle, InvalidState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from gamesockets._asyncio.connection import Connection
    from gamesockets._asyncio.hub import Hub
    from gamesockets._native import Message

_BATCH = 1024
"""How many messages are taken over at once, and how many follow each other before other tasks have their turn."""


class Departures:
    """The connections of a `PollGroup` that have ended: see `PollGroup.ended`."""

    def __init__(self, group: PollGroup) -> None:
        """Note from now on who leaves."""
        self._group = group
        self._left: deque[Connection] = deque()
        group._departures.add(self)

    def __aiter__(self) -> Self:
        """Iterate over connections, until the group is closed."""
        return self

    async def __anext__(self) -> Connection:
        """Give the next connection that has ended."""
        self._group._check_loop()
        while not self._left:
            if self._group._is_closed:
                raise StopAsyncIteration
            await self._group._news.wait()
        return self._left.popleft()


class PollGroup:
    """Many connections that are read as one: ``async for message in group`` gives messages of all of them.

    ``message.connection`` says whose it is. One task serves thousands of connections. A connection that has ended stays
    until its messages were read, then it is closed and given by ``async for connection in group.ended()``. The group
    holds its connections; at the end of ``async with``, or with `close`, they leave it but stay open.
    """

    def __init__(self, host: Hub, handle: int) -> None:
        """Take over a handle; for this package only: `poll_group` makes groups."""
        self._is_closed = True
        self._host = host
        self._handle = handle
        self._connections: dict[int, Connection] = {}
        self._ending: dict[int, Connection] = {}
        # Who asks; without anybody, nobody is remembered.
        self._departures: weakref.WeakSet[Departures] = weakref.WeakSet()
        self._inbox: deque[Message] = deque()
        self._is_busy = False
        self._readable = Signal(host._loop, host._waiting)
        self._news = Signal(host._loop, host._waiting)
        host._groups[handle] = self
        host._join()
        self._is_closed = False

    def add(self, connection: Connection) -> None:
        """Read this connection with the group from now on, together with what waits.

        Raises `InvalidArgument` when it is of another host, and `ConnectionClosed`.
        """
        self._check_open()
        connection._check_open()
        if connection._host is not self._host:
            raise InvalidArgument(
                f"{connection!r} is of another host than this PollGroup: use the poll_group() of its own host"
            )
        if connection._group is self:
            return
        if connection._group is not None:
            connection._group.remove(connection)
        # The connection has read ahead.
        self._inbox.extend(connection._inbox)
        connection._inbox.clear()
        self._host._sockets.set_connection_poll_group(connection._handle, self._handle)
        self._connections[connection._handle] = connection
        connection._group = self
        self._readable.notify()
        self._connection_changed(connection, connection._handle)

    def remove(self, connection: Connection) -> None:
        """Let a connection leave the group; it stays open. Does nothing when it is not in the group."""
        self._check_open()
        if self._connections.pop(connection._handle, None) is None:
            return
        self._ending.pop(connection._handle, None)
        connection._group = None
        self._host._sockets.set_connection_poll_group(connection._handle, 0)
        self._inbox, mine = deque(), self._inbox
        for message in mine:
            (connection._inbox if message.connection is connection else self._inbox).append(message)

    @property
    def connections(self) -> list[Connection]:
        """Its connections."""
        return list(self._connections.values())

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._is_closed

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    def __contains__(self, connection: object) -> bool:
        """Whether a connection is in the group."""
        return getattr(connection, "_group", None) is self

    async def receive(self, timeout: float | None = None) -> Message:
        """Give the next message of any connection, when it has come.

        Raises `InvalidState` when the group is closed; ``TimeoutError`` after ``timeout`` seconds.
        """
        self._check_loop()
        if not self._inbox:
            await self._fill(timeout)
        return self._inbox.popleft()

    async def receive_many(self, max_messages: int = _BATCH, timeout: float | None = None) -> list[Message]:
        """Give all messages that have come, at least one and at most ``max_messages``: cheaper than one by one.

        Raises what `receive` raises.
        """
        self._check_loop()
        if max_messages < 1:
            raise InvalidArgument(f"{max_messages} messages were asked for: ask for 1 or more")
        if not self._inbox:
            await self._fill(timeout)
        return [self._inbox.popleft() for _ in range(min(max_messages, len(self._inbox)))]

    def __aiter__(self) -> Self:
        """Iterate over the messages, until the group is closed."""
        return self

    async def __anext__(self) -> Message:
        """Give the next message."""
        self._check_loop()
        if not self._inbox:
            try:
                await self._fill(None)
            except InvalidState:
                if self._is_closed:
                    raise StopAsyncIteration from None
                raise
        return self._inbox.popleft()

    def ended(self) -> Departures:
        """Give an iterator over the connections that end from now on, each once its messages were read.

        ``connection.end`` says why. Messages are read by `receive` and its like only: keep these going in another task.
        """
        self._check_open()
        return Departures(self)

    def close(self) -> None:
        """Let all connections leave the group, and end it. Closing twice does nothing."""
        if self._is_closed:
            return
        self._check_loop()
        for connection in self.connections:
            self.remove(connection)
        self._host._sockets.destroy_poll_group(self._handle)
        self._host._notifier.unwatch(self._handle)
        self._forget()
        self._host._leave()

    async def __aenter__(self) -> Self:
        """Give the group."""
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        await self._exit(error)

    def __repr__(self) -> str:
        """Tell how many connections there are."""
        return f"<PollGroup of {len(self)}{' (closed)' if self._is_closed else ''}>"

    def __del__(self) -> None:
        """End a group that nobody closed."""
        if getattr(self, "_is_closed", True):
            return
        warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=1)
        try:
            self._host._sockets.destroy_poll_group(self._handle)
            self._host._notifier.unwatch(self._handle)
        except (InvalidHandle, InvalidState):
            return
        self._host._leave_from_anywhere()

    # What follows is for the other classes of this package.

    async def _exit(self, error: BaseException | None) -> None:
        self.close()
        await self._host._end_by_itself()

    async def _fill(self, timeout: float | None) -> None:
        """Wait for messages, and take them over."""
        if self._host._unflushed:
            # What comes may be the answer to it.
            self._host._flush()
        if self._is_busy:
            # One batch after the other without a pause: others want to run, too.
            self._is_busy = False
            await asyncio.sleep(0)
        deadline = None if timeout is None else self._host._loop.time() + timeout
        is_busy = True
        while not self._inbox:
            self._check_open()
            messages = self._host._sockets._receive_of_group(self._handle, _BATCH, self._connections)
            if messages:
                self._is_busy = is_busy
                self._inbox.extend(messages)
                self._readable.notify()
                return
            self._close_ended()
            if not self._host._notifier.watch_messages(self._handle):
                is_busy = False
                await self._readable.wait(deadline)

    def _close_ended(self) -> None:
        """Close what has ended, now that nothing of it is left to read."""
        for connection in [*self._ending.values()]:
            connection.close()

    def _connection_changed(self, connection: Connection, handle: int) -> None:
        if connection._is_closed:
            connection._group = None
            self._connections.pop(handle, None)
            if self._ending.pop(handle, None) is not None:
                for departures in self._departures:
                    departures._left.append(connection)
                self._news.notify()
        elif connection._end is not None:
            self._ending[handle] = connection
            # The reader closes it.
            self._readable.notify()

    def _host_closed(self) -> None:
        if not self._is_closed:
            self._forget()
            self._host._leave()

    def _forget(self) -> None:
        self._host._groups.pop(self._handle, None)
        self._is_closed = True
        self._connections.clear()
        self._inbox.clear()
        self._readable.notify()
        self._news.notify()

    def _check_loop(self) -> None:
        self._host._check_loop()

    def _check_open(self) -> None:
        self._check_loop()
        if self._is_closed:
            raise InvalidState("this PollGroup is closed")


def grouping(host: Callable[[], Hub]) -> Opening[PollGroup]:
    """Make a poll group of a host."""

    async def open_() -> PollGroup:
        with Joined(host()) as here:
            return PollGroup(here, here._sockets.create_poll_group())

    return Opening(open_)
