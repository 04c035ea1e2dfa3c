"""Plans as files: what is written is read back; slips are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from vastudio.capture.plan import Position, plan_knobs
from vastudio.capture.plan_file import CapturePlan, Dial, StimulusChoice, read_plan, write_plan
from vastudio.errors import DatasetError, KnobError, StudioError
from vastudio.types import Knob

GAIN = Knob("gain", "Gain", 0.0, 10.0, 5.0, "dB")
BRIGHT = Knob("bright", maximum=1.0, default=0.0, kind="switch")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    positions = plan_knobs([GAIN, BRIGHT]).positions
    dials = (Dial(GAIN, 20, "audio"), Dial(BRIGHT, is_output_volume=True))
    for file in (None, tmp_path / "signals" / "di.wav"):
        plan = CapturePlan(dials, positions, StimulusChoice(20.0, 3, file), "My amp")
        write_plan(plan, tmp_path / "plan.toml")
        assert read_plan(tmp_path / "plan.toml") == plan


def test_a_plan_without_knobs(tmp_path: Path) -> None:
    plan = CapturePlan((), (Position({}, "train"),))
    write_plan(plan, tmp_path / "plan.toml")
    assert read_plan(tmp_path / "plan.toml") == plan


def test_a_hand_written_plan_needs_little(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        '[[knobs]]\nname = "gain"\n[[knobs]]\nname = "bright"\nmaximum = 1\nkind = "switch"\n'
        "[[positions]]\nknobs = { gain = 2 }\n[[positions]]\n"
        'split = "validation"\nknobs = { bright = 1 }\n'
    )
    plan = read_plan(path)
    assert [knob.default for knob in plan.knobs] == [5.0, 0.0]
    assert plan.positions == (
        Position({"gain": 2.0, "bright": 0.0}, "train"),
        Position({"gain": 5.0, "bright": 1.0}, "validation"),
    )


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("gain = ", DatasetError, "not TOML"),
        ("schema = 2\npositions = []", DatasetError, "newer"),
        ("[[position]]", DatasetError, "'position': there is no such key. Did you mean 'positions'"),
        (
            'positions = []\n[[knobs]]\nname = "a"\nminimun = 1',
            DatasetError,
            "'knobs' 1 'minimun'.*'minimum'",
        ),
        ('positions = []\n[[knobs]]\nname = "a"\nminimum = "1"', DatasetError, "'knobs' 1 'minimum'.*number"),
        ("positions = []\n[stimulus]\nseconds = 0", DatasetError, "'stimulus' 'seconds'"),
        ("positions = []", DatasetError, "no position"),
        ('[[knobs]]\nname = "a"\n[[knobs]]\nname = "a"\n[[positions]]', DatasetError, "two knobs 'a'"),
        ('[[knobs]]\nname = "a"\n[[positions]]\nknobs = { b = 1 }', KnobError, "no knob 'b'"),
        ('[[knobs]]\nname = "a"\n[[positions]]\nknobs = { a = 11 }', KnobError, "cannot be set to 11"),
        ('[[knobs]]\nname = "a"\n[[positions]]\nknobs = { a = nan }', KnobError, "cannot be set to nan"),
    ],
)
def test_slips_are_named(tmp_path: Path, text: str, kind: type[StudioError], words: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(kind, match=words):
        read_plan(path)


def test_a_missing_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no plan"):
        read_plan(tmp_path / "plan.toml")
