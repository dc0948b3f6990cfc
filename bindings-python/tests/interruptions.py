"""Coroutines that are interrupted at the so-many-th place at which they wait."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator


class Interrupted:
    """Runs a coroutine, and does something when it waits for the so-many-th time."""

    def __init__(self, work: Coroutine[Any, Any, object], step: int, interrupt: Callable[[], object]) -> None:
        """Begin nothing yet."""
        self.work = work
        self.step = step
        self.interrupt = interrupt
        self.has_happened = False

    @types.coroutine
    def run(self) -> Generator[Any, Any, None]:
        """Run it."""
        step = 0
        send: Callable[[], Any] = lambda: self.work.send(None)  # noqa: E731
        while True:
            try:
                waits_for = send()
            except StopIteration:
                return
            if step == self.step:
                self.has_happened = True
                self.interrupt()
            step += 1
            try:
                value = yield waits_for
            except BaseException as error:
                send = _throwing(self.work, error)
            else:
                send = _sending(self.work, value)


def _throwing(work: Coroutine[Any, Any, object], error: BaseException) -> Callable[[], Any]:
    return lambda: work.throw(error)


def _sending(work: Coroutine[Any, Any, object], value: object) -> Callable[[], Any]:
    return lambda: work.send(value)
