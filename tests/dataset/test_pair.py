"""Folders of pairs: the names that are recognised, and those that are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from vastudio.dataset.importers.pair import IMPORTER
from vastudio.dataset.planned import ImportOptions, Plan
from vastudio.errors import DatasetError


def plan(folder: Path, names: list[str], options: ImportOptions | None = None) -> Plan:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert IMPORTER.accepts(folder)
    return IMPORTER.plan(folder, options or ImportOptions())


@pytest.mark.parametrize(
    ("names", "positions"),
    [
        (["clean.wav", "drive=0.5,tone=0.2.wav", "drive=1,tone=0.wav"], [(0.5, 0.2), (1.0, 0.0)]),
        (["input.flac", "ts9_drive0.5_tone0.2.flac", "ts9_drive1_tone0.flac"], [(0.5, 0.2), (1.0, 0.0)]),
        (
            [
                "drive1_tone2_clean.wav",
                "drive1_tone2_target.wav",
                "drive3_tone4_in.aif",
                "drive3_tone4_out.aif",
            ],
            [(1.0, 2.0), (3.0, 4.0)],
        ),
        (
            [
                "drive1_tone2/clean.wav",
                "drive1_tone2/target.wav",
                "drive3_tone4/dry.wav",
                "drive3_tone4/wet.wav",
            ],
            [(1.0, 2.0), (3.0, 4.0)],
        ),
    ],
)
def test_names_give_knob_values(
    tmp_path: Path, names: list[str], positions: list[tuple[float, float]]
) -> None:
    captures = plan(tmp_path, names).captures
    assert [capture.knobs for capture in captures] == [{"drive": d, "tone": t} for d, t in positions]
    assert all(capture.split is None for capture in captures)


def test_a_number_alone_is_one_knob_in_per_cent(tmp_path: Path) -> None:
    names = ["DataIn.wav", *(f"Data{value}.wav" for value in (0, 25, 100))]
    found = plan(tmp_path, names, ImportOptions(knob_name="gain"))
    assert [capture.knobs for capture in found.captures] == [{"gain": 0.0}, {"gain": 25.0}, {"gain": 100.0}]
    assert found.knob_ranges == {"gain": (0.0, 100.0)}


def test_a_pair_without_knobs(tmp_path: Path) -> None:
    found = plan(tmp_path, ["clean.wav", "target.wav"])
    assert [capture.knobs for capture in found.captures] == [{}]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.wav", "b.wav"], "neither a clean signal nor a target"),
        (["a_clean.wav", "a_target.wav", "b_clean.wav"], "b_clean.wav has no partner"),
        (["clean.wav"], "clean.wav has no partner"),
        (["clean.wav", "loud.wav", "quiet.wav"], "does not give knob values"),
        (["clean.wav", "drive=1,tone=0.wav", "drive=2.wav"], "'drive=2' does not give a value for 'tone'"),
    ],
)
def test_other_names_are_refused_showing_what_is_known(
    tmp_path: Path, names: list[str], message: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        plan(tmp_path, names)
    assert message in caught.value.message
    assert "Data25.wav" in caught.value.hint
