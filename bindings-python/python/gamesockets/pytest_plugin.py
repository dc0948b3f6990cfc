"""A pytest plugin: the fixture ``gamesockets_network``, an in-process network of named peers with bad conditions.

pytest finds it by itself where this package is installed::

    def test_a_bad_line(gamesockets_network):
        async def main():
            async with gamesockets_network(loss=5, delay=0.05) as network:
                server = await network.listen("server")
                alice = await network.connect("alice", "server")
                ...

        asyncio.run(main())
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from gamesockets._asyncio.host import Host
from gamesockets._errors import InvalidArgument

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from gamesockets._asyncio.connection import Connection
    from gamesockets._asyncio.server import Server
    from gamesockets._records import ConfigOptions

__all__ = ["Network", "gamesockets_network"]


class Network:
    """Named peers in one process, joined by real UDP on loopback, over lines as bad as you like.

    Each peer is a `Host` with the identity ``str:<name>``. What a peer sends meets the conditions of its line; those of
    the network hold for every peer that has none of its own. Use it in ``async with``, which closes all of it.
    """

    def __init__(
        self,
        *,
        loss: float = 0,
        delay: float = 0,
        jitter: float = 0,
        reorder: float = 0,
        duplicate: float = 0,
        rate: int = 0,
        **options: Unpack[ConfigOptions],
    ) -> None:
        """Make a network without peers.

        Of what a peer sends, ``loss`` percent is lost, ``reorder`` percent is overtaken by what comes after, and
        ``duplicate`` percent comes twice; everything is under way for ``delay`` seconds, and for up to ``jitter``
        seconds more, at random; ``rate`` bytes leave in a second (0: any). Further options are those of every `Host`.
        """
        conditions = _conditions(loss, delay, jitter, reorder, duplicate, rate)
        self._options: ConfigOptions = {**conditions, **options}
        self._peers: dict[str, Host] = {}
        self._servers: dict[str, Server] = {}
        self._stack = AsyncExitStack()

    async def peer(
        self,
        name: str,
        *,
        loss: float | None = None,
        delay: float | None = None,
        jitter: float | None = None,
        reorder: float | None = None,
        duplicate: float | None = None,
        rate: int | None = None,
        **options: Unpack[ConfigOptions],
    ) -> Host:
        """Give the peer of this name; the first time, it is made, with a line of its own where conditions are given.

        Raises `InvalidArgument` when conditions are given for a peer that there is already.
        """
        given = _conditions(loss, delay, jitter, reorder, duplicate, rate)
        if name in self._peers:
            if given or options:
                raise InvalidArgument(f"there is a peer {name} already: give its conditions when it is named first")
            return self._peers[name]
        own: ConfigOptions = {**self._options, **given, **options}
        host = Host(f"str:{name}", **own)
        self._peers[name] = await self._stack.enter_async_context(host)
        return host

    async def listen(self, name: str, **options: Unpack[ConfigOptions]) -> Server:
        """Let a peer listen, on a port that is free."""
        host = await self.peer(name)
        server = await self._stack.enter_async_context(host.listen("127.0.0.1:0", **options))
        self._servers[name] = server
        return server

    async def connect(
        self, name: str, to: str, *, timeout: float | None = None, **options: Unpack[ConfigOptions]
    ) -> Connection:
        """Connect a peer to one that listens, which has to accept it meanwhile.

        Raises `InvalidArgument` when that peer does not listen, and what `gamesockets.connect` raises.
        """
        if to not in self._servers:
            known = ", ".join(self._servers) or "nobody"
            raise InvalidArgument(f"{to} does not listen: call listen({to!r}) first; {known} does")
        host = await self.peer(name)
        connecting = host.connect(self._servers[to].address, timeout=timeout, **options)
        return await self._stack.enter_async_context(connecting)

    async def __aenter__(self) -> Self:
        """Give the network."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections, servers and peers."""
        await self._stack.__aexit__(kind, error, traceback)


@pytest.fixture
def gamesockets_network() -> type[Network]:
    """Give the class of networks of named peers, with loss, delay and reordering: see `Network`.

    It needs no plugin for asyncio, and works with each.
    """
    return Network


def _conditions(
    loss: float | None,
    delay: float | None,
    jitter: float | None,
    reorder: float | None,
    duplicate: float | None,
    rate: int | None,
) -> ConfigOptions:
    """Name conditions as the options of a host are named: in percent, milliseconds and bytes per second."""
    options: ConfigOptions = {}
    if loss is not None:
        options["fake_packet_loss_send"] = loss
    if delay is not None:
        options["fake_packet_lag_send"] = round(delay * 1000)
    if jitter is not None:
        options["fake_packet_jitter_send_avg"] = jitter * 500
        options["fake_packet_jitter_send_max"] = jitter * 1000
        options["fake_packet_jitter_send_pct"] = 100 if jitter else 0
    if reorder is not None:
        options["fake_packet_reorder_send"] = reorder
    if duplicate is not None:
        options["fake_packet_dup_send"] = duplicate
    if rate is not None:
        options["fake_rate_limit_send_rate"] = rate
    return options
