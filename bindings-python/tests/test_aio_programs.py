"""The command line and the examples, as programs; the echo example in Rust and Valve's library as peers of asyncio."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gamesockets
from loops import Background, Run, echo
from programs import ROOT, Program, ValvePeer, build
from support import LIMIT
from test_peers import SIZES, free_address, pattern

if TYPE_CHECKING:
    from pathlib import Path

GAMESOCKETS: list[str | Path] = [sys.executable, "-W", "error", "-m", "gamesockets"]
EXAMPLES = ROOT / "examples" / "python"


def output(*arguments: str, code: int = 0) -> str:
    """Run the command line to its end."""
    ended = subprocess.run(
        [*GAMESOCKETS, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert ended.returncode == code, ended.stdout
    return ended.stdout


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_command_line_listens_pings_and_measures() -> None:
    with Program([*GAMESOCKETS, "listen", "127.0.0.1:0", "--json", "--interval", "0.1"]) as server:
        address = json.loads(server.line())["address"]
        found = records(output("ping", address, "--count", "3", "--interval", "0.1", "--json"))
        assert [record["event"] for record in found] == ["connected", "status", "status", "status"]
        assert found[-1]["ping_ms"] >= 0
        assert "ping_ms" in output("ping", address, "--count", "1", "--interval", "0.1")
        result = records(output("bench", address, "--seconds", "0.5", "--size", "200", "--json"))[-1]
        assert result["event"] == "result"
        assert result["messages"] > 0
        assert result["messages_per_second"] > 0
        assert "messages_per_second" in output("bench", address, "--seconds", "0.2", "--unreliable")
        server.match('"event": "status"')
        server.child.send_signal(signal.SIGINT)
        assert server.child.wait(LIMIT) == 0
    assert "Timed out" in output("ping", address, "--timeout", "0.2", code=1)
    assert "did you mean" not in output("ping", "nowhere", code=1)
    for command in ([], ["ping"], ["listen"], ["bench"]):
        assert "usage: python -m gamesockets" in output(*command, "--help")


def test_the_examples_run() -> None:
    def run_example(name: str, *arguments: str) -> str:
        command = [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=LIMIT, check=True).stdout

    if sys.version_info >= (3, 11):
        assert "how are you -> how are you" in run_example("echo.py")
    assert "answers per second" in run_example("swarm.py", "50", "1")


def test_the_plot_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "picture.png"
    subprocess.run([sys.executable, str(EXAMPLES / "plot.py"), "5", str(picture)], timeout=2 * LIMIT, check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_chat_tells_everybody() -> None:
    chat = [sys.executable, "-u", str(EXAMPLES / "chat.py")]
    with Program([*chat, "server", "127.0.0.1:0"]) as server:
        address = server.match(r"listening on (.*)")[1]
        with Program([*chat, "client", address, "alice"]) as alice:
            server.match("alice came")
            with Program([*chat, "client", address, "bob"]) as bob:
                alice.match("bob came")
                bob.write("good evening")
                assert alice.match("bob: .*").string == "bob: good evening"
                alice.write("hello bob")
                bob.match("alice: hello bob")
            server.match("one left, 1 remain")


def test_a_server_in_rust_sends_everything_back(run: Run) -> None:
    async def main(address: str) -> None:
        async with gamesockets.connect(address) as connection:
            for seed, size in enumerate(SIZES):
                await connection.send(pattern(size, seed))
            for seed, size in enumerate(SIZES):
                assert (await connection.receive(LIMIT)).payload == pattern(size, seed)

    with Program([build("--package", "gamesockets", "--example", "echo"), "server", "--listen", "127.0.0.1:0"]) as rust:
        address = rust.match(r"listening on ([0-9.:]+);")[1]
        run(main(address))


def test_a_client_in_rust_is_sent_everything_back(run: Run) -> None:
    async def main() -> None:
        async with gamesockets.listen("127.0.0.1:0") as server, Background(echo(server)):
            arguments = ["client", "--connect", server.address, "--messages", "500"]
            client = await asyncio.create_subprocess_exec(program, *arguments, stdout=subprocess.DEVNULL)
            # It checks what comes back.
            assert await asyncio.wait_for(client.wait(), LIMIT) == 0

    program = build("--package", "gamesockets", "--example", "echo")
    # The watcher of child processes that asyncio has is one for all loops.
    run.careless(main())


def test_valves_server_sends_everything_back(run: Run) -> None:
    with ValvePeer("str:valve") as valve:
        address = free_address()
        assert valve.call({"listen": {"address": address, "options": []}}) != 0
        valve.call({"receive": "echo"})

        async def main() -> None:
            accepting = asyncio.get_running_loop().run_in_executor(None, accept)
            async with gamesockets.connect(address, identity="str:python") as connection:
                await accepting
                assert connection.info["identity_string"] == "str:valve"
                for seed, size in enumerate(SIZES):
                    await connection.send(pattern(size, seed), reliable=size > 1000)
                    assert (await connection.receive(LIMIT)).payload == pattern(size, seed)
            await asyncio.get_running_loop().shutdown_default_executor()

        def accept() -> None:
            event = valve.report("event")
            assert valve.call({"accept": {"connection": event["connection"]}}) == 1

        run(main())


def test_valves_client_is_sent_everything_back(run: Run) -> None:
    with ValvePeer("str:valve") as valve:

        async def main() -> None:
            async with gamesockets.listen("127.0.0.1:0", identity="str:python") as server:
                to_server = valve.call({"connect": {"address": server.address, "options": []}})
                async with await server.accept(LIMIT) as connection:
                    assert connection.info["identity_string"] == "str:valve"
                    for seed, size in enumerate(SIZES[:4]):
                        flags = int(gamesockets.SendFlags.RELIABLE)
                        message = {"len": size, "seed": seed, "flags": flags, "lane": 0}
                        assert valve.call({"send": {"connection": to_server, "message": message}}) == seed + 1
                        received = await connection.receive(LIMIT)
                        assert (received.payload, received.reliable) == (pattern(size, seed), True)
                        await connection.send(received.payload)
                        answer = await asyncio.to_thread(valve.report, "message")
                        assert (answer["len"], answer["number"]) == (size, seed + 1)
                    close = {"connection": to_server, "reason": 2001, "debug": "from Valve", "linger": False}
                    valve.call({"close": close})
                    with pytest.raises(gamesockets.ConnectionClosed, match="from Valve") as closed:
                        await connection.receive(LIMIT)
                    assert closed.value.reason == 2001
            await asyncio.get_running_loop().shutdown_default_executor()

        run(main())
