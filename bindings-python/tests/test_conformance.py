"""Plays the conformance scripts; each is a test.

``GAMESOCKETS_CONFORMANCE`` names the file that is written by
``cargo run -p gamesockets-tests --bin conformance -- json FOLDER``.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from conformance import call, mismatch, neutral, part, plain
from gamesockets import Sockets

FILE = os.environ.get("GAMESOCKETS_CONFORMANCE")
ALL: dict[str, Any] = json.loads(Path(FILE).read_text(encoding="utf-8")) if FILE else {"scripts": []}
#: Scripts that call what this package has no function for are left out, not skipped: there is nothing to test.
SCRIPTS = [script for script in ALL["scripts"] if not script["native"]]
SECONDS_MAX = 30.0
#: For what is not to come.
SECONDS_IN_VAIN = 0.1
PAUSE = 0.002


class Wrong(Exception):
    """A step went otherwise than expected."""


class Player:
    """One run of a script."""

    def __init__(self, instances: dict[str, Sockets]) -> None:
        self.instances = instances
        self.saved: dict[str, Any] = {}
        #: What each instance has told and nobody has asked for: signal and record.
        self.told: dict[str, list[tuple[str, dict[str, Any]]]] = {name: [] for name in instances}
        self.deadline = 0.0

    def play(self, step: dict[str, Any], seconds: float) -> None:
        """Do one step."""
        self.deadline = time.monotonic() + seconds
        expected = step.get("expect", {"$any": "variant"})
        if "no_event" in step:
            self.pump(step["on"])
            if found := self.find(step["on"], step["no_event"], expected):
                raise Wrong(f"{step['no_event']} was told: {self.told[step['on']][found[0]]}")
            return
        answer = self.wait_event(step, expected) if "event" in step else self.call(step, expected)
        if problem := mismatch(expected, answer, self.saved):
            raise Wrong(f"{step.get('call') or step.get('event')}{problem}")
        self.saved.update({name: part(answer, path) for name, path in step.get("save", {}).items()})

    def call(self, step: dict[str, Any], expected: Any) -> Any:
        """Call a function, again and again where the step says so."""
        args = [plain(arg, self.saved) for arg in step["args"]]
        gathered: list[Any] = []
        while True:
            answer = self.call_once(step, args)
            done = True
            if "count" in step:
                gathered += answer
                answer, done = gathered, len(gathered) >= step["count"]
            elif "wait" in step:
                done = mismatch(expected, answer, self.saved) is None
            if done or time.monotonic() > self.deadline:
                return answer
            time.sleep(PAUSE)

    def call_once(self, step: dict[str, Any], args: list[Any]) -> Any:
        """Call a function."""
        if step["call"] == "RunCallbacks":
            return self.pump(step["on"])
        return call(self.instances[step["on"]], step["call"], ALL["functions"][step["call"]], args)

    def wait_event(self, step: dict[str, Any], expected: Any) -> dict[str, Any]:
        """Take the first event that fits; none of the same connection may have come before it unasked."""
        told = self.told[step["on"]]
        self.pump(step["on"])
        while not (found := self.find(step["on"], step["event"], expected)):
            if time.monotonic() > self.deadline:
                raise Wrong(f"no {step['event']} as expected came; told were: {told}")
            time.sleep(PAUSE)
            self.pump(step["on"])
        signal, record = told.pop(found[0])
        for earlier, about in told[: found[0]]:
            handle = about.get("connect_handle")
            if earlier == signal and handle is not None and handle == record["connect_handle"]:
                raise Wrong(f"before {record}, this came about the same connection: {about}")
        return record

    def find(self, on: str, signal: str, expected: Any) -> list[int]:
        """Give the places of the events that fit."""
        numbered = enumerate(self.told[on])
        return [
            index
            for index, (told, record) in numbered
            if told == signal and mismatch(expected, record, self.saved) is None
        ]

    def pump(self, on: str) -> None:
        """Take in what waits."""
        signals = {event["rust_name"]: signal for signal, event in ALL["events"].items()}

        def take(event: Any) -> None:
            signal = signals.get(type(event).__name__)
            if signal:
                self.told[on].append((signal, neutral(event)))

        self.instances[on].run_networking_callbacks(take)


@pytest.mark.skipif(FILE is None, reason="GAMESOCKETS_CONFORMANCE names no file with the scripts")
def test_there_are_scripts() -> None:
    assert ALL["format"] == 1
    assert len(SCRIPTS) > 40


@pytest.mark.parametrize("script", SCRIPTS, ids=[script["name"] for script in SCRIPTS])
def test_conformance(script: dict[str, Any]) -> None:
    instances = {name: Sockets() for name in script["instances"]}
    try:
        player = Player(instances)
        *before, last = script["steps"]
        for step in before if script["must_fail"] else script["steps"]:
            try:
                player.play(step, SECONDS_MAX)
            except Wrong as wrong:
                pytest.fail(f"{step['place']}: {wrong}", pytrace=False)
        if script["must_fail"]:
            with pytest.raises(Wrong):
                player.play(last, SECONDS_IN_VAIN)
    finally:
        for sockets in instances.values():
            sockets.close()
