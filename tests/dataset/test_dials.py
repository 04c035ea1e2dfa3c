"""Knob ranges inferred from positions."""

from __future__ import annotations

from pathlib import Path

import pytest

from vastudio.dataset.dials import infer_knobs, infer_range, odd_positions
from vastudio.dataset.planned import PlannedCapture, PlannedClip
from vastudio.errors import DatasetError

CLIP = PlannedClip(Path("x.wav"), Path("y.wav"), "line 2")


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([0.2, 0.9], (0.0, 1.0)),
        ([0.0, 7.0], (0.0, 10.0)),
        ([25.0, 75.0], (25.0, 75.0)),
        ([50.0, 50.0], (0.0, 50.0)),
        ([-12.0, 12.0], (-12.0, 12.0)),
        ([-5.0], (-5.0, 0.0)),
    ],
)
def test_ranges(positions: list[float], expected: tuple[float, float]) -> None:
    assert infer_range(positions) == expected


def test_knobs_keep_their_order_and_rest_in_the_middle_or_where_they_stand() -> None:
    captures = [PlannedCapture({"volume": value, "bass": 0.3}, (CLIP,)) for value in (0.0, 8.0)]
    volume, bass = infer_knobs(captures, {})
    assert (volume.name, volume.minimum, volume.maximum, volume.default) == ("volume", 0.0, 10.0, 5.0)
    assert (bass.name, bass.default) == ("bass", 0.3)


def test_a_position_far_from_all_others_is_pointed_at() -> None:
    def captures(*positions: float) -> list[PlannedCapture]:
        return [PlannedCapture({"drive": value}, (CLIP,)) for value in positions]

    found = odd_positions(captures(0.0, 0.2, 0.4, 1.0, 5.0), {})
    assert [finding.code for finding in found] == ["odd_position"]
    assert "line 2: drive = 5" in found[0].message
    for usual in (captures(0.0, 0.5, 1.0), captures(0.0, 0.5, 1.0, 5.0, 7.0, 10.0), captures(25.0, 75.0)):
        assert odd_positions(usual, {}) == ()
    assert odd_positions(captures(0.0, 0.2, 0.4, 1.0, 5.0), {"drive": (0.0, 10.0)}) == ()


def test_different_knobs_and_unknown_ranges_are_refused() -> None:
    captures = [PlannedCapture({"a": 0.0}, (CLIP,)), PlannedCapture({"b": 0.0}, (CLIP,))]
    with pytest.raises(DatasetError, match="line 2 has the knobs b; others a"):
        infer_knobs(captures, {})
    with pytest.raises(DatasetError, match="no knob 'driv'"):
        infer_knobs(captures[:1], {"driv": (0.0, 1.0)})
    with pytest.raises(DatasetError, match="outside"):
        infer_knobs(captures[:1], {"a": (1.0, 2.0)})
