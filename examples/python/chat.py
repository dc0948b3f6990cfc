"""A chat over UDP: what one says, all others hear.

python examples/python/chat.py server 127.0.0.1:27015
python examples/python/chat.py client 127.0.0.1:27015 alice
"""

import asyncio
import contextlib
import sys

import gamesockets


async def serve(address: str) -> None:
    """One task reads everybody, through a poll group."""
    async with gamesockets.listen(address) as server, server.poll_group() as group:
        print(f"listening on {server.address}", flush=True)
        await asyncio.gather(welcome(server, group), relay(group), farewell(group))


async def welcome(server: gamesockets.Server, group: gamesockets.PollGroup) -> None:
    """Let everybody in, and tell the others."""
    async for connection in server:
        connection.name = connection.info["identity_string"].removeprefix("str:")
        tell(group, connection, f"{connection.name} came")
        group.add(connection)


async def relay(group: gamesockets.PollGroup) -> None:
    """Tell the others what one says."""
    async for message in group:
        if not message.connection.closed:
            name = message.connection.name
            tell(group, message.connection, f"{name}: {message.payload.decode(errors='replace')}")


async def farewell(group: gamesockets.PollGroup) -> None:
    """Tell those who remain that one has left."""
    async for _ in group.ended():
        tell(group, None, f"one left, {len(group)} remain")


def tell(group: gamesockets.PollGroup, author: gamesockets.Connection | None, text: str) -> None:
    """Send a line to all but its author."""
    print(text, flush=True)
    for connection in group.connections:
        if connection is not author:
            # Who does not read misses it.
            with contextlib.suppress(gamesockets.WouldBlock, gamesockets.ConnectionClosed):
                connection.send_nowait(text.encode())


async def talk(address: str, name: str) -> None:
    """Send what is typed."""
    async with gamesockets.connect(address, identity=f"str:{name}") as connection:
        listening = asyncio.create_task(hear(connection))
        try:
            while not listening.done() and (line := await asyncio.to_thread(sys.stdin.readline)):
                await connection.send(line.rstrip("\n").encode())
        finally:
            listening.cancel()


async def hear(connection: gamesockets.Connection) -> None:
    """Print what the others say."""
    async for message in connection:
        print(message.payload.decode(errors="replace"), flush=True)
    print("the server is gone; press Enter", flush=True)


if __name__ == "__main__":
    roles = {"server": serve, "client": talk}
    try:
        asyncio.run(roles[sys.argv[1]](*sys.argv[2:]))
    except KeyboardInterrupt:
        pass
    except (IndexError, KeyError, TypeError):
        sys.exit(__doc__)
