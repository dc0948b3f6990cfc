"""``listen``: a server that sends every message back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gamesockets._asyncio.shortcuts import listen
from gamesockets._cli import figures
from gamesockets._errors import ConnectionClosed, WouldBlock

if TYPE_CHECKING:
    import argparse

    from gamesockets._asyncio.group import PollGroup
    from gamesockets._asyncio.server import Server
    from gamesockets._cli.display import Display

HELP = "Accept everybody, send every message back, and show who is there until Ctrl-C."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what it takes."""
    parser.add_argument("port", help="a PORT on all addresses, or IP:PORT; port 0 is any that is free")
    parser.add_argument("--interval", type=float, default=1.0, metavar="SECONDS", help="time between two tables")


async def run(arguments: argparse.Namespace, display: Display) -> None:
    """Serve until the program is ended."""
    address = f"[::]:{arguments.port}" if arguments.port.isdecimal() else arguments.port
    async with listen(address) as server, server.poll_group() as group:
        display.note("listening", f"listening on {server.address}", address=server.address)
        works = [
            asyncio.ensure_future(work)
            for work in (
                accept(server, group, display),
                echo(group),
                farewell(group, display),
                show(server, arguments.interval, display),
            )
        ]
        try:
            await asyncio.gather(*works)
        finally:
            for work in works:
                work.cancel()
            await asyncio.wait(works)


async def accept(server: Server, group: PollGroup, display: Display) -> None:
    """Let everybody in."""
    async for connection in server:
        info = connection.info
        name = f"{info['remote_address']}:{info['remote_port']}"
        connection.name = name
        display.note("connected", f"{info['identity_string']} from {name}", identity=info["identity_string"], name=name)
        group.add(connection)


async def echo(group: PollGroup) -> None:
    """Send every message back as it came; who does not read his answers gets no more of them."""
    async for message in group:
        try:
            message.connection.send_nowait(message.payload, reliable=message.reliable)
        except WouldBlock:
            message.connection.close(2000, "read what is sent to you")
        except ConnectionClosed:
            continue


async def farewell(group: PollGroup, display: Display) -> None:
    """Tell who left."""
    async for connection in group.ended():
        if connection.end is not None:
            reason, debug = connection.end
            display.note("left", f"one left ({int(reason)}): {debug}", reason=int(reason), debug=debug)


async def show(server: Server, interval: float, display: Display) -> None:
    """Show all connections in each interval."""
    while True:
        await asyncio.sleep(interval)
        rows = {connection.name: figures.of(connection) for connection in server.connections}
        if rows:
            display.show("status", rows)
