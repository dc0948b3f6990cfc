"""Servers: listen sockets whose connections come by iteration."""

from __future__ import annotations

import warnings
import weakref
from collections import deque
from typing import TYPE_CHECKING

from gamesockets._asyncio.connection import Connection
from gamesockets._asyncio.signal import Signal
from gamesockets._enums import ConnectionEnd, ConnectionState
from gamesockets._errors import GamesocketsError, InvalidHandle, InvalidState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from gamesockets._asyncio.group import PollGroup
    from gamesockets._asyncio.host import Host
    from gamesockets._asyncio.opening import Opening
    from gamesockets._records import ConnectionInfo


class Server:
    """A server: ``async for connection in server`` accepts the peers that knock, and gives each once it is connected.

    Peers wait until somebody iterates, up to their ``timeout_initial``. To refuse some of them, pass ``admit`` to
    `listen`: it is called with what is known about a peer (see `ConnectionInfo`) and answers True to let it in, False
    or a text for the peer's log to refuse it. Or close a connection that was accepted.

    At the end of ``async with``, or with `close`, its connections are closed, too.
    """

    def __init__(self, host: Host, handle: int, admit: Callable[[ConnectionInfo], bool | str] | None) -> None:
        """Take over a listen socket; for this package only: `listen` makes servers."""
        self._is_closed = True
        self._host = host
        self._handle = handle
        self._admit = admit
        self._address = host._sockets.get_listen_socket_address(handle)
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
        """Where it listens, as `connect` takes it."""
        return self._address

    @property
    def host(self) -> Host:
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
            self._accept_knocking()
            if self._is_closed:
                raise InvalidState("this Server is closed")
            while self._ready:
                connection = self._ready.popleft()
                if connection.end is None:
                    return connection
                # It left before anybody met it.
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

    def poll_group(self) -> Opening[PollGroup]:
        """Make a `PollGroup` for connections of this server."""
        return self._host.poll_group()

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

    def _knocked(self, handle: int, info: ConnectionInfo) -> None:
        self._knocking[handle] = info
        self._news.notify()

    def _went(self, handle: int) -> None:
        self._knocking.pop(handle, None)

    def _accept_knocking(self) -> None:
        while self._knocking:
            handle, info = next(iter(self._knocking.items()))
            answer = self._admitted(handle, info)
            if self._is_closed:
                # By `admit`.
                return
            if answer is not True:
                self._refuse(handle, answer or "refused")
                continue
            del self._knocking[handle]
            try:
                self._host._sockets.accept_connection(handle)
            except GamesocketsError:
                # It is gone, or cannot agree with us on a cipher: its concern, not the server's.
                self._drop(handle)
                continue
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
        if connection._end is not None:
            self._live.discard(connection)
        if handle not in self._accepted:
            return
        if connection._was_connected:
            del self._accepted[handle]
            self._ready.append(connection)
            self._news.notify()
        elif connection._end is not None:
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
        self._news.notify()
