"""The fixture `gamesockets_network`, as a game's tests use it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gamesockets import Connection, ConnectionClosed, InvalidArgument
from loops import Background, Run, echo
from support import LIMIT

if TYPE_CHECKING:
    from gamesockets.pytest_plugin import Network


def test_reliable_messages_survive_a_bad_line_and_others_do_not(run: Run, gamesockets_network: type[Network]) -> None:
    async def main() -> None:
        async with gamesockets_network(loss=20, delay=0.01, reorder=10, duplicate=5, jitter=0.002) as network:
            server = await network.listen("server")
            connecting = asyncio.ensure_future(network.connect("alice", "server"))
            async with await server.accept(LIMIT) as here:
                alice = await connecting
                assert here.info["identity_string"] == "str:alice"
                assert alice.info["identity_string"] == "str:server"
                for number in range(200):
                    await alice.send(number.to_bytes(1, "big"))
                    await alice.send(number.to_bytes(1, "big"), reliable=False)
                    await asyncio.sleep(0)
                reliable: list[int] = []
                fleeting: list[int] = []
                while len(reliable) < 200:
                    message = await here.receive(LIMIT)
                    (reliable if message.reliable else fleeting).append(message.payload[0])
                assert reliable == list(range(200))
                assert len(set(fleeting)) == len(fleeting) <= 200
                assert alice.status()["ping"] >= 10

    run(main())


def test_each_peer_may_have_a_line_of_its_own(run: Run, gamesockets_network: type[Network]) -> None:
    async def main() -> None:
        async with gamesockets_network(timeout_connected=500) as network:
            server = await network.listen("server")
            await network.peer("bob", delay=0.05)
            with pytest.raises(InvalidArgument, match="there is a peer bob already"):
                await network.peer("bob", loss=1)
            with pytest.raises(InvalidArgument, match="carol does not listen: .* server does"):
                await network.connect("bob", "carol")
            async with Background(echo(server)):
                times = {}
                for name in ("alice", "bob"):
                    peer = await network.connect(name, "server")
                    sent = peer.host.time
                    await peer.send(b"ping")
                    times[name] = (await peer.receive(LIMIT)).time_received - sent
                assert times["bob"] >= 50_000
                # The line breaks.
                alice = await network.peer("alice")
                alice.sockets.set_global_config_value_float("fake_packet_loss_send", 100)
                alice.sockets.set_global_config_value_float("fake_packet_loss_recv", 100)
                (connection,) = alice._connections.values()
                assert isinstance(connection, Connection)
                # Who only listens takes silence for silence, for ten seconds.
                await connection.send(b"anybody there?")
                with pytest.raises(ConnectionClosed):
                    await connection.receive(LIMIT)

    run(main())
