"""Events survive their way through a file."""

from __future__ import annotations

import json

import pytest

from vastudio.training.events import (
    Event,
    Failed,
    Finished,
    Floor,
    Paused,
    Progress,
    Restarted,
    Resumed,
    Started,
    Threads,
    Unpaused,
    Validated,
    from_json,
    to_json,
)


@pytest.mark.parametrize(
    "event",
    [
        Started("hyper-gru", 32, 1000, 31, 6, 600.0, 0, 0),
        Progress(1.5, 2, 30, 0.25, 4e-3, 100.0),
        Validated(2.0, 3, 40, 0.1, 0.09, 0.2, True),
        Finished(600.0, 1000, "planned", 0.002, "m.vamodel"),
        Validated(2.0, 3, 40, 0.1, 0.09, 0.2, True, {"006": 0.2}, {"000": 0.01}),
        Resumed(12.0, 3, 40, 0.1, True, 60.0, 2, "cpu", "runs/a"),
        Floor(1e-6, 2e-6, "repeats", 3),
        Restarted(12.0, 30, "diverged", 1, 2e-3, 1000),
        Paused(1.0),
        Unpaused(1.0),
        Threads(1, 2),
        Failed("What happened.", "What to do.", "runs/a"),
    ],
)
def test_an_event_is_one_line_and_comes_back(event: Event) -> None:
    line = to_json(event)
    assert "\n" not in line
    assert from_json(line) == event


def test_fields_of_a_later_version_are_ignored() -> None:
    record = {**json.loads(to_json(Failed("a", "b"))), "colour": "red"}
    assert from_json(json.dumps(record)) == Failed("a", "b")


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"event": "party"}', "no json", '{"event": "paused"}'])
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_json(line)
