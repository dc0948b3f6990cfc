"""``bench``: how many messages a server sends back in a second, and how soon."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from gamesockets._asyncio.shortcuts import connect

if TYPE_CHECKING:
    import argparse

    from gamesockets._asyncio.connection import Connection
    from gamesockets._cli.display import Display

HELP = "Measure a server that sends messages back, such as `listen`: messages per second and round trips."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what it takes."""
    parser.add_argument("address", help="HOST:PORT of the server")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long")
    parser.add_argument("--size", type=int, default=100, metavar="BYTES", help="size of a message, 8 to 524288")
    parser.add_argument("--in-flight", type=int, default=64, metavar="N", help="messages on their way at once")
    parser.add_argument("--unreliable", action="store_true", help="send unreliably; what gets lost is sent anew")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="how long to wait for an answer")


async def run(arguments: argparse.Namespace, display: Display) -> None:
    """Keep messages in flight, and count what comes back."""
    size = min(max(arguments.size, 8), 524_288)
    async with connect(arguments.address, timeout=arguments.timeout) as connection:
        display.note("connected", f"connected to {arguments.address}", address=arguments.address)
        loop = asyncio.get_running_loop()
        begin = shown = loop.time()
        trips: list[float] = []
        count = 0
        await _send(connection, arguments.in_flight, size, arguments.unreliable)
        while (now := loop.time()) - begin < arguments.seconds:
            if now - shown >= 1:
                display.show("progress", {arguments.address: _figures(count, now - begin, trips)})
                shown = now
            try:
                messages = await connection.receive_many(timeout=min(1.0, arguments.timeout))
            except TimeoutError:
                if not arguments.unreliable:
                    raise TimeoutError(f"{arguments.address} does not send messages back") from None
                await _send(connection, arguments.in_flight, size, arguments.unreliable)
                continue
            received = time.perf_counter_ns()
            count += len(messages)
            trips += [(received - int.from_bytes(message.payload[:8], "little")) / 1e6 for message in messages]
            del trips[:-100_000]
            await _send(connection, len(messages), size, arguments.unreliable)
        display.show("result", {arguments.address: _figures(count, loop.time() - begin, trips)})


async def _send(connection: Connection, count: int, size: int, unreliable: bool) -> None:
    payload = time.perf_counter_ns().to_bytes(8, "little") + bytes(size - 8)
    for _ in range(count):
        await connection.send(payload, reliable=not unreliable)


def _figures(count: int, seconds: float, trips: list[float]) -> dict[str, object]:
    ordered = sorted(trips)
    return {
        "messages": count,
        "messages_per_second": count / seconds,
        "round_trip_median_ms": ordered[len(ordered) // 2] if ordered else None,
        "round_trip_99_percent_ms": ordered[len(ordered) * 99 // 100] if ordered else None,
    }
