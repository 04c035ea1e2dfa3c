"""Events survive their way through a file."""

from __future__ import annotations

import json

import pytest

from vastudio.training.events import Event, Failed, Finished, Progress, Started, Validated, from_json, to_json


@pytest.mark.parametrize(
    "event",
    [
        Started("hyper-gru", 32, 1000, 31, 6, 600.0, 0, 0),
        Progress(1.5, 2, 30, 0.25, 4e-3, 100.0),
        Validated(2.0, 3, 40, 0.1, 0.09, 0.2, True),
        Finished(600.0, 1000, "planned", 0.002, "m.vamodel"),
        Failed("What happened.", "What to do."),
    ],
)
def test_an_event_is_one_line_and_comes_back(event: Event) -> None:
    line = to_json(event)
    assert "\n" not in line
    assert from_json(line) == event


def test_fields_of_a_later_version_are_ignored() -> None:
    record = {**json.loads(to_json(Failed("a", "b"))), "colour": "red"}
    assert from_json(json.dumps(record)) == Failed("a", "b")


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"event": "party"}', "no json"])
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_json(line)
