"""`connect`, `listen` and the like without a `Host` of one's own: it comes and goes by itself."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from gamesockets._asyncio.group import grouping
from gamesockets._asyncio.host import Host, connecting, pairing
from gamesockets._asyncio.hub import running_loop
from gamesockets._asyncio.server import BACKLOG, listening
from gamesockets._enums import ConfigScope
from gamesockets._native import _option_scope

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from typing_extensions import Unpack

    from gamesockets._asyncio.connection import Connection
    from gamesockets._asyncio.group import PollGroup
    from gamesockets._asyncio.opening import Opening
    from gamesockets._asyncio.server import Server
    from gamesockets._records import ConfigOptions, ConnectionInfo


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
        return _default_host() if identity is None and not of_host else _transient_host(identity, of_host)

    return connecting(host, address, timeout, of_connection)


def listen(
    address: str = "[::]:0",
    *,
    identity: int | str | None = None,
    admit: Callable[[ConnectionInfo], bool | str] | None = None,
    backlog: int = BACKLOG,
    **options: Unpack[ConfigOptions],
) -> Opening[Server]:
    """Listen at an address such as ``"127.0.0.1:27015"`` or ``"[::]:27015"`` (all of IPv6 and IPv4); port 0 is any.

    By default it is a free port of all addresses, and `Server.address` tells which: programs on this machine connect to
    that, others to its port at an address of this machine. ``"0.0.0.0:27015"`` is all of IPv4 alone.

    Use it as ``async with listen(address) as server``, or await it and close the `Server` yourself. It has a `Host` of
    its own, with this ``identity`` (a SteamID, or a text such as ``"str:arena"``) and these options, named as in
    `ConfigOptions`; its connections inherit them. ``admit`` decides who is let in, and ``backlog`` how many before
    anybody asks for them; see `Server`.

    Raises `AddressUnavailable`, and `InvalidArgument` for an address or an option.
    """
    return listening(lambda: _transient_host(identity, options), address, admit, backlog, {})


def socket_pair(*, loopback: bool = False) -> Opening[tuple[Connection, Connection]]:
    """Make two connections that are joined to each other, for tests: in memory, or with ``loopback`` over UDP."""
    return pairing(_default_host, loopback)


def poll_group() -> Opening[PollGroup]:
    """Make a `PollGroup` for what `connect` made in this event loop; those of a server have its own."""
    return grouping(_default_host)


_DEFAULTS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[Host]] = weakref.WeakKeyDictionary()
"""The host of each loop that connections share when they need none of their own."""
_DEFAULTS_LOCK = threading.Lock()


def _default_host() -> Host:
    """Give the host that the connections of this loop share, which ends with the last of them."""
    loop = running_loop("connect")
    with _DEFAULTS_LOCK:
        known = _DEFAULTS.get(loop)
        host = known() if known is not None else None
        if host is None or host.closed:
            host = _transient_host(None, {})
            _DEFAULTS[loop] = weakref.ref(host)
    return host


def _transient_host(identity: int | str | None, options: Mapping[str, object]) -> Host:
    """Make a host that ends with the last of its objects."""
    host = Host(identity, **options)  # type: ignore[arg-type]
    host._is_transient = True
    return host
