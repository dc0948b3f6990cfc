"""Figures that change, in a terminal, in a pipe, or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self


class Display:
    """Shows records: with rich as a table that stays in place, without it a line for each; or as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        """Choose the way."""
        self._as_json = as_json
        self._live: Any = None

    def note(self, event: str, text: str, **details: object) -> None:
        """Tell of something that happened once."""
        if self._as_json:
            self._write_json({"event": event, **details})
        elif self._live is not None:
            self._live.console.print(text, markup=False, highlight=False)
        else:
            print(text, flush=True)

    def show(self, event: str, rows: Mapping[str, Mapping[str, object]]) -> None:
        """Show figures, a row for each name, in place of those before."""
        if self._as_json:
            for name, figures in rows.items():
                self._write_json({"event": event, "name": name, **figures})
        elif self._live is not None:
            self._live.update(_table(rows), refresh=True)
        else:
            for name, figures in rows.items():
                print(name, *(f"{what} {_text(value)}" for what, value in figures.items()), sep="  ", flush=True)

    def __enter__(self) -> Self:
        """Take over the terminal, if it is one and rich is installed."""
        if not self._as_json and sys.stdout.isatty():
            try:
                from rich.live import Live
            except ImportError:
                return self
            self._live = Live(auto_refresh=False)
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.__exit__(kind, error, traceback)

    def _write_json(self, record: Mapping[str, object]) -> None:
        print(json.dumps(record), flush=True)


def _table(rows: Mapping[str, Mapping[str, object]]) -> object:
    from rich.table import Table

    table = Table()
    table.add_column("connection")
    for what in next(iter(rows.values()), {}):
        table.add_column(what, justify="right")
    for name, figures in rows.items():
        table.add_row(name, *(_text(value) for value in figures.values()))
    return table


def _text(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
