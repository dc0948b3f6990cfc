"""Programs of this repository that tests talk to: built when they are missing or stale, ended with the test."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from support import LIMIT

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

ROOT = Path(__file__).parents[2]
BUILD_LIMIT = 1800.0


def build(*arguments: str) -> Path:
    """Build a program with cargo, and tell where it is."""
    command = ["cargo", "build", "--quiet", "--message-format=json", *arguments]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=BUILD_LIMIT, check=True)
    programs = [json.loads(line).get("executable") for line in built.stdout.splitlines()]
    return Path(next(program for program in reversed(programs) if program))


class Program:
    """A running program whose output is read line by line."""

    def __init__(self, command: list[str | Path]) -> None:
        """Start it."""
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.reader = threading.Thread(target=self._read, args=(self.child.stdout,))
        self.reader.start()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def write(self, line: str) -> None:
        """Give it a line to read."""
        assert self.child.stdin is not None
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def line(self) -> str:
        """Take its next line."""
        line = self.lines.get(timeout=LIMIT)
        assert line is not None, "the program has ended"
        return line

    def match(self, pattern: str) -> re.Match[str]:
        """Take lines until one matches."""
        while True:
            found = re.search(pattern, self.line())
            if found is not None:
                return found

    def __enter__(self) -> Self:
        """Use it in a with statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self.child.kill()
        self.child.wait(LIMIT)
        self.reader.join(LIMIT)
        for stream in (self.child.stdin, self.child.stdout):
            assert stream is not None
            stream.close()


class ValvePeer(Program):
    """Valve's library in a process of its own; one JSON object per line (tests/interop/src/protocol.rs)."""

    def __init__(self, identity: str) -> None:
        """Start it; skip the test if the library is not here and need not be."""
        start = valve_command()
        self.reports: list[dict[str, Any]] = []
        program = build("--package", "gamesockets-interop", "--bin", "valve-peer")
        runner, library = start
        super().__init__([*runner, program, "--library", library, "--identity", identity, "--log-level", "2"])

    def call(self, command: object) -> Any:
        """Give a command, and take its answer: the value of the reply."""
        self.write(json.dumps(command))
        while True:
            output = json.loads(self.line())
            if "reply" in output:
                (answer,) = output["reply"].values()
                return answer
            self.reports.append(output)

    def report(self, kind: str) -> dict[str, Any]:
        """Take the next event or message."""
        while True:
            for index, report in enumerate(self.reports):
                if kind in report:
                    found: dict[str, Any] = self.reports.pop(index)[kind]
                    return found
            self.reports.append(json.loads(self.line()))


def valve_command() -> tuple[list[str | Path], str]:
    """Tell how a program is started that loads Valve's library, and what the library is called."""
    named = os.environ.get("GAMESOCKETS_VALVE_LIB")
    if named is not None:
        return [], named
    cache = Path(os.environ.get("GAMESOCKETS_CACHE", ROOT / ".cache"))
    runner = cache / "sysroot" / "run"
    name = "libGameNetworkingSockets.so"
    if runner.is_file():
        return [runner], name
    listing = subprocess.run(["ldconfig", "-p"], stdout=subprocess.PIPE, text=True, check=False).stdout
    installed = [line.split("=> ")[1] for line in listing.splitlines() if name in line and "=> " in line]
    if installed:
        return [], installed[0].strip()
    reason = "Valve's library is not here: `cargo xtask setup valve` brings it"
    if os.environ.get("GAMESOCKETS_INTEROP") == "required":
        pytest.fail(reason)
    pytest.skip(reason)
