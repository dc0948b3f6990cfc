"""A server that sends every message back, and a client that asks it.

python examples/python/echo.py                        both, in one program
python examples/python/echo.py server 127.0.0.1:27015
python examples/python/echo.py client 127.0.0.1:27015
"""

import asyncio
import contextlib
import sys

import gamesockets


async def answer(connection: gamesockets.Connection) -> None:
    """Send everything back until the peer leaves."""
    async for message in connection:
        await connection.send(message.payload, reliable=message.reliable)


async def ask(address: str) -> None:
    """Ask, and print the answers."""
    async with gamesockets.connect(address) as connection:
        for text in ("hello", "how are you", "bye"):
            await connection.send(text.encode())
            print(f"{text} -> {(await connection.receive()).payload.decode()}")
        print(f"ping {connection.status()['ping']} ms")


async def main(role: str = "both", address: str = "127.0.0.1:0") -> None:
    """Be the server, the client, or both."""
    if role == "client":
        await ask(address)
        return
    async with gamesockets.listen(address) as server:
        print(f"listening on {server.address}")
        # Each connection has a task: simple, and good for hundreds of them.
        serving = asyncio.create_task(server.serve(answer))
        if role == "both":
            await ask(server.address)
            serving.cancel()
        await asyncio.wait([serving])


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
