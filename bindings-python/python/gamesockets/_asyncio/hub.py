"""What the objects of an identity share: its sockets, its wake-ups, and who of them is told of what."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, Protocol

from gamesockets._asyncio.wakeups import Wakeups
from gamesockets._enums import ConnectionState
from gamesockets._errors import InvalidHandle, InvalidState, WrongLoop
from gamesockets._native import Notifier, Sockets
from gamesockets._records import ConnectionStatusChanged

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from gamesockets._asyncio.signal import Signal
    from gamesockets._records import ConfigOptions, ConnectionInfo

_EVENTS_AT_ONCE = 512
"""After so many events, others have their turn in the loop."""


class AnyConnection(Protocol):
    """What a hub knows of a connection."""

    _readable: Signal
    _writable: Signal
    _is_unflushed: bool

    def _flush_now(self) -> None: ...
    def _changed_to(self, info: ConnectionInfo) -> None: ...
    def _host_closed(self) -> None: ...


class AnyServer(Protocol):
    """What a hub knows of a server."""

    def _knocked(self, handle: int, info: ConnectionInfo) -> None: ...
    def _went(self, handle: int) -> None: ...
    def _host_closed(self) -> None: ...


class AnyGroup(Protocol):
    """What a hub knows of a poll group."""

    _readable: Signal

    def _host_closed(self) -> None: ...


class Hub:
    """What the servers, connections and poll groups of a `Host` share: its options and its one I/O thread.

    Every hub is a `Host`, which adds the ways to open something.
    """

    def __init__(
        self,
        identity: int | str | None = None,
        *,
        trace_directory: str | PathLike[str] | None = None,
        trace_size_limit: int | None = None,
        **options: Unpack[ConfigOptions],
    ) -> None:
        """Start the host, within a running event loop.

        ``identity`` is a SteamID (int) or a text such as ``"str:alice"``; without it peers know us by our address.
        Options are named as in `ConfigOptions`; connections and servers inherit them. With ``trace_directory``, each
        connection writes what happens to it there, up to ``trace_size_limit`` bytes.

        Raises `InvalidArgument`, which suggests the nearest name for an option that does not exist.
        """
        self._loop = running_loop("make a Host")
        self._sockets = Sockets(identity, trace_directory=trace_directory, trace_size_limit=trace_size_limit, **options)
        self._notifier = Notifier(self._sockets)
        # The objects belong to those who use them; one that is dropped instead of closed closes itself.
        self._connections: weakref.WeakValueDictionary[int, AnyConnection] = weakref.WeakValueDictionary()
        self._servers: weakref.WeakValueDictionary[int, AnyServer] = weakref.WeakValueDictionary()
        self._groups: weakref.WeakValueDictionary[int, AnyGroup] = weakref.WeakValueDictionary()
        self._unflushed: list[AnyConnection] = []
        self._waiting: set[asyncio.Future[None]] = set()
        self._ends: asyncio.Future[None] | None = None
        self._closing: threading.Thread | None = None
        self._users = 0
        self._dropped = False
        self._is_transient = False
        self._lingers = False
        self._wakeups = Wakeups(self._loop, self._notifier.fileno(), self._wake_up)
        self._take_events()

    @property
    def sockets(self) -> Sockets:
        """The plain layer beneath: certificates, options at any scope, logs. Leave the events to the host."""
        return self._sockets

    @property
    def identity(self) -> str:
        """Who we are, as text."""
        return self._sockets.get_identity()

    @property
    def time(self) -> int:
        """The clock of this host, microseconds: what ``Message.time_received`` is measured by."""
        return self._sockets.get_local_timestamp()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._ends is not None

    async def close(self) -> None:
        """Close all servers and connections, and wait until closed ones have delivered: at most a second.

        Peers of connections that are still open see reason 2999. Closing twice does nothing.
        """
        self._check_loop()
        self._shut_down()
        if self._ends is not None:
            await asyncio.shield(self._ends)
        await self._wakeups.stopped()

    async def __aenter__(self) -> Self:
        """Give the host."""
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.close()

    def __repr__(self) -> str:
        """Name the identity."""
        return "<Host (closed)>" if self.closed or self._sockets.closed else f"<Host {self.identity}>"

    # What follows is for the other classes of this package.

    def _check_loop(self) -> None:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is not self._loop:
            raise WrongLoop(
                f"{self!r} belongs to another event loop: use it in the loop in which it was made, "
                "or hand the call over with asyncio.run_coroutine_threadsafe"
            )

    def _check_open(self) -> None:
        self._check_loop()
        if self.closed:
            raise InvalidState("this Host is closed")

    def _join(self) -> None:
        self._users += 1

    def _leave(self) -> None:
        """One object less; a host that was made by itself goes with the last."""
        self._users -= 1
        if self._users == 0 and self._is_transient:
            self._shut_down()

    def _leave_from_anywhere(self) -> None:
        """Do the same when an object was dropped, on whatever thread."""
        self._dropped = True
        try:
            self._loop.call_soon_threadsafe(self._leave)
        except RuntimeError:
            # The loop has ended; nobody waits for anything any more.
            self._sockets.close()

    async def _end_by_itself(self) -> None:
        """Wait for the end of a host that was made by itself, if it has lost its last object."""
        if not self._is_transient:
            return
        if self._dropped:
            # They leave in the next turn.
            self._dropped = False
            await asyncio.sleep(0)
        if self.closed:
            await self.close()

    def _flush(self) -> None:
        """Let leave what was sent in this turn of the loop."""
        self._unflushed, connections = [], self._unflushed
        for connection in connections:
            if connection._is_unflushed:
                connection._flush_now()

    def _wake_up(self) -> None:
        """Somebody's turn has come: once per burst, not once per message."""
        if self.closed:
            return
        events, readable, writable = self._notifier.take()
        for handle in readable:
            source = self._connections.get(handle) or self._groups.get(handle)
            if source is not None:
                source._readable.notify()
        for handle in writable:
            connection = self._connections.get(handle)
            if connection is not None:
                connection._writable.notify()
        if events:
            self._take_events()

    def _take_events(self) -> None:
        for _ in range(_EVENTS_AT_ONCE):
            if self.closed:
                # Perhaps by what an event has led to.
                return
            event = self._sockets.poll_event()
            if isinstance(event, ConnectionStatusChanged):
                self._dispatch(event)
            elif event is None and not self._notifier.watch_events():
                return
        self._loop.call_soon(self._take_events)

    def _dispatch(self, event: ConnectionStatusChanged) -> None:
        handle, info, _ = event
        connection = self._connections.get(handle)
        if connection is not None:
            connection._changed_to(info)
            return
        server = self._servers.get(info["listen_socket"])
        if server is not None and info["connection_state"] is ConnectionState.CONNECTING:
            server._knocked(handle, info)
        elif info["connection_state"] in (ConnectionState.CLOSED_BY_PEER, ConnectionState.PROBLEM_DETECTED_LOCALLY):
            if server is not None:
                server._went(handle)
            with contextlib.suppress(InvalidHandle):
                self._sockets.close_connection(handle)

    def _shut_down(self) -> None:
        """Close everything. What takes time happens on a thread, which tells when it is done."""
        if self._ends is not None:
            return
        self._ends = self._loop.create_future()
        self._wakeups.stop()
        self._notifier.close()
        for server in [*self._servers.values()]:
            server._host_closed()
        for group in [*self._groups.values()]:
            group._host_closed()
        for connection in [*self._connections.values()]:
            connection._host_closed()
        if self._lingers:
            self._closing = threading.Thread(target=self._deliver, name="gamesockets closing")
            self._closing.start()
        else:
            self._sockets.close()
            self._ends.set_result(None)

    def _deliver(self) -> None:
        self._sockets.close()
        try:
            self._loop.call_soon_threadsafe(self._delivered)
        except RuntimeError:
            # The loop did not wait.
            return

    def _delivered(self) -> None:
        if self._closing is not None:
            # It has nothing left to do.
            self._closing.join()
            self._closing = None
        if self._ends is not None and not self._ends.done():
            self._ends.set_result(None)


def running_loop(what: str) -> asyncio.AbstractEventLoop:
    """Give the running loop, or say what it is needed for."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise InvalidState(f"to {what}, an event loop has to run: do it in a coroutine") from None
