"""Servers: listen sockets whose connections come by iteration."""

from __future__ import annotations

import asyncio
import warnings
import weakref
from collections import deque
from ipaddress import ip_address
from typing import TYPE_CHECKING

from gamesockets._asyncio.connection import Connection
from gamesockets._asyncio.group import PollGroup, grouping
from gamesockets._asyncio.opening import Joined, Opening
from gamesockets._asyncio.signal import Signal
from gamesockets._enums import ConnectionEnd, ConnectionState
from gamesockets._errors import ConnectionClosed, GamesocketsError, InvalidHandle, InvalidState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from gamesockets._asyncio.hub import Hub
    from gamesockets._records import ConnectionInfo


BACKLOG = 100
"""How many peers are connected before anybody asks for them, unless it is said otherwise: as asyncio's servers do."""


class Server:
    """A server: ``async for connection in server`` accepts the peers that knock, and gives each once it is connected.

    Up to ``backlog`` peers are connected before anybody asks for them; further ones wait until somebody iterates, up to
    their ``timeout_initial``. To refuse some of them, pass ``admit`` to `listen`: it is called with what is known about
    a peer (see `ConnectionInfo`) and answers True to let it in, False or a text for the peer's log to refuse it. What
    it raises is raised where the next peer is waited for. Or close a connection that was accepted.

    At the end of ``async with``, or with `close`, its connections are closed, too.
    """

    def __init__(
        self, host: Hub, handle: int, admit: Callable[[ConnectionInfo], bool | str] | None, backlog: int
    ) -> None:
        """Take over a listen socket; for this package only: `listen` makes servers."""
        self._is_closed = True
        self._host = host
        self._handle = handle
        self._admit = admit
        self._backlog = backlog
        # What `admit` raised while nobody waited.
        self._failure: Exception | None = None
        self._address = _from_this_machine(host._sockets.get_listen_socket_address(handle))
        self._knocking: dict[int, ConnectionInfo] = {}
        self._accepted: dict[int, Connection] = {}
        self._ready: deque[Connection] = deque()
        # Those that live are held; one that has ended belongs to whoever still looks at it.
        self._live: set[Connection] = set()
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._news = Signal(host._loop, host._waiting)
        host._servers[handle] = self
        host._join()
        self._is_closed = False

    @property
    def address(self) -> str:
        """Where it listens, as `connect` takes it on this machine.

        A server at ``"[::]:27015"`` or ``"0.0.0.0:27015"`` is at ``"127.0.0.1:27015"`` then. Others use an address that
        this machine has in their network, or the public one of a router that forwards the port.
        """
        return self._address

    @property
    def host(self) -> Hub:
        """The host it belongs to."""
        return self._host

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._is_closed

    @property
    def connections(self) -> list[Connection]:
        """The connections that came in here and were not closed."""
        return [connection for connection in self._connections if not connection.closed]

    async def accept(self, timeout: float | None = None) -> Connection:
        """Accept peers, and give the next that is connected.

        Raises `InvalidState` when the server is closed, and ``TimeoutError`` after ``timeout`` seconds.
        """
        self._host._check_loop()
        deadline = None if timeout is None else self._host._loop.time() + timeout
        while True:
            self._raise_failure()
            while self._knocking:
                self._accept_next()
            if self._is_closed:
                raise InvalidState("this Server is closed")
            while self._ready:
                connection = self._ready.popleft()
                end = connection.end
                if end is None or end[0] >= ConnectionEnd.APP_EXCEPTION_MIN or connection._has_unread():
                    return connection
                # It said goodbye before anybody met it, and left nothing.
                connection.close()
            await self._news.wait(deadline)

    def __aiter__(self) -> Self:
        """Iterate over connections."""
        return self

    async def __anext__(self) -> Connection:
        """Give the next connection; the end of the server is the end of the iteration."""
        try:
            return await self.accept()
        except InvalidState:
            if self._is_closed:
                raise StopAsyncIteration from None
            raise

    async def serve(self, handler: Callable[[Connection], Awaitable[object]]) -> None:
        """Run a handler for each peer, in a task of its own, until the server is closed and all handlers are done.

        A connection is closed when its handler is done. A handler may let `ConnectionClosed` pass; any other exception
        ends its own connection (reason 2000), and is told to the exception handler of the event loop. When this is
        cancelled, so are the handlers.
        """
        self._host._check_loop()
        tasks: set[asyncio.Task[None]] = set()
        try:
            async for connection in self:
                task = asyncio.ensure_future(self._attend(handler, connection))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            while tasks:
                await asyncio.wait(tasks)
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    def poll_group(self) -> Opening[PollGroup]:
        """Make a `PollGroup` for connections of this server."""
        return grouping(lambda: self._host)

    def close(self, reason: int = 0, debug: str = "the server was closed") -> None:
        """Free the port, and close the connections that came in here. Closing twice does nothing."""
        if self._is_closed:
            return
        self._host._check_loop()
        for connection in [*self._connections]:
            connection.close(reason, debug)
        for handle in [*self._knocking]:
            self._refuse(handle, debug)
        if not self._host._is_transient:
            self._host._sockets.close_listen_socket(self._handle)
        # Else the port goes with the host, which gives closed connections time to deliver.
        self._forget()
        self._host._leave()

    async def __aenter__(self) -> Self:
        """Give the server."""
        self._host._check_loop()
        if self._is_closed:
            raise InvalidState("this Server is closed")
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
        """Name the address."""
        return f"<Server {self._address}{' (closed)' if self._is_closed else ''}>"

    def __del__(self) -> None:
        """Free the port of a server that nobody closed."""
        if getattr(self, "_is_closed", True):
            return
        warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=1)
        try:
            self._host._sockets.close_listen_socket(self._handle)
        except (InvalidHandle, InvalidState):
            return
        self._host._leave_from_anywhere()

    # What follows is for the other classes of this package.

    async def _exit(self, error: BaseException | None) -> None:
        if isinstance(error, Exception):
            self.close(ConnectionEnd.APP_EXCEPTION_GENERIC, type(error).__name__)
        else:
            self.close()
        await self._host._end_by_itself()

    async def _attend(self, handler: Callable[[Connection], Awaitable[object]], connection: Connection) -> None:
        try:
            async with connection:
                await handler(connection)
        except ConnectionClosed:
            return
        except Exception as error:
            self._host._loop.call_exception_handler(
                {"message": f"the handler of a connection to {self!r} failed", "exception": error}
            )

    def _knocked(self, handle: int, info: ConnectionInfo) -> None:
        self._knocking[handle] = info
        self._fill_backlog()
        self._news.notify()

    def _went(self, handle: int) -> None:
        self._knocking.pop(handle, None)

    def _fill_backlog(self) -> None:
        """Let in those who knock, as far as they may wait inside."""
        try:
            while self._knocking and self._failure is None and len(self._accepted) + len(self._ready) < self._backlog:
                self._accept_next()
        except Exception as error:
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            try:
                raise failure
            finally:
                # No circle of the exception and the frame that has it.
                del failure

    def _accept_next(self) -> None:
        """Let in who has knocked first, unless `admit` says otherwise."""
        handle, info = next(iter(self._knocking.items()))
        answer = self._admitted(handle, info)
        if self._is_closed:
            # By `admit`.
            return
        if answer is not True:
            self._refuse(handle, answer or "refused")
            return
        del self._knocking[handle]
        try:
            self._host._sockets.accept_connection(handle)
        except GamesocketsError:
            # It is gone, or cannot agree with us on a cipher: its concern, not the server's.
            self._drop(handle)
            return
        connection = Connection(self._host, handle, ConnectionState.CONNECTING, self)
        self._connections.add(connection)
        self._live.add(connection)
        self._accepted[handle] = connection

    def _admitted(self, handle: int, info: ConnectionInfo) -> bool | str:
        if self._admit is None:
            return True
        try:
            answer = self._admit(info)
            if isinstance(answer, (bool, str)):
                return answer
            raise TypeError(f"admit is to answer True, False or a text, not {answer!r}; it cannot be a coroutine")
        except BaseException:
            self._refuse(handle, "refused")
            raise

    def _refuse(self, handle: int, debug: str) -> None:
        # It is not there any more when `admit` has closed the server.
        if self._knocking.pop(handle, None) is not None:
            self._drop(handle, debug)

    def _drop(self, handle: int, debug: str = "") -> None:
        try:
            self._host._sockets.close_connection(handle, ConnectionEnd.APP_GENERIC, debug)
        except InvalidHandle:
            return

    def _connection_changed(self, connection: Connection, handle: int) -> None:
        """Look whether a connection that was accepted has come about, and whether it has ended."""
        has_ended = connection._end is not None
        if has_ended:
            self._live.discard(connection)
        if handle in self._accepted:
            if connection._was_connected:
                del self._accepted[handle]
                self._ready.append(connection)
                self._news.notify()
            elif has_ended:
                del self._accepted[handle]
                connection.close()

    def _host_closed(self) -> None:
        if not self._is_closed:
            self._forget()
            self._host._leave()

    def _forget(self) -> None:
        self._host._servers.pop(self._handle, None)
        self._is_closed = True
        self._ready.clear()
        self._live.clear()
        self._knocking.clear()
        if self._failure is not None:
            # Nobody else will hear of it.
            context = {"message": f"`admit` of {self!r} failed", "exception": self._failure}
            self._failure = None
            self._host._loop.call_exception_handler(context)
        self._news.notify()


def _from_this_machine(address: str) -> str:
    """Replace the address of all interfaces, which nobody can connect to."""
    host, _, port = address.rpartition(":")
    return f"127.0.0.1:{port}" if ip_address(host.strip("[]")).is_unspecified else address


def listening(
    host: Callable[[], Hub],
    address: str,
    admit: Callable[[ConnectionInfo], bool | str] | None,
    backlog: int,
    options: Mapping[str, object],
) -> Opening[Server]:
    """Listen as a host."""

    async def open_() -> Server:
        with Joined(host()) as here:
            handle = here._sockets.create_listen_socket_ip(address, **options)  # type: ignore[arg-type]
            return Server(here, handle, admit, backlog)

    return Opening(open_)
