"""``ping``: connect to any server of this protocol, and watch how the line is."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from gamesockets._asyncio.shortcuts import connect
from gamesockets._cli import figures

if TYPE_CHECKING:
    import argparse

    from gamesockets._cli.display import Display

HELP = "Connect to a server, and show ping, quality and rates until Ctrl-C."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what it takes."""
    parser.add_argument("address", help="HOST:PORT of the server")
    parser.add_argument("--interval", type=float, default=1.0, metavar="SECONDS", help="time between two lines")
    parser.add_argument("--count", type=int, default=0, metavar="N", help="end after so many lines; 0: never")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="how long to wait for an answer")


async def run(arguments: argparse.Namespace, display: Display) -> None:
    """Show a line in each interval."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async with connect(arguments.address, timeout=arguments.timeout) as connection:
        took = (loop.time() - begin) * 1000
        peer = connection.info["identity_string"]
        text = f"connected to {peer} at {arguments.address} in {took:.1f} ms"
        display.note("connected", text, identity=peer, address=arguments.address, milliseconds=took)
        shown = 0
        while not arguments.count or shown < arguments.count:
            # Whatever the server sends is dropped; the end of the connection is an error.
            with contextlib.suppress(TimeoutError):
                deadline = loop.time() + arguments.interval
                while True:
                    await connection.receive_many(timeout=deadline - loop.time())
            display.show("status", {arguments.address: figures.of(connection)})
            shown += 1
