"""The libraries that are compared. Each module has `NAME`, `NOTE`, `available()`, `serve(ready)`, `run(address, load)`.

All do the same work: a server process sends back every message it gets; a client process keeps as many messages in
flight as the load says, and sends the next for each that comes back.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Load:
    """What the client does."""

    name: str
    in_flight: int
    """Messages on their way at once."""
    size: int
    """Bytes of each."""
    seconds: float
    """How long it is measured."""
    warm_up: float
    """How long it runs before that, seconds."""


@dataclass
class Meter:
    """Counts messages that came back, once the warm-up is over."""

    load: Load
    begin: float = field(default_factory=time.perf_counter)
    round_trips: int = 0
    elapsed: float = 0.0
    cpu: float = 0.0
    _cpu_begin: float = 0.0
    _is_warm: bool = False

    def add(self, count: int = 1) -> bool:
        """Count messages that came back; answer whether to go on."""
        now = time.perf_counter()
        if not self._is_warm:
            if now - self.begin >= self.load.warm_up:
                self.begin, self._is_warm, self._cpu_begin = now, True, time.process_time()
            return True
        self.round_trips += count
        self.elapsed = now - self.begin
        if self.elapsed < self.load.seconds:
            return True
        self.cpu = time.process_time() - self._cpu_begin
        return False


def installed(module: str) -> bool:
    """Tell whether a module can be imported."""
    return importlib.util.find_spec(module) is not None
