"""What the tests of event loops take for left behind."""

from __future__ import annotations

import threading

import pytest

from loops import Leftovers


def test_a_thread_that_was_about_to_end_is_nothing_left() -> None:
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait, daemon=True)
    thread.start()
    with Leftovers(limit=1):
        ends.set()
        thread.join()


def test_a_thread_that_stays_is_left() -> None:
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait, daemon=True)
    with pytest.raises(AssertionError, match="threads, not"):
        with Leftovers(limit=0.1):
            thread.start()
    ends.set()
    thread.join()
