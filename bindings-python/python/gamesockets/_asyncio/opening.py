"""What `connect`, `listen` and the like answer: to be awaited, or entered with ``async with``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gamesockets._asyncio.connection import Connection
from gamesockets._asyncio.group import PollGroup
from gamesockets._asyncio.host import default_host, transient_host
from gamesockets._asyncio.names import resolved
from gamesockets._asyncio.server import Server
from gamesockets._enums import ConfigScope, ConnectionState
from gamesockets._native import _option_scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping
    from types import TracebackType

    from typing_extensions import Unpack

    from gamesockets._asyncio.host import Host
    from gamesockets._records import ConfigOptions, ConnectionInfo

_T = TypeVar("_T")


class Opening(Generic[_T]):
    """Something that is made when it is awaited, or for the time of an ``async with``."""

    __slots__ = ("_open", "_opened")

    def __init__(self, open_: Callable[[], Awaitable[_T]]) -> None:
        """Make nothing yet."""
        self._open = open_
        self._opened: list[_T] = []

    def __await__(self) -> Generator[object, None, _T]:
        """Make it; whoever awaits has to close it."""
        return self._open().__await__()

    async def __aenter__(self) -> _T:
        """Make it."""
        thing = await self._open()
        self._opened.append(thing)
        return thing

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        thing = self._opened.pop()
        parts: tuple[Any, ...] = thing if isinstance(thing, tuple) else (thing,)
        for part in parts:
            await part._exit(error)


def connect(
    address: str,
    *,
    identity: int | str | None = None,
    timeout: float | None = None,
    **options: Unpack[ConfigOptions],
) -> Opening[Connection]:
    """Connect to a server, given as ``"127.0.0.1:27015"``, ``"[::1]:27015"`` or ``"game.example.org:27015"``.

    Of a name's addresses, the first of IPv4 is used, or the first of IPv6 if there is none.
    Use it as ``async with connect(address) as connection``, or await it and close the `Connection` yourself. Give up
    after ``timeout`` seconds; without it, after ``timeout_initial`` (an option, 10 s unless set). Options are named as
    in `ConfigOptions`. With ``identity`` (a SteamID, or a text such as ``"str:alice"``), or with options that apply to
    a whole host, it gets a `Host` of its own; all others of the event loop share one.

    Raises `ConnectionRefused`, with the reason of the peer, and its kinds `ConnectTimeout` and `HandshakeFailed`;
    `InvalidArgument` for an address, a name or an option; `AddressUnavailable` and `LimitExceeded`. When it is
    cancelled, nothing remains.
    """
    of_host = {name: value for name, value in options.items() if _option_scope(name) is ConfigScope.GLOBAL}
    of_connection = {name: value for name, value in options.items() if name not in of_host}

    def host() -> Host:
        return default_host() if identity is None and not of_host else transient_host(identity, of_host)

    return connecting(host, address, timeout, of_connection)


def listen(
    address: str = "[::]:0",
    *,
    identity: int | str | None = None,
    admit: Callable[[ConnectionInfo], bool | str] | None = None,
    **options: Unpack[ConfigOptions],
) -> Opening[Server]:
    """Listen at an address such as ``"127.0.0.1:27015"`` or ``"[::]:27015"`` (all of IPv6 and IPv4); port 0 is any.

    Use it as ``async with listen(address) as server``, or await it and close the `Server` yourself. It has a `Host` of
    its own, with this ``identity`` (a SteamID, or a text such as ``"str:arena"``) and these options, named as in
    `ConfigOptions`; its connections inherit them. ``admit`` decides who is let in; see `Server`.

    Raises `AddressUnavailable`, and `InvalidArgument` for an address or an option.
    """
    return listening(lambda: transient_host(identity, options), address, admit, {})


def socket_pair(*, loopback: bool = False) -> Opening[tuple[Connection, Connection]]:
    """Make two connections that are joined to each other, for tests: in memory, or with ``loopback`` over UDP."""
    return pairing(default_host, loopback)


def poll_group() -> Opening[PollGroup]:
    """Make a `PollGroup` for what `connect` made in this event loop; those of a server have its own."""
    return grouping(default_host)


def connecting(
    host: Callable[[], Host], address: str, timeout: float | None, options: Mapping[str, object]
) -> Opening[Connection]:
    """Connect as a host."""

    async def open_() -> Connection:
        with _Joined(host()) as here:
            own = dict(options)
            deadline = None
            if timeout is not None:
                deadline = here._loop.time() + timeout
                # The library shall not give up before.
                own.setdefault("timeout_initial", min(max(math.ceil(timeout * 1000), 1), 2**31 - 1))
            numeric = await resolved(address, deadline)
            handle = here._sockets.connect_by_ip_address(numeric, **own)  # type: ignore[arg-type]
            connection = Connection(here, handle, ConnectionState.CONNECTING)
            try:
                await connection._until_connected(address, deadline)
            except BaseException:
                connection.close()
                raise
            return connection

    return Opening(open_)


def listening(
    host: Callable[[], Host],
    address: str,
    admit: Callable[[ConnectionInfo], bool | str] | None,
    options: Mapping[str, object],
) -> Opening[Server]:
    """Listen as a host."""

    async def open_() -> Server:
        with _Joined(host()) as here:
            handle = here._sockets.create_listen_socket_ip(address, **options)  # type: ignore[arg-type]
            return Server(here, handle, admit)

    return Opening(open_)


def pairing(host: Callable[[], Host], loopback: bool) -> Opening[tuple[Connection, Connection]]:
    """Make a socket pair of a host."""

    async def open_() -> tuple[Connection, Connection]:
        with _Joined(host()) as here:
            one, two = here._sockets.create_socket_pair(loopback)
            return (
                Connection(here, one, ConnectionState.CONNECTED),
                Connection(here, two, ConnectionState.CONNECTED),
            )

    return Opening(open_)


def grouping(host: Callable[[], Host]) -> Opening[PollGroup]:
    """Make a poll group of a host."""

    async def open_() -> PollGroup:
        with _Joined(host()) as here:
            return PollGroup(here, here._sockets.create_poll_group())

    return Opening(open_)


class _Joined:
    """A host that is kept while something is made on it."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __enter__(self) -> Host:
        self._host._check_open()
        self._host._join()
        return self._host

    def __exit__(self, *_: object) -> None:
        self._host._leave()
