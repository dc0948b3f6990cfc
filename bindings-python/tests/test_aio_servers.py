"""Servers and poll groups of the asyncio layer, with many connections."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter

import pytest

import gamesockets
from gamesockets import AddressUnavailable, ConnectionClosed, ConnectionInfo, ConnectionRefused, InvalidArgument
from loops import Background, Run, echo
from support import LIMIT

FAREWELL = 6.0
"""What a closed connection is remembered for, and a little more, seconds."""


def test_a_hundred_connections_at_once(run: Run) -> None:
    async def client(address: str, number: int) -> None:
        async with gamesockets.connect(address) as connection:
            for round_ in range(5):
                await connection.send(f"{number} {round_}".encode())
                assert (await connection.receive(LIMIT)).payload == f"{number} {round_}".encode()

    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            await asyncio.gather(*(client(server.address, number) for number in range(100)))

    run(main())


def test_peers_are_let_in_by_choice(run: Run) -> None:
    asked: list[str] = []

    def admit(info: ConnectionInfo) -> bool | str:
        asked.append(info["identity_string"])
        return "you are banned" if info["identity_string"] == "str:mallory" else True

    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0", admit=admit) as server, Background(echo(server)):
            async with gamesockets.connect(server.address, identity="str:alice") as connection:
                await connection.send(b"hello")
                assert (await connection.receive(LIMIT)).payload == b"hello"
            with pytest.raises(ConnectionRefused, match="you are banned"):
                await gamesockets.connect(server.address, identity="str:mallory")
        assert asked == ["str:alice", "str:mallory"]

    run(main())


@pytest.mark.parametrize("answer", [None, 1, LookupError("who?")])
def test_who_lets_in_says_so_in_words_that_are_known(run: Run, answer: object) -> None:
    def admit(info: ConnectionInfo) -> bool | str:
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0", admit=admit) as server:
            connecting = asyncio.ensure_future(_refused(server.address))
            with pytest.raises(LookupError if isinstance(answer, Exception) else TypeError):
                await server.accept(LIMIT)
            await connecting
            if isinstance(answer, Exception):
                answer.__traceback__ = None

    run(main())


def test_one_task_may_be_both_ends(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, gamesockets.connect(server.address) as client:
            await client.send(b"hello")
            accepted = await server.accept(LIMIT)
            assert (await accepted.receive(LIMIT)).payload == b"hello"
            # Nor is anything lost when the client goes before it is met.
            async with gamesockets.connect(server.address) as other:
                await other.send(b"bye")
            assert [message.payload async for message in await server.accept(LIMIT)] == [b"bye"]

    run(main())


def test_a_backlog_is_bounded(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0", backlog=2) as server:
            openings = [asyncio.ensure_future(gamesockets.connect(server.address).__aenter__()) for _ in range(3)]
            await asyncio.wait(openings[:2])
            await asyncio.wait(openings, timeout=0.3)
            assert sum(opening.done() for opening in openings) == 2
            for _ in openings:
                await server.accept(LIMIT)
            for opening in openings:
                (await opening).close()
        async with gamesockets.listen("127.0.0.1:0", backlog=0) as server:
            with pytest.raises(gamesockets.ConnectTimeout):
                await gamesockets.connect(server.address, timeout=0.3)

    run(main())


def test_what_a_choice_raises_is_not_lost(run: Run) -> None:
    def admit(_: ConnectionInfo) -> bool:
        raise LookupError("who?")

    async def main() -> None:
        problems: list[dict[str, object]] = []
        async with gamesockets.listen("127.0.0.1:0", admit=admit) as server:
            await _refused(server.address)
            with pytest.raises(LookupError, match="who"):
                await server.accept(LIMIT)
            await _refused(server.address)
            asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
        assert [str(problem["exception"]) for problem in problems] == ["who?"]

    run(main())


def test_each_peer_has_its_handler(run: Run) -> None:
    problems: list[dict[str, object]] = []

    async def answer(connection: gamesockets.Connection) -> None:
        async for message in connection:
            if message.payload == b"fail":
                raise LookupError("a fault")
            await connection.send(b"hello, " + message.payload)

    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server:
            serving = asyncio.ensure_future(server.serve(answer))
            async with gamesockets.connect(server.address) as one, gamesockets.connect(server.address) as two:
                for client in (two, one):
                    await client.send(b"world")
                    assert (await client.receive(LIMIT)).payload == b"hello, world"
                asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
                await one.send(b"fail")
                with pytest.raises(ConnectionClosed) as closed:
                    await one.receive(LIMIT)
                assert (closed.value.reason, closed.value.debug) == (2000, "LookupError")
                await two.send(b"again")
                assert (await two.receive(LIMIT)).payload == b"hello, again"
        await serving
        assert [str(problem["exception"]) for problem in problems] == ["a fault"]
        problems.clear()

    run(main())


def test_whoever_stops_to_serve_stops_the_handlers(run: Run) -> None:
    ended: list[str] = []

    async def main() -> None:
        begun = asyncio.Event()

        async def wait(connection: gamesockets.Connection) -> None:
            begun.set()
            try:
                await connection.receive()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

        async with gamesockets.listen("127.0.0.1:0") as server, gamesockets.connect(server.address) as client:
            serving = asyncio.ensure_future(server.serve(wait))
            await asyncio.wait_for(begun.wait(), LIMIT)
            serving.cancel()
            await client.wait_closed()
            await asyncio.wait([serving])
            assert serving.cancelled()
            assert ended == ["cancelled"]

    run(main())


def test_a_refusal_may_be_long_and_may_close_the_server(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0", admit=lambda _: "no " * 100) as server:
            accepting = asyncio.ensure_future(server.accept(LIMIT))
            await _refused(server.address)
            accepting.cancel()
            await asyncio.wait([accepting])

        def admit(_: ConnectionInfo) -> bool:
            closing.close()
            return True

        async with gamesockets.listen("127.0.0.1:0", admit=admit) as closing:
            connecting = asyncio.ensure_future(_refused(closing.address))
            with pytest.raises(gamesockets.InvalidState, match="this Server is closed"):
                await closing.accept(LIMIT)
            await connecting

    run(main())


async def _refused(address: str) -> None:
    with pytest.raises(ConnectionRefused):
        await gamesockets.connect(address, timeout=LIMIT)


def test_a_server_that_closes_says_goodbye(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.Host("str:server") as host:
            async with host.listen("127.0.0.1:0") as server:
                address = server.address
                connecting = asyncio.ensure_future(gamesockets.connect(address).__aenter__())
                accepted = await server.accept(LIMIT)
                connection = await connecting
                waiting = asyncio.ensure_future(server.accept())
                await asyncio.sleep(0)
            assert accepted.closed
            with pytest.raises(gamesockets.InvalidState):
                await waiting
            assert [other async for other in server] == []
            with pytest.raises(ConnectionClosed) as closed:
                await connection.receive(LIMIT)
            assert (closed.value.reason, closed.value.debug) == (1000, "the server was closed")
            connection.close()
            # The port is free again.
            async with host.listen(address) as again:
                assert again.address == address
                with pytest.raises(AddressUnavailable):
                    await gamesockets.listen(address)

    run(main())


def test_a_group_gives_the_messages_of_all_and_tells_who_left(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.poll_group() as group:
            pairs = [await gamesockets.socket_pair(loopback=number % 2 == 0) for number in range(10)]
            for number, (here, there) in enumerate(pairs):
                here.user_data = number
                await there.send(b"early")
                if number == 0:
                    await asyncio.sleep(0.05)
                    assert len(await here.receive_many()) == 1
                    await there.send(b"early")
                group.add(here)
                assert here in group
                await there.send(b"late")
            counts: Counter[tuple[int, bytes]] = Counter()
            for _ in range(20):
                message = await group.receive(LIMIT)
                counts[message.connection.user_data, message.payload] += 1
            assert counts == {(number, word): 1 for number in range(10) for word in (b"early", b"late")}
            for _, there in pairs[:5]:
                await there.send(b"last words")
                there.close(1300, "gone", linger=True)
            ended = group.ended()
            words = 0

            async def read() -> None:
                nonlocal words
                async for message in group:
                    words += message.payload == b"last words"

            async with Background(read()):
                left = [await ended.__anext__() for _ in range(5)]
            assert words == 5
            assert {connection.end for connection in left} == {(1300, "gone")}
            assert all(connection.closed for connection in left)
            assert len(group) == 5
            await pairs[9][1].send(b"for one reader")
            group.remove(pairs[9][0])
            assert (await pairs[9][0].receive(LIMIT)).payload == b"for one reader"
        for here, there in pairs[5:]:
            assert not here.closed
            here.close()
            there.close()
        # It still delivers what was to be.
        await pairs[0][0].host.close()

    run(main())


def test_a_group_takes_only_connections_of_its_host(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.Host() as host, host.poll_group() as group, gamesockets.socket_pair() as (one, _):
            with pytest.raises(InvalidArgument, match="another host"):
                group.add(one)
            group.close()
            with pytest.raises(gamesockets.InvalidState):
                group.add(one)
            assert [message async for message in group] == []

    run(main())


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory that Linux tells of")
def test_ten_thousand_connects_and_closes_need_no_memory() -> None:
    def resident() -> int:
        gc.collect()
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    async def client(address: str, count: int) -> None:
        for _ in range(count):
            async with gamesockets.connect(address) as connection:
                await connection.send(b"here")
                await connection.receive(LIMIT)

    async def rounds(address: str, count: int) -> None:
        await asyncio.gather(*(client(address, count // 20) for _ in range(20)))

    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            await rounds(server.address, 5_000)
            # For some seconds, the library still answers stragglers of closed connections.
            await asyncio.sleep(FAREWELL)
            before = resident()
            await rounds(server.address, 5_000)
            # One kilobyte for each would be 5 MB.
            assert resident() - before < 4 * 2**20

    # Without asyncio's debug mode, which is slow.
    asyncio.run(main(), debug=False)


@pytest.mark.parametrize("wildcard", [None, "[::]:0", "0.0.0.0:0"])
def test_a_server_everywhere_has_an_address_for_this_machine(run: Run, wildcard: str | None) -> None:
    async def main() -> None:
        listening = gamesockets.listen() if wildcard is None else gamesockets.listen(wildcard)
        async with listening as server, gamesockets.connect(server.address) as client:
            await client.send(b"here")
            async with await server.accept(LIMIT) as connection:
                assert (await connection.receive(LIMIT)).payload == b"here"

    run(main())
