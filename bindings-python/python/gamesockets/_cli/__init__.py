"""The command line: ping, listen, bench."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from gamesockets._cli import bench, listen, ping
from gamesockets._cli.display import Display
from gamesockets._errors import GamesocketsError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says; end the program with 1 when that fails, with 2 when it makes no sense."""
    parsed = parser().parse_args(arguments)
    display = Display(as_json=parsed.json)
    try:
        with display:
            asyncio.run(parsed.run(parsed, display))
    except KeyboardInterrupt:
        # The usual way to end it; figures so far have been shown.
        sys.exit(130 if parsed.run is not listen.run else 0)
    except (GamesocketsError, TimeoutError) as error:
        sys.exit(f"gamesockets: {error}")


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(prog="python -m gamesockets", description="Game networking over UDP, by hand.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for command in (ping, listen, bench):
        name = command.__name__.rpartition(".")[2]
        one = commands.add_parser(name, help=command.HELP, description=command.HELP)
        one.add_argument("--json", action="store_true", help="one JSON object per line instead of a table")
        command.add_arguments(one)
        one.set_defaults(run=command.run)
    return top
