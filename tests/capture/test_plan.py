"""Plans: corners, centre, hypercubes, steps, order."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from vastudio.capture.plan import KnobPlan, Position, plan_knobs
from vastudio.capture.plan_file import Dial
from vastudio.capture.planning import (
    append,
    estimated_seconds,
    insert,
    move,
    plan_capture,
    remove,
    spread_along,
)
from vastudio.errors import KnobError
from vastudio.types import Knob


def dials(count: int) -> list[Knob]:
    return [Knob(f"knob{index}", minimum=0.0, maximum=10.0, default=5.0) for index in range(count)]


def points(plan: KnobPlan, split: str | None = None) -> list[tuple[float, ...]]:
    return [tuple(position.values.values()) for position in plan.positions if split in (None, position.split)]


def test_two_knobs_get_four_corners_the_centre_and_the_hypercubes() -> None:
    plan = plan_knobs(dials(2), hypercube=8, validation=4)
    training = points(plan, "train")
    assert set(itertools.product((0.0, 10.0), repeat=2)) <= set(training)
    assert (5.0, 5.0) in training
    assert (plan.count("train"), plan.count("validation")) == (13, 4)
    assert len(set(points(plan))) == 17, "validation positions are not among the training positions"


def test_positions_lie_on_steps_of_the_dial() -> None:
    plan = plan_knobs(dials(3), dial_steps=10, hypercube=12)
    assert all(value == round(value) for point in points(plan) for value in point)


def test_hypercube_spreads_over_every_dial() -> None:
    plan = plan_knobs(dials(2), hypercube=10, validation=0, dial_steps=1000)
    inner = [point for point in points(plan) if not set(point) <= {0.0, 5.0, 10.0}]
    for column in np.array(inner).T:
        assert len(set(np.minimum(np.floor(column), 9))) >= 9, "one position per tenth of the dial"


@pytest.mark.parametrize("count", [4, 5, 8])
def test_from_four_knobs_on_corners_are_a_balanced_fraction(count: int) -> None:
    corners = np.array(points(plan_knobs(dials(count), hypercube=0, validation=0)))
    corners = corners[(corners != 5.0).all(axis=1)] / 5.0 - 1.0
    assert len(corners) < 2**count
    np.testing.assert_array_equal(corners.sum(axis=0), 0.0)
    np.testing.assert_array_equal(corners.T @ corners, len(corners) * np.eye(count))
    for three in itertools.combinations(range(count), 3):
        assert corners[:, list(three)].prod(axis=1).sum() == 0, "no knob is confounded with a pair"


def test_same_seed_same_plan() -> None:
    assert plan_knobs(dials(2), seed=3) == plan_knobs(dials(2), seed=3)
    assert plan_knobs(dials(2), seed=3) != plan_knobs(dials(2), seed=4)


def test_order_moves_few_knobs() -> None:
    plan = plan_knobs(dials(3), hypercube=20, validation=6)
    rng = np.random.default_rng(0)
    shuffled = KnobPlan(plan.knobs, tuple(plan.positions[i] for i in rng.permutation(len(plan.positions))))
    assert plan.knob_moves < 0.9 * shuffled.knob_moves
    seconds = plan.estimated_seconds(20.0, seconds_per_knob=5.0)
    assert seconds == 20.0 * len(plan.positions) + 5.0 * plan.knob_moves


def test_switch_rests_on_its_positions() -> None:
    plan = plan_knobs([*dials(1), Knob("bright", maximum=1.0, default=0.0, kind="switch")])
    assert {point[1] for point in points(plan)} == {0.0, 1.0}


def test_device_without_knobs_is_one_take() -> None:
    plan = plan_knobs([])
    assert [dict(position.values) for position in plan.positions] == [{}]


def test_nonsense_counts_are_refused() -> None:
    with pytest.raises(KnobError, match="counts"):
        plan_knobs(dials(1), hypercube=-1)


def amp(**marks: object) -> list[Dial]:
    knobs = dials(3)
    return [Dial(knobs[0], 10), Dial(knobs[1], 10), Dial(knobs[2], **marks)]  # type: ignore[arg-type]


def test_a_capture_has_corners_centre_validation_and_the_first_position_again() -> None:
    plan = plan_capture(amp(), positions=30, validation=9)
    values = [tuple(position.values.values()) for position in plan.positions]
    assert set(itertools.product((0.0, 10.0), repeat=3)) <= set(values)
    assert values[0] == values[-1] == (5.0, 5.0, 5.0)
    assert len(set(values)) == 39
    assert plan.knob_plan.count("validation") == 9
    assert all(value == round(value) for place in values for value in place[:2]), "whole numbers only"
    assert estimated_seconds(plan) == 40 * 30.0 + 4.0 * plan.knob_plan.knob_moves
    assert plan == plan_capture(amp(), positions=30, validation=9)


def test_the_output_volume_is_held_and_its_law_measured_apart() -> None:
    plan = plan_capture(amp(is_output_volume=True), positions=20, validation=4)
    volumes = [position.values["knob2"] for position in plan.positions]
    assert volumes[:24] == [5.0] * 24
    assert volumes[24:] == [2.5, 7.5, 10.0, 5.0]
    others = {(place.values["knob0"], place.values["knob1"]) for place in plan.positions[24:]}
    assert others == {(5.0, 5.0)}


def test_more_positions_lie_where_an_audio_taper_does_more() -> None:
    even, audio = (
        np.array([place.values["knob2"] for place in plan_capture(amp(taper=taper), positions=40).positions])
        for taper in ("linear", "audio")
    )
    assert np.median(audio) > np.median(even) + 0.5
    for taper in ("linear", "audio", "reverse-audio"):
        places = spread_along(taper)(np.linspace(0.0, 1.0, 21))  # type: ignore[arg-type]
        assert places[0] == pytest.approx(0.0)
        assert places[-1] == pytest.approx(1.0)
        assert (np.diff(places) > 0.02).all(), "no part of the dial is bare"


def test_editing_keeps_a_plan_valid() -> None:
    plan = plan_capture(amp(), positions=9, validation=0)
    longer = insert(plan, 1, {"knob0": 3.4}, "validation")
    assert longer.positions[1] == Position({"knob0": 3.0, "knob1": 5.0, "knob2": 5.0}, "validation")
    assert remove(longer, 1) == plan
    assert move(longer, 1, 4).positions[4] == longer.positions[1]
    worst = append(plan, [{"knob0": 5.0}, {"knob0": 1.0}, {"knob0": 1.2}])
    assert len(worst.positions) == len(plan.positions) + 1
    assert worst.positions[-1].values["knob0"] == 1.0
    for wrong in (lambda: insert(plan, 0, {"knob0": 11.0}), lambda: insert(plan, 0, {"treble": 1.0})):
        with pytest.raises(KnobError):
            wrong()
    with pytest.raises(KnobError, match="no position 99"):
        remove(plan, 98)
    one = plan_capture([], positions=0)
    with pytest.raises(KnobError, match="last position"):
        remove(one, 0)


def test_impossible_captures_are_refused() -> None:
    with pytest.raises(KnobError, match="fewer than the 9 corners"):
        plan_capture(amp(), positions=5)
    with pytest.raises(KnobError, match="two knobs 'knob0'"):
        plan_capture([*amp(), amp()[0]])
