"""Draws a connection under loss: `python examples/python/plot.py [LOSS_PERCENT] [PICTURE]` (needs matplotlib).

A sender has 50 ms of delay and the given loss; it sends as much as there is room for. The picture shows what arrives,
the rate that the sender has found, and the ping.
"""

import asyncio
import sys

import gamesockets

INTERVAL = 0.05


async def record(loss: float, seconds: float = 5) -> dict[str, list[float]]:
    """Send as much as possible over a bad line, and note how it goes."""
    async with gamesockets.Host() as receiver, receiver.listen("127.0.0.1:0") as server:
        counting = asyncio.create_task(count(server))
        connecting = gamesockets.connect(server.address, fake_packet_loss_send=loss, fake_packet_lag_send=50)
        async with connecting as connection:
            sending = asyncio.create_task(send(connection))
            series: dict[str, list[float]] = {name: [] for name in ("time", "arrived", "rate", "ping")}
            for step in range(round(seconds / INTERVAL)):
                await asyncio.sleep(INTERVAL)
                status = connection.status()
                series["time"].append((step + 1) * INTERVAL)
                series["arrived"].append(
                    sum(other.status()["bytes_in_per_second"] for other in server.connections) / 1e6
                )
                series["rate"].append(status["send_rate"] / 1e6)
                series["ping"].append(status["ping"])
            sending.cancel()
            await asyncio.wait([sending])
            connection.close()
        counting.cancel()
        await asyncio.wait([counting])
        return series


async def send(connection: gamesockets.Connection) -> None:
    """Send without end; `send` waits while the buffer is full."""
    while True:
        await connection.send(bytes(1000))


async def count(server: gamesockets.Server) -> None:
    """Read without end."""
    connection = await server.accept()
    while True:
        await connection.receive_many()


def draw(series: dict[str, list[float]], loss: float, path: str) -> None:
    """Draw rates and ping over time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (rates, pings) = pyplot.subplots(2, sharex=True, figsize=(9, 6))
    rates.plot(series["time"], series["arrived"], label="arrives")
    rates.plot(series["time"], series["rate"], label="the sender's rate", linestyle="--")
    rates.set(ylabel="MB/s", yscale="log", title=f"50 ms of delay, {loss:g} % loss")
    rates.legend()
    pings.plot(series["time"], series["ping"])
    pings.set(xlabel="s", ylabel="ping, ms", ylim=(0, None))
    figure.savefig(path)


if __name__ == "__main__":
    percent = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    picture = sys.argv[2] if len(sys.argv) > 2 else "connection.png"
    draw(asyncio.run(record(percent)), percent, picture)
    print(f"drawn to {picture}")
