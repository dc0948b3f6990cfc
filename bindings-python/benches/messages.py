"""Messages per second through Python: this package beside the others, in one run.

    python benches/messages.py [--seconds 3] [--rounds 3] [--json results.json] [--only NAME ...]

Settings, the same for all: server and client are a process each, on loopback; one connection; every message of 100
bytes comes back whole before the next is sent in its place; asyncio's own loop (``--uvloop`` for the other one); the
best of the rounds counts, and the libraries take turns, so that all meet the same weather. CPU is that of the client.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from peers import Load

PEERS = ["asyncio_udp", "gamesockets_asyncio", "gamesockets_plain", "aioquic_stream", "enet_packets"]
REFERENCE = "asyncio_udp"


def main() -> None:
    """Measure, or be one of the processes that are measured."""
    arguments = parse()
    if arguments.role:
        asyncio.run(play(arguments)) if not arguments.uvloop else run_uvloop(arguments)
        return
    loads = [
        Load("64 in flight", 64, arguments.size, arguments.seconds, 0.3),
        Load("one at a time", 1, arguments.size, arguments.seconds, 0.3),
    ]
    peers = [name for name in PEERS if module(name).available() and (not arguments.only or name in arguments.only)]
    best: dict[tuple[str, str], dict[str, float]] = {}
    for _ in range(arguments.rounds):
        for load in loads:
            for name in peers:
                result = measure(name, load, arguments.uvloop)
                key = (load.name, name)
                if key not in best or result["messages_per_second"] > best[key]["messages_per_second"]:
                    best[key] = result
    for load in loads:
        print_table(load, {name: best[load.name, name] for name in peers})
    absent = [module(name).NAME for name in PEERS if name not in peers and not arguments.only]
    if absent:
        print(f"not installed here: {', '.join(absent)}")
    if arguments.json:
        write_json(arguments, loads, peers, best)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3, help="how long each is measured in each round")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the best counts")
    parser.add_argument("--size", type=int, default=100, help="bytes of a message")
    parser.add_argument("--uvloop", action="store_true", help="use uvloop instead of asyncio's own loop")
    parser.add_argument("--only", nargs="+", choices=PEERS, help="measure only these")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--role", choices=["serve", "run"], help=argparse.SUPPRESS)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    parser.add_argument("--load", type=lambda text: Load(**json.loads(text)), help=argparse.SUPPRESS)
    return parser.parse_args()


def module(name: str):
    """Give the module of a library; it imports the library only when it is used."""
    return importlib.import_module(f"peers.{name}")


async def play(arguments: argparse.Namespace) -> None:
    """Be the server or the client."""
    peer = module(arguments.peer)
    if arguments.role == "serve":
        await peer.serve(lambda address: print(address, flush=True))
        return
    meter = await peer.run(arguments.address, arguments.load)
    print(json.dumps({"round_trips": meter.round_trips, "elapsed": meter.elapsed, "cpu": meter.cpu}))


def run_uvloop(arguments: argparse.Namespace) -> None:
    """Do the same on the other loop."""
    import uvloop

    uvloop.run(play(arguments))


def measure(name: str, load: Load, uvloop: bool) -> dict[str, float]:
    """Start a server and a client, and read what the client found."""
    command = [sys.executable, __file__, "--peer", name, *(["--uvloop"] if uvloop else [])]
    with subprocess.Popen([*command, "--role", "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().strip()
            client = [*command, "--role", "run", "--address", address, "--load", json.dumps(asdict(load))]
            answer = subprocess.run(client, check=True, capture_output=True, text=True, timeout=60 + 10 * load.seconds)
        finally:
            server.kill()
    figures = json.loads(answer.stdout)
    rate = figures["round_trips"] / figures["elapsed"]
    return {
        "messages_per_second": rate,
        "microseconds_per_message": 1e6 / rate,
        "client_cpu_microseconds_per_message": 1e6 * figures["cpu"] / figures["round_trips"],
    }


def print_table(load: Load, results: dict[str, dict[str, float]]) -> None:
    """Print one line for each library, beside the reference."""
    reference = results.get(REFERENCE, {}).get("messages_per_second")
    print(f"\n{load.name}, {load.size} bytes: messages that went there and back per second")
    for name, result in sorted(results.items(), key=lambda item: -item[1]["messages_per_second"]):
        rate = result["messages_per_second"]
        ratio = f"{rate / reference:6.2f}x" if reference else ""
        cpu = result["client_cpu_microseconds_per_message"]
        print(f"  {module(name).NAME:22} {rate:9,.0f}  {ratio}  {cpu:6.1f} us CPU  {module(name).NOTE}")


def write_json(
    arguments: argparse.Namespace, loads: list[Load], peers: list[str], best: dict[tuple[str, str], dict[str, float]]
) -> None:
    """Write figures and circumstances."""
    report = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "loop": "uvloop" if arguments.uvloop else "asyncio",
        "rounds": arguments.rounds,
        "loads": [{"load": asdict(load), "results": {name: best[load.name, name] for name in peers}} for load in loads],
    }
    arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
