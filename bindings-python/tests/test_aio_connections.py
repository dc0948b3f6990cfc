"""Connections of the asyncio layer: messages, ends, what is known, what is refused."""

from __future__ import annotations

import array
import asyncio
import threading

import pytest

import gamesockets
from gamesockets import (
    ConnectionClosed,
    ConnectionEnd,
    ConnectionRefused,
    ConnectionState,
    ConnectTimeout,
    InvalidArgument,
    InvalidState,
    MessageTooLarge,
    WouldBlock,
    WrongLoop,
)
from loops import Background, Run, echo
from support import LIMIT


def test_a_message_goes_there_and_back(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            async with gamesockets.connect(server.address) as connection:
                assert await connection.send(b"hello", reliable=True, lane=0) == 1
                async for message in connection:
                    assert (message.payload, message.lane, message.number, message.reliable) == (b"hello", 0, 1, True)
                    assert message.connection is connection
                    assert 0 < message.time_received <= connection.host.time
                    assert len(message) == 5
                    break
            assert connection.closed
        assert server.closed

    run(main())


def test_every_buffer_can_be_sent_on_every_lane(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair(loopback=True) as (one, two):
            one.set_lanes([0, 0, 1], [1, 3, 1])
            assert len(one.lane_status(3)) == 3
            for payload in (b"bytes", bytearray(b"bytes"), memoryview(b"bytes"), array.array("B", b"bytes")):
                await one.send(payload, lane=2)
                message = await two.receive(LIMIT)
                assert (message.payload, message.lane) == (b"bytes", 2)
            await one.send(b"fleeting", reliable=False)
            assert (await two.receive(LIMIT)).reliable is False

    run(main())


def test_what_is_sent_in_one_turn_leaves_together_at_once(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair(loopback=True) as (one, two):
            # Nothing would come before the limit if it waited for company.
            one.host.sockets.set_global_config_value_int32("nagle_time", 50_000)
            before = one.statistics()["packets_sent"]
            for number in range(10):
                await one.send(bytes([number]))
            assert [(await two.receive(LIMIT)).payload[0] for _ in range(10)] == list(range(10))
            assert one.statistics()["packets_sent"] - before <= 3

    run(main())


def test_messages_come_many_at_once(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair() as (one, two):
            for number in range(1000):
                await one.send(number.to_bytes(2, "big"))
            numbers: list[int] = []
            while len(numbers) < 1000:
                messages = await two.receive_many(70, timeout=LIMIT)
                assert 1 <= len(messages) <= 70
                numbers += [int.from_bytes(message.payload, "big") for message in messages]
            assert numbers == list(range(1000))

    run(main())


def test_sending_waits_for_room(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair(loopback=True) as (one, two):
            payload = bytes(100_000)

            async def send_all() -> None:
                for number in range(60):
                    await one.send(number.to_bytes(1, "big") + payload)

            with pytest.raises(WouldBlock):
                for _ in range(1000):
                    one.send_nowait(payload, lane=0)
            with pytest.raises(TimeoutError):
                await one.drain(timeout=0)
            async with Background(send_all()):
                number = 0
                while number < 60:
                    message = await two.receive(LIMIT)
                    if len(message) > len(payload):
                        assert message.payload[0] == number
                        number += 1
            await one.drain(LIMIT)

    run(main())


def test_the_end_says_why(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server:
            for reason, debug, is_ordinary in [(1234, "bye", True), (2345, "ouch", False)]:
                async with Background(one_client(server.address, reason, debug)):
                    async with await server.accept(LIMIT) as connection:
                        received = []
                        try:
                            async for message in connection:
                                received.append(message.payload)
                        except ConnectionClosed as closed:
                            assert not is_ordinary
                            assert (closed.reason, closed.debug) == (reason, debug)
                        else:
                            assert is_ordinary
                        assert received == [b"last words"]
                        assert connection.end == (reason, debug)
                        await connection.wait_closed()
                        for call in (connection.receive, lambda: connection.send(b"")):
                            with pytest.raises(ConnectionClosed) as caught:
                                await call()
                            assert (caught.value.reason, caught.value.debug) == (reason, debug)
                        assert connection.info["connection_state"] is ConnectionState.CLOSED_BY_PEER

    async def one_client(address: str, reason: int, debug: str) -> None:
        connection = await gamesockets.connect(address)
        await connection.send(b"last words")
        connection.close(reason, debug, linger=True)
        await connection.host.close()
        await asyncio.sleep(LIMIT)

    run(main())


def test_leaving_a_block_delivers_and_an_exception_is_told(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server:
            async with Background(careful(server.address)), await server.accept(LIMIT) as connection:
                sizes = [len(message) async for message in connection]
                assert sizes == [100_000] * 5
            async with Background(clumsy(server.address)), await server.accept(LIMIT) as connection:
                with pytest.raises(ConnectionClosed) as caught:
                    await connection.receive(LIMIT)
                assert caught.value.reason == ConnectionEnd.APP_EXCEPTION_GENERIC
                assert caught.value.debug == "ZeroDivisionError"

    async def careful(address: str) -> None:
        async with gamesockets.connect(address) as connection:
            for _ in range(5):
                await connection.send(bytes(100_000))

    async def clumsy(address: str) -> None:
        with pytest.raises(ZeroDivisionError):
            async with gamesockets.connect(address):
                raise ZeroDivisionError

    run(main())


def test_who_does_not_answer_or_refuses(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0", admit=lambda _: "not today", backlog=0) as server:
            with pytest.raises(ConnectTimeout, match="no connection to .*Timed out|no answer"):
                await gamesockets.connect(server.address, timeout=0.1)
            with pytest.raises(TimeoutError):
                await server.accept(timeout=0)
            async with Background(accept(server)):
                with pytest.raises(ConnectionRefused, match="not today") as refused:
                    await gamesockets.connect(server.address)
                assert (refused.value.reason, refused.value.debug) == (ConnectionEnd.APP_GENERIC, "not today")
                assert not isinstance(refused.value, ConnectTimeout)

    async def accept(server: gamesockets.Server) -> None:
        async for _ in server:
            pytest.fail("nobody is let in")

    run(main())


def test_options_are_keywords_and_identities_are_known(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0", identity="str:server", send_buffer_size=100_000) as server:
            connecting = gamesockets.connect(server.address, identity="str:alice", fake_packet_lag_send=1)
            async with Background(echo(server)), connecting as connection:
                assert connection.info["identity_string"] == "str:server"
                assert connection.host.identity == "str:alice"
                assert connection.host is not server.host
                assert [other.info["identity_string"] for other in server.connections] == ["str:alice"]
                with pytest.raises(MessageTooLarge):
                    await server.connections[0].send(bytes(200_000))
        async with gamesockets.socket_pair() as (one, _), gamesockets.socket_pair() as (two, _):
            assert one.host is two.host
        assert server.host.closed
        for wrong in ({"send_bufer_size": 1}, {"fake_packet_los_send": 1.0}):
            with pytest.raises(InvalidArgument, match=r"did you mean (send_buffer_size|fake_packet_loss_send)\?"):
                gamesockets.connect(server.address, **wrong)

    run(main())


def test_what_is_known_of_a_connection(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair(loopback=True) as (one, _):
            assert one.state is ConnectionState.CONNECTED
            assert one.info["connection_state"] is ConnectionState.CONNECTED
            assert one.status()["state"] is ConnectionState.CONNECTED
            assert one.statistics()["packets_sent"] >= 0
            one.name, one.user_data = "first", 7
            assert (one.name, one.user_data) == ("first", 7)
            assert one.handle in one.host._connections
            assert "CONNECTED" in repr(one)
            assert one.end is None
            one.flush()

    run(main())


def test_closed_objects_say_so(run: Run) -> None:
    async def main() -> None:
        pair = gamesockets.socket_pair()
        async with pair as (one, two):
            waiting = [asyncio.ensure_future(call()) for call in (one.receive, one.wait_closed, one.receive_many)]
            await asyncio.sleep(0)
            one.close(1500, "enough")
            one.close()
            answers = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(answer) for answer in answers] == [ConnectionClosed, type(None), ConnectionClosed]
            for call in (one.receive, lambda: one.send(b""), one.drain):
                with pytest.raises(ConnectionClosed, match="1500.*enough"):
                    await call()
            for known in (one.status, one.flush, lambda: one.info, lambda: one.set_lanes([0]), lambda: one.name):
                with pytest.raises(ConnectionClosed):
                    known()
            with pytest.raises(ConnectionClosed):
                one.send_nowait(b"")
            assert [message async for message in one] == []
            with pytest.raises(ConnectionClosed):
                async with one:
                    pass
            with pytest.raises(ConnectionClosed, match="1500.*enough"):
                await two.receive(LIMIT)
            three, _ = await gamesockets.socket_pair()
            host = three.host
            assert isinstance(host, gamesockets.Host)
            await host.close()
            await host.close()
            with pytest.raises(ConnectionClosed, match="host was closed"):
                await three.send(b"")
            for opening in (host.connect("127.0.0.1:1"), host.listen("127.0.0.1:0"), host.poll_group()):
                with pytest.raises(InvalidState, match="closed"):
                    await opening

    run(main())


def test_wrong_types_and_values_are_refused(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair() as (one, _):
            with pytest.raises(TypeError):
                await one.send("text")  # type: ignore[arg-type]
            with pytest.raises(MessageTooLarge):
                await one.send(bytes(524_289))
            with pytest.raises(InvalidArgument):
                await one.send(b"", lane=3)
            with pytest.raises(InvalidArgument):
                await one.send(b"", deadline=1.0)
            with pytest.raises(InvalidArgument):
                await one.receive_many(0)
            with pytest.raises(InvalidArgument):
                one.set_lanes([0, 0], [1])
        for address in ("nowhere", "127.0.0.1", "127.0.0.1:0", "0.0.0.0:5"):
            with pytest.raises(InvalidArgument):
                await gamesockets.connect(address)
        with pytest.raises(TypeError):
            await gamesockets.connect(5)  # type: ignore[arg-type]

    run(main())


def test_a_host_may_be_given_by_its_name(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            port = server.address.rpartition(":")[2]
            async with gamesockets.connect(f"localhost:{port}", timeout=LIMIT) as connection:
                await connection.send(b"there")
                assert (await connection.receive(LIMIT)).payload == b"there"
        with pytest.raises(InvalidArgument, match="no host is known as 'no..body'"):
            await gamesockets.connect("no..body:5")
        with pytest.raises(InvalidArgument, match="is not an address"):
            await gamesockets.connect("localhost:99999")
        await asyncio.get_running_loop().shutdown_default_executor()

    # The threads of loops that ask for names stay.
    run.careless(main())


def test_another_loop_is_told_that_it_is_the_wrong_one(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, gamesockets.socket_pair() as (one, _):
            answers: list[type[BaseException]] = []

            async def foreign() -> None:
                for call in (one.receive, lambda: one.send(b""), one.drain, one.__anext__, server.accept):
                    with pytest.raises(WrongLoop, match="belongs to another event loop") as caught:
                        await call()
                    answers.append(caught.type)
                for close in (one.close, server.close):
                    with pytest.raises(RuntimeError):
                        close()
                with pytest.raises(WrongLoop):
                    await one.host.close()

            def no_loop() -> None:
                for call in (one.close, server.close, lambda: one.send_nowait(b"")):
                    with pytest.raises(WrongLoop, match="belongs to another event loop"):
                        call()

            for work in (no_loop, lambda: asyncio.run(foreign())):
                thread = threading.Thread(target=work)
                thread.start()
                while thread.is_alive():
                    await asyncio.sleep(0.01)
            assert answers == [WrongLoop] * 5

    run(main())


def test_without_a_loop_nothing_is_made() -> None:
    with pytest.raises(InvalidState, match="an event loop has to run"):
        gamesockets.Host()
    # Nor by what is never awaited.
    gamesockets.connect("127.0.0.1:1")
    gamesockets.listen("127.0.0.1:0")


def test_loops_on_many_threads_talk_to_each_other(run: Run) -> None:
    async def client(address: str, number: int) -> None:
        async with gamesockets.connect(address) as connection:
            for round_ in range(20):
                await connection.send(bytes([number, round_]))
                assert (await connection.receive(LIMIT)).payload == bytes([number, round_])

    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            failures: list[BaseException] = []

            def work(number: int) -> None:
                try:
                    run.careless(client(server.address, number))
                except BaseException as error:
                    failures.append(error)
                    raise

            threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                await asyncio.sleep(0.01)
            assert failures == []

    run(main())


def test_the_end_is_known_as_soon_as_a_call_fails_for_it(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.socket_pair() as (one, two):
            assert one.end is None
            two.close(1234, "gone")
            # The event loop has not heard of it: it had no turn.
            with pytest.raises(ConnectionClosed):
                one.flush()
            assert one.end == (1234, "gone")
            await one.wait_closed()
            assert one.end == (1234, "gone")

    run(main())
