"""Instances for tests: each test has its own, and leaves nothing behind."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from gamesockets import Sockets
from loops import Run, factories
from support import Pair, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_configure() -> None:
    """Listen to Ctrl-C, which is tested: what a shell starts in the background ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def server() -> Iterator[Sockets]:
    """Give an instance."""
    with Sockets("str:server") as sockets:
        yield sockets


@pytest.fixture
def client() -> Iterator[Sockets]:
    """Give another instance."""
    with Sockets("str:client") as sockets:
        yield sockets


@pytest.fixture
def pair(server: Sockets, client: Sockets) -> Pair:
    """Give two instances that are connected over UDP."""
    return connect(server, client)


@pytest.fixture(params=factories().items(), ids=lambda named: named[0])
def run(request: pytest.FixtureRequest) -> Run:
    """Give each kind of event loop that is installed."""
    return Run(request.param[1])
