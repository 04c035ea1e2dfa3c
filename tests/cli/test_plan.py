"""vastudio plan: positions as text, as data, and as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vastudio.capture.plan_file import read_plan
from vastudio.cli import run

KNOBS = ["--knob", "gain=0:10:1", "--knob", "bass=0:10", "--switch", "bright=0:1"]


def test_a_plan_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.toml"
    assert run(["plan", *KNOBS, "--positions", "20", "--validation", "5", "--out", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["training"], told["validation"]) == (21, 5)
    assert told["estimated_seconds"] > 26 * 30
    plan = read_plan(file)
    assert [dict(place.values) for place in plan.positions] == [place["knobs"] for place in told["positions"]]
    assert {place.values["bright"] for place in plan.positions} == {0.0, 1.0}
    assert all(place.values["gain"] % 1.0 == 0.0 for place in plan.positions)


def test_a_plan_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", *KNOBS, "--volume", "bass", "--taper", "gain=audio", "--positions", "8"]) == 0
    text = capsys.readouterr().out
    assert "  1. train      gain 5, bass 5, bright" in text
    assert "knob moves, about" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "needs knobs"),
        (["--knob", "gain"], "is not a knob"),
        (["--knob", "gain=0:10:3"], "whole number of steps"),
        (["--knob", "gain=5:1"], "no range"),
        ([*KNOBS, "--volume", "gian"], "Did you mean 'gain'"),
        ([*KNOBS, "--taper", "gain=log"], "no taper 'log'"),
        (["--extend", "plan.toml"], "--run RUN"),
    ],
)
def test_mistakes_are_told(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_what_to_play_elsewhere_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, folder = tmp_path / "plan.toml", tmp_path / "play"
    few = ["--knob", "gain=0:10:1", "--positions", "3", "--validation", "0", "--seconds", "20"]
    assert run(["plan", *few, "--out", str(file)]) == 0
    capsys.readouterr()
    assert run(["plan", str(file), "--stimuli", str(folder), "--rate", "8000", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["stimuli"] == str(folder)
    assert len(list(folder.glob("[0-9]*.wav"))) == len(read_plan(file).positions)
    assert "Gain 5" in (folder / "positions.txt").read_text()
    assert run(["plan", str(file), *few]) == 2
    assert "has its knobs already" in capsys.readouterr().err
