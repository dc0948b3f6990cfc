"""The asyncio layer of this package, as its README shows it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from . import Load, Meter

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "gamesockets, asyncio"
NOTE = "async for, await send; encrypted, reliable, in order"


def available() -> bool:
    """Tell that it always is."""
    return True


async def serve(ready: Callable[[str], None]) -> None:
    """Send everything back, until the process is ended."""
    import gamesockets

    async with gamesockets.listen("127.0.0.1:0") as server:
        ready(server.address)
        async for connection in server:
            # The client leaves with messages in flight.
            with contextlib.suppress(gamesockets.ConnectionClosed):
                async with connection:
                    async for message in connection:
                        await connection.send(message.payload)


async def run(address: str, load: Load) -> Meter:
    """Keep messages in flight."""
    import gamesockets

    payload = bytes(load.size)
    async with gamesockets.connect(address) as connection:
        meter = Meter(load)
        for _ in range(load.in_flight):
            await connection.send(payload)
        async for _ in connection:
            if not meter.add():
                break
            await connection.send(payload)
    await asyncio.sleep(0)
    return meter
