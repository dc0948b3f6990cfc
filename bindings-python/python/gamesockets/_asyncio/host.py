"""Hosts: an identity on the network, within one event loop, and what can be opened as it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gamesockets._asyncio.connection import Connection
from gamesockets._asyncio.group import PollGroup, grouping
from gamesockets._asyncio.hub import Hub
from gamesockets._asyncio.names import resolved
from gamesockets._asyncio.opening import Joined, Opening
from gamesockets._asyncio.server import BACKLOG, Server, listening
from gamesockets._enums import ConnectionState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Unpack

    from gamesockets._records import ConfigOptions, ConnectionInfo


class Host(Hub):
    """One identity on the network: servers, connections and poll groups that share options and one I/O thread.

    `connect` and `listen` of this package make hosts by themselves. Make one of your own to give many connections an
    identity or options, and close it, best by ``async with``. It belongs to the event loop in which it was made.
    """

    def connect(
        self, address: str, *, timeout: float | None = None, **options: Unpack[ConfigOptions]
    ) -> Opening[Connection]:
        """Connect as `gamesockets.connect` does, as this host."""
        return connecting(lambda: self, address, timeout, options)

    def listen(
        self,
        address: str,
        *,
        admit: Callable[[ConnectionInfo], bool | str] | None = None,
        backlog: int = BACKLOG,
        **options: Unpack[ConfigOptions],
    ) -> Opening[Server]:
        """Listen as `gamesockets.listen` does, as this host.

        When such a server is closed while its host is not, what its closed connections still had to deliver is lost.
        """
        return listening(lambda: self, address, admit, backlog, options)

    def socket_pair(self, *, loopback: bool = False) -> Opening[tuple[Connection, Connection]]:
        """Make two joined connections as `gamesockets.socket_pair` does, of this host."""
        return pairing(lambda: self, loopback)

    def poll_group(self) -> Opening[PollGroup]:
        """Make a `PollGroup` for connections of this host."""
        return grouping(lambda: self)


def connecting(
    host: Callable[[], Hub], address: str, timeout: float | None, options: Mapping[str, object]
) -> Opening[Connection]:
    """Connect as a host."""

    async def open_() -> Connection:
        with Joined(host()) as here:
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


def pairing(host: Callable[[], Hub], loopback: bool) -> Opening[tuple[Connection, Connection]]:
    """Make a socket pair of a host."""

    async def open_() -> tuple[Connection, Connection]:
        with Joined(host()) as here:
            one, two = here._sockets.create_socket_pair(loopback)
            return (
                Connection(here, one, ConnectionState.CONNECTED),
                Connection(here, two, ConnectionState.CONNECTED),
            )

    return Opening(open_)
