"""Hundreds of bots against one server, in one process: `python examples/python/swarm.py [BOTS] [SECONDS]`.

Each bot sends its position 20 times a second, unreliably; the server answers each with where it is now. Two threads do
the network, whatever the number of bots; one task reads all of them.
"""

import asyncio
import contextlib
import random
import struct
import sys
import time

import gamesockets

POSITION = struct.Struct("<Qff")
TICK = 1 / 20


async def serve(server: gamesockets.Server) -> None:
    """Send everything back; one task reads all bots."""
    async with server.poll_group() as group:
        accepting = asyncio.create_task(accept(server, group))
        try:
            async for message in group:
                # A bot that has left, or does not read, misses it; nobody waits for it.
                with contextlib.suppress(gamesockets.ConnectionClosed, gamesockets.WouldBlock):
                    message.connection.send_nowait(message.payload, reliable=False)
        finally:
            accepting.cancel()


async def accept(server: gamesockets.Server, group: gamesockets.PollGroup) -> None:
    """Let everybody in."""
    async for connection in server:
        group.add(connection)


async def play(bots: gamesockets.PollGroup) -> None:
    """Move every bot once a tick, and tell the server where it is."""
    positions = {bot: [0.0, 0.0] for bot in bots.connections}
    while True:
        begin = time.perf_counter()
        for bot, position in positions.items():
            position[0] += random.uniform(-1, 1)
            position[1] += random.uniform(-1, 1)
            bot.send_nowait(POSITION.pack(time.perf_counter_ns(), *position), reliable=False)
        await asyncio.sleep(max(0, TICK - (time.perf_counter() - begin)))


async def hear(bots: gamesockets.PollGroup, trips: list[float]) -> None:
    """Note how long each answer took, in milliseconds."""
    async for message in bots:
        trips.append((time.perf_counter_ns() - POSITION.unpack(message.payload)[0]) / 1e6)


async def main(count: int = 500, seconds: float = 5) -> None:
    """Connect the bots, let them play, and sum up."""
    async with gamesockets.listen("127.0.0.1:0") as server, gamesockets.poll_group() as bots:
        works = [asyncio.create_task(serve(server))]
        begin = time.perf_counter()
        for connection in await asyncio.gather(*(gamesockets.connect(server.address) for _ in range(count))):
            bots.add(connection)
        print(f"{count} bots connected in {time.perf_counter() - begin:.2f} s", flush=True)
        trips: list[float] = []
        works += [asyncio.create_task(work) for work in (play(bots), hear(bots, trips))]
        await asyncio.wait(works, timeout=seconds)
        for work in works:
            work.cancel()
        await asyncio.wait(works)
        trips.sort()
        print(f"{len(trips) / seconds:,.0f} answers per second; round trip {trips[len(trips) // 2]:.2f} ms (median)")
        for connection in bots.connections:
            connection.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*(int(argument) for argument in sys.argv[1:])))
