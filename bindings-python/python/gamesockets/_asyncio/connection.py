"""Connections: messages in order of arrival, sends that wait for room."""

from __future__ import annotations

import asyncio
import warnings
from asyncio import get_running_loop
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, Protocol

from gamesockets._asyncio.ends import closed, refusal
from gamesockets._asyncio.signal import Signal
from gamesockets._enums import ConnectionEnd, ConnectionState, SendFlags
from gamesockets._errors import (
    ConnectionClosed,
    GamesocketsError,
    InvalidArgument,
    InvalidHandle,
    InvalidState,
    WouldBlock,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from typing_extensions import Buffer, Self

    from gamesockets._asyncio.hub import Hub
    from gamesockets._native import Message
    from gamesockets._records import ConnectionInfo, LaneStatus, LifetimeStatistics, RealTimeStatus

_BATCH = 256
"""How many messages are taken over at once, and how many follow each other before other tasks have their turn."""

_UNRELIABLE = int(SendFlags.UNRELIABLE)
_RELIABLE = int(SendFlags.RELIABLE)
_NO_DELAY = int(SendFlags.NO_DELAY)
_ENDED = (ConnectionState.CLOSED_BY_PEER, ConnectionState.PROBLEM_DETECTED_LOCALLY)


class Observer(Protocol):
    """Who is told of each change of a connection: the server by which it came in."""

    def _connection_changed(self, connection: Connection, handle: int) -> None: ...


class Membership(Observer, Protocol):
    """The poll group that reads a connection."""

    def remove(self, connection: Connection) -> None: ...


class Connection:
    """A connection to a peer: send and receive messages, best within ``async with``, which closes it at the end.

    ``async for message in connection`` gives the messages until the connection ends; it raises `ConnectionClosed` when
    that was no ordinary end (reasons 1000 to 1999). Coroutines may be cancelled at any time: no message gets lost.
    Several tasks may send and receive at once. Every method but the properties belongs to the event loop of the host.
    """

    __slots__ = (
        "__weakref__",
        "_changed",
        "_end",
        "_group",
        "_handle",
        "_host",
        "_inbox",
        "_is_busy",
        "_is_closed",
        "_is_prompt",
        "_is_unflushed",
        "_loop",
        "_readable",
        "_send",
        "_server",
        "_state",
        "_take",
        "_was_connected",
        "_writable",
    )

    def __init__(self, host: Hub, handle: int, state: ConnectionState, server: Observer | None = None) -> None:
        """Take over a handle; for this package only: `connect`, a server or `socket_pair` make connections."""
        self._is_closed = True
        self._host = host
        self._loop = host._loop
        self._handle = handle
        self._state = state
        self._server = server
        self._end: tuple[ConnectionEnd, str] | None = None
        self._inbox: deque[Message] = deque()
        self._is_busy = False
        self._is_prompt = False
        self._is_unflushed = False
        self._was_connected = state is ConnectionState.CONNECTED
        self._group: Membership | None = None
        self._send = host._sockets.send_message_to_connection
        self._take = host._sockets._receive
        self._readable = Signal(host._loop, host._waiting)
        self._writable = Signal(host._loop, host._waiting)
        self._changed = Signal(host._loop, host._waiting)
        host._connections[handle] = self
        host._join()
        self._is_closed = False

    # Sending

    async def send(
        self,
        payload: Buffer,
        *,
        reliable: bool = True,
        lane: int = 0,
        nagle: bool = False,
        deadline: float | None = None,
        replace_key: int | None = None,
    ) -> int:
        """Queue a message of at most 512 KiB, once there is room in the send buffer; give its number on its lane.

        While there is room, other tasks do not get their turn. Reliable messages arrive once and in order within their
        lane; unreliable ones at most once. What is sent in one turn of the event loop leaves together at its end (but
        the first answer to a message that came alone, at once); with ``nagle`` a small message waits longer for others,
        up to ``nagle_time`` (an option). An unreliable message that could not leave within ``deadline`` seconds is
        dropped, and it replaces one that still waits with the same ``replace_key``.

        Raises `ConnectionClosed`, `MessageTooLarge` and `InvalidArgument` (no such lane).
        """
        if get_running_loop() is not self._loop:
            self._host._check_loop()
        flags = _RELIABLE if reliable else _UNRELIABLE
        while True:
            try:
                if deadline is None and replace_key is None:
                    number = self._send(self._handle, payload, flags, lane=lane)
                else:
                    number = self._send(
                        self._handle, payload, flags, lane=lane, deadline=deadline, replace_key=replace_key
                    )
            except WouldBlock:
                await self.drain()
                continue
            except (InvalidHandle, InvalidState) as error:
                self._fail(error)
            if not nagle and not self._is_unflushed:
                self._flush_soon()
            return number

    def send_nowait(
        self,
        payload: Buffer,
        *,
        reliable: bool = True,
        lane: int = 0,
        nagle: bool = False,
        no_delay: bool = False,
        deadline: float | None = None,
        replace_key: int | None = None,
    ) -> int:
        """Queue a message as `send` does, but raise `WouldBlock` when there is no room; then wait with `drain`.

        With ``no_delay``, a message that cannot leave almost at once is not sent: this raises `GamesocketsError` with
        the result ``IGNORED``, or `NotConnected`.
        """
        self._host._check_loop()
        flags = (_RELIABLE if reliable else _UNRELIABLE) | (_NO_DELAY if no_delay else 0)
        try:
            number = self._send(self._handle, payload, flags, lane=lane, deadline=deadline, replace_key=replace_key)
        except (InvalidHandle, InvalidState) as error:
            self._fail(error)
        if not nagle and not self._is_unflushed:
            self._flush_soon()
        return number

    async def drain(self, timeout: float | None = None) -> None:
        """Wait until a send that was refused with `WouldBlock` may be tried again; at once when none was.

        Raises `ConnectionClosed`, and ``TimeoutError`` after ``timeout`` seconds.
        """
        self._host._check_loop()
        deadline = self._deadline(timeout)
        try:
            while not self._host._notifier.watch_writable(self._handle):
                await self._writable.wait(deadline)
        except (InvalidHandle, InvalidState) as error:
            self._fail(error)

    def flush(self) -> None:
        """Send at once what was sent, without waiting for others. Raises `ConnectionClosed` and `NotConnected`."""
        self._host._check_loop()
        self._check_open()
        self._host._sockets.flush_messages_on_connection(self._handle)

    # Receiving

    async def receive(self, timeout: float | None = None) -> Message:
        """Give the next message, when it has come.

        Raises `ConnectionClosed` when the connection has ended and everything was read; ``TimeoutError`` after
        ``timeout`` seconds.
        """
        if get_running_loop() is not self._loop:
            self._host._check_loop()
        if not self._inbox:
            await self._fill(timeout)
        return self._inbox.popleft()

    async def receive_many(self, max_messages: int = _BATCH, timeout: float | None = None) -> list[Message]:
        """Give all messages that have come, at least one and at most ``max_messages``: cheaper than one by one.

        Raises what `receive` raises.
        """
        self._host._check_loop()
        if max_messages < 1:
            raise InvalidArgument(f"{max_messages} messages were asked for: ask for 1 or more")
        inbox = self._inbox
        if not inbox:
            await self._fill(timeout)
        if len(inbox) <= max_messages:
            messages = list(inbox)
            inbox.clear()
            return messages
        return [inbox.popleft() for _ in range(max_messages)]

    def __aiter__(self) -> Self:
        """Iterate over the messages."""
        return self

    async def __anext__(self) -> Message:
        """Give the next message."""
        if get_running_loop() is not self._loop:
            self._host._check_loop()
        if not self._inbox:
            try:
                await self._fill(None)
            except ConnectionClosed as end:
                if self._is_closed or ConnectionEnd.APP_MIN <= end.reason <= ConnectionEnd.APP_MAX:
                    raise StopAsyncIteration from None
                raise
        return self._inbox.popleft()

    # What is known

    @property
    def info(self) -> ConnectionInfo:
        """The peer, the state, why it ended. Raises `ConnectionClosed` when it was closed here."""
        self._check_open()
        return self._host._sockets.get_connection_info(self._handle)

    @property
    def host(self) -> Hub:
        """The host it belongs to."""
        return self._host

    @property
    def handle(self) -> int:
        """Its handle in the plain layer; 0 when it was closed here."""
        return self._handle

    @property
    def state(self) -> ConnectionState:
        """The state, as far as this event loop has heard of it; ``NONE`` when it was closed here."""
        return self._state

    @property
    def closed(self) -> bool:
        """Whether it was closed here."""
        return self._is_closed

    @property
    def end(self) -> tuple[ConnectionEnd, str] | None:
        """Why it ended, and the text for logs that goes with it; None while it has not."""
        if self._end is None and not self._is_closed:
            # A call may have failed for it before the event loop has heard of it.
            info = self._host._sockets.get_connection_info(self._handle)
            if info["connection_state"] in _ENDED:
                self._end = (info["end_reason"], info["end_debug"])
        return self._end

    @property
    def user_data(self) -> int:
        """A number to attach to the connection, which its info and events show; -1 unless set."""
        self._check_open()
        return self._host._sockets.get_connection_user_data(self._handle)

    @user_data.setter
    def user_data(self, value: int) -> None:
        self._check_open()
        self._host._sockets.set_connection_user_data(self._handle, value)

    @property
    def name(self) -> str:
        """A label for logs, empty unless set."""
        self._check_open()
        return self._host._sockets.get_connection_name(self._handle)

    @name.setter
    def name(self, value: str) -> None:
        self._check_open()
        self._host._sockets.set_connection_name(self._handle, value)

    def status(self) -> RealTimeStatus:
        """Tell how it is doing right now: ping (ms), quality, rates (bytes/s) and what waits to be sent (bytes)."""
        self._check_open()
        return self._host._sockets.get_connection_real_time_status(self._handle)["connection_status"]

    def lane_status(self, lanes: int) -> list[LaneStatus]:
        """Tell how its first so many lanes are doing. Raises `InvalidArgument` when there are fewer."""
        self._check_open()
        return self._host._sockets.get_connection_real_time_status(self._handle, lanes)["lanes_status"]

    def statistics(self) -> LifetimeStatistics:
        """Tell how it did over its whole life."""
        self._check_open()
        return self._host._sockets.get_connection_lifetime_statistics(self._handle)

    def set_lanes(self, priorities: Sequence[int], weights: Sequence[int] | None = None) -> None:
        """Send on as many lanes as there are priorities; there may be 255, and never fewer than before.

        Lanes with a lower number go first; those of equal priority share by weight (1 to 65535; equal unless given).
        Raises `InvalidArgument` and `ConnectionClosed`.
        """
        self._check_open()
        weights = [1] * len(priorities) if weights is None else weights
        self._host._sockets.configure_connection_lanes(self._handle, len(priorities), priorities, weights)

    # The end

    def close(self, reason: int = 0, debug: str = "", *, linger: bool = False) -> None:
        """End the connection. What was not read is dropped. Closing twice does nothing.

        The peer is told the reason: 1000 to 1999 for ordinary ends (0 stands for 1000), 2000 to 2999 for others; and
        ``debug``, a text for its log of at most 127 bytes. With ``linger``, what was sent reliably is delivered first.
        Who waits for the connection gets `ConnectionClosed`.
        """
        if self._is_closed:
            return
        self._host._check_loop()
        sockets, handle = self._host._sockets, self._handle
        if self._is_unflushed:
            self._flush_now()
        linger = linger and self._has_undelivered()
        self._host._lingers |= linger
        sockets.close_connection(handle, reason, debug, linger)
        if self._end is None:
            self._end = (ConnectionEnd(reason or ConnectionEnd.APP_GENERIC), debug or "closed here")
        self._forget()
        self._host._notifier.unwatch(handle)
        self._host._leave()

    async def wait_closed(self) -> None:
        """Wait until the connection has ended, by whomever."""
        self._host._check_loop()
        while self._end is None:
            await self._changed.wait()

    async def __aenter__(self) -> Self:
        """Give the connection."""
        self._host._check_loop()
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it, and deliver what was sent reliably; after an exception, end it at once with reason 2000."""
        await self._exit(error)

    def __repr__(self) -> str:
        """Name the handle and the state."""
        return f"<Connection {self._handle:#010x} {self._state.name}>"

    def __del__(self) -> None:
        """Close the handle of a connection that nobody closed."""
        if getattr(self, "_is_closed", True):
            return
        host, handle = self._host, self._handle
        if self._end is None:
            warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=1)
        try:
            host._sockets.close_connection(handle, ConnectionEnd.APP_EXCEPTION_COLLECTED, "collected without close")
            host._notifier.unwatch(handle)
        except (InvalidHandle, InvalidState):
            return
        host._leave_from_anywhere()

    # What follows is for the other classes of this package.

    async def _until_connected(self, address: str, deadline: float | None) -> None:
        while not self._was_connected:
            if self._end is not None:
                raise refusal(address, *self._end)
            try:
                await self._changed.wait(deadline)
            except TimeoutError:
                raise refusal(address, ConnectionEnd.MISC_TIMEOUT, "Timed out attempting to connect") from None

    async def _fill(self, timeout: float | None) -> None:
        """Wait for messages, and take them over."""
        if self._is_unflushed:
            # What comes may be the answer to it.
            self._flush_now()
        if self._is_busy:
            # One batch after the other without a pause: others want to run, too.
            self._is_busy = False
            await asyncio.sleep(0)
        deadline = self._deadline(timeout)
        is_busy = True
        while not self._inbox:
            try:
                messages = self._take(self._handle, _BATCH, self)
                if messages:
                    self._is_busy = is_busy
                    # A question by itself: its answer need not wait for others.
                    self._is_prompt = not is_busy and len(messages) == 1
                    self._inbox.extend(messages)
                    self._readable.notify()
                    return
                if self._host._notifier.watch_messages(self._handle):
                    continue
            except (InvalidHandle, InvalidState) as error:
                self._fail(error)
            is_busy = False
            await self._readable.wait(deadline)

    def _has_unread(self) -> bool:
        """Whether messages wait to be read; some of them are taken over."""
        if not self._inbox:
            self._inbox.extend(self._take(self._handle, _BATCH, self))
        return bool(self._inbox)

    async def _exit(self, error: BaseException | None) -> None:
        if isinstance(error, Exception):
            self.close(ConnectionEnd.APP_EXCEPTION_GENERIC, type(error).__name__)
        else:
            self.close(linger=error is None)
        await self._host._end_by_itself()

    def _changed_to(self, info: ConnectionInfo) -> None:
        """Take an event."""
        self._state = info["connection_state"]
        if self._state is ConnectionState.CONNECTED:
            self._was_connected = True
        elif self._state in _ENDED:
            self._end = (info["end_reason"], info["end_debug"])
        self._tell(self._handle)

    def _host_closed(self) -> None:
        if not self._is_closed:
            self._end = self._end or (ConnectionEnd.APP_EXCEPTION_GENERIC, "the host was closed")
            self._forget()
            self._host._leave()

    def _forget(self) -> None:
        """Let go of what a closed connection does not need, and wake everybody."""
        handle, self._handle = self._handle, 0
        self._host._connections.pop(handle, None)
        self._is_closed = True
        self._state = ConnectionState.NONE
        self._inbox.clear()
        self._readable.notify()
        self._writable.notify()
        self._tell(handle)

    def _tell(self, handle: int) -> None:
        """Wake who waits for another state."""
        self._changed.notify()
        for observer in (self._server, self._group):
            if observer is not None:
                observer._connection_changed(self, handle)

    def _flush_soon(self) -> None:
        """Let leave together what is sent until the tasks whose turn it is have had it."""
        if self._is_prompt:
            self._is_prompt = False
            self._flush_now()
            return
        self._is_unflushed = True
        unflushed = self._host._unflushed
        if not unflushed:
            self._loop.call_soon(self._host._flush)
        unflushed.append(self)

    def _flush_now(self) -> None:
        self._is_unflushed = False
        # It may not be connected yet, or not any more.
        with suppress(GamesocketsError):
            self._host._sockets.flush_messages_on_connection(self._handle)

    def _has_undelivered(self) -> bool:
        status = self._host._sockets.get_connection_real_time_status(self._handle)["connection_status"]
        return status["pending_reliable"] + status["sent_unacknowledged_reliable"] > 0

    def _deadline(self, timeout: float | None) -> float | None:
        return None if timeout is None else self._loop.time() + timeout

    def _check_open(self) -> None:
        if self._is_closed:
            raise closed(self._end)

    def _fail(self, error: Exception) -> NoReturn:
        """Say that it is closed if that is why a call failed."""
        if self._is_closed:
            raise closed(self._end) from None
        raise error
