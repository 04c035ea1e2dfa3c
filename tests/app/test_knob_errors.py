"""The error over the knobs: maps, worst and next positions, captures that do not belong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.datasets import clean_signal, device, make_dataset, write_source
from vastudio.app.floor import dataset_floor
from vastudio.app.knob_errors import (
    PositionScore,
    knob_map,
    next_positions,
    scores_of,
    worst_positions,
)
from vastudio.app.recording_advice import advice_on
from vastudio.app.suspects import suspicious_captures
from vastudio.dataset.importing import import_dataset
from vastudio.errors import KnobError
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Validated
from vastudio.training.loop import train
from vastudio.types import STANDARD_RATE, Knob

DRIVE = Knob("drive", maximum=10.0, default=5.0)
TONE = Knob("tone", minimum=-1.0, default=0.0)
MODE = Knob("mode", maximum=2.0, default=0.0, kind="switch")


def _scores(esr: Callable[[float, float], float], count: int = 30, seed: int = 0) -> list[PositionScore]:
    random = np.random.default_rng(seed)
    places = random.uniform((0, -1), (10, 1), (count, 2))
    return [
        PositionScore(f"{index:03}", {"drive": drive, "tone": tone}, esr(drive, tone), "train")
        for index, (drive, tone) in enumerate(places.tolist())
    ]


def _rising(drive: float, _tone: float) -> float:
    return float(10.0 ** (-4 + 2 * drive / 10))


def test_a_map_goes_through_its_points_and_never_beyond_them() -> None:
    scores = _scores(_rising)
    scores.append(PositionScore("corner", {"drive": 10.0, "tone": -1.0}, 0.5, "train"))
    drawn = knob_map((DRIVE, TONE), scores, "drive", "tone", size=21)
    assert drawn.esr.shape == (21, 21)
    assert (drawn.x_values[0], drawn.x_values[-1]) == (0.0, 10.0)
    assert (drawn.y_values[0], drawn.y_values[-1]) == (-1.0, 1.0)
    assert drawn.esr[0, -1] == pytest.approx(0.5)
    assert drawn.esr.max() <= 0.5 * (1 + 1e-9)
    assert drawn.esr.min() >= min(score.esr for score in scores) * (1 - 1e-9)
    assert drawn.esr[:, 2].mean() < 0.1 * drawn.esr[:, -3].mean()
    assert drawn.points == tuple(scores)
    turned = knob_map((DRIVE, TONE), scores, "tone", "drive", size=21)
    np.testing.assert_allclose(turned.esr, drawn.esr.T)


def test_captures_that_share_a_place_on_the_map_are_averaged() -> None:
    scores = [
        PositionScore(str(mode), {"drive": 5.0, "tone": 0.0, "mode": mode}, esr, "train")
        for mode, esr in ((0.0, 1e-4), (2.0, 1e-2))
    ]
    drawn = knob_map((DRIVE, TONE, MODE), scores, "drive", "tone", size=3)
    np.testing.assert_allclose(drawn.esr, 1e-3)


@pytest.mark.parametrize(
    ("x", "y", "count"), [("drive", "drive", 3), ("drive", "bass", 3), ("drive", "tone", 0)]
)
def test_a_map_of_nothing_is_refused(x: str, y: str, count: int) -> None:
    with pytest.raises(KnobError):
        knob_map((DRIVE, TONE), _scores(_rising, count), x, y)


def test_the_worst_positions_come_first() -> None:
    worst = worst_positions(_scores(_rising), 3)
    assert len(worst) == 3
    assert worst[0].esr >= worst[1].esr >= worst[2].esr == sorted(s.esr for s in _scores(_rising))[-3]


def test_proposals_lie_where_the_error_is_on_steps_and_apart() -> None:
    scores = _scores(_rising)
    chosen = next_positions((DRIVE, TONE), scores, 5)
    assert len(chosen) == 5
    assert all(place["drive"] >= 5.0 for place in chosen), chosen
    for place in chosen:
        assert place["drive"] * 2 == pytest.approx(round(place["drive"] * 2))
        assert place["tone"] * 10 == pytest.approx(round(place["tone"] * 10))
    points = np.array([[place["drive"] / 10, (place["tone"] + 1) / 2] for place in chosen])
    between = np.linalg.norm(points[:, None] - points[None], axis=2)[np.triu_indices(5, 1)]
    assert between.min() > 0.1


def test_equal_errors_are_filled_by_distance() -> None:
    corners = [{"drive": d, "tone": t} for d in (0.0, 10.0) for t in (-1.0, 1.0)]
    scores = [PositionScore(str(i), corner, 0.01, "train") for i, corner in enumerate(corners)]
    assert next_positions((DRIVE, TONE), scores, 1) == ({"drive": 5.0, "tone": 0.0},)
    elsewhere = next_positions((DRIVE, TONE), scores, 1, recorded=[{"drive": 5.0, "tone": 0.0}])
    assert elsewhere[0] != {"drive": 5.0, "tone": 0.0}


def test_a_switch_has_its_own_steps_and_proposals_run_out() -> None:
    scores = [PositionScore("0", {"mode": 0.0}, 0.1, "train")]
    assert {place["mode"] for place in next_positions((MODE,), scores, 9)} == {1.0, 2.0}
    assert next_positions((), scores) == ()
    assert next_positions((MODE,), []) == ()


def test_many_knobs_are_proposed_from_a_choice_of_positions() -> None:
    knobs = [Knob(f"k{index}") for index in range(6)]
    scores = [PositionScore("0", {}, 0.1, "train")]
    chosen = next_positions(knobs, scores, 2)
    assert len(chosen) == 2
    for place in chosen:
        assert np.linalg.norm(np.array(list(place.values())) - 0.5) > 0.9


def test_a_capture_far_above_its_neighbours_is_pointed_out() -> None:
    random = np.random.default_rng(3)
    scores = _scores(lambda drive, tone: _rising(drive, tone) * float(np.exp(random.normal(0, 0.3))))
    assert suspicious_captures((DRIVE, TONE), scores) == ()
    low = min(scores, key=lambda score: score.knobs["drive"])
    planted = [s if s is not low else PositionScore(s.capture, s.knobs, 40 * s.esr, s.split) for s in scores]
    (suspect,) = suspicious_captures((DRIVE, TONE), planted)
    assert suspect.score.capture == low.capture
    assert low.capture in suspect.message
    assert suspect.ratio > 10


def test_honest_scatter_makes_few_suspects() -> None:
    random = np.random.default_rng(4)
    found = 0
    for seed in range(100):
        scores = _scores(lambda d, t: _rising(d, t) * float(np.exp(random.normal(0, 0.5))), 30, seed)
        found += len(suspicious_captures((DRIVE, TONE), scores))
    assert found <= 15  # of 3000


def test_few_captures_tell_nothing() -> None:
    scores = [*_scores(_rising, 4), PositionScore("x", {"drive": 0.0, "tone": 0.0}, 5.0, "train")]
    assert suspicious_captures((DRIVE, TONE), scores) == ()


def test_a_capture_with_a_wrong_knob_is_found_by_training(tmp_path: Path) -> None:
    positions = [(round(index / 12, 3), "train") for index in range(13)] + [(0.3, "validation")]
    source = write_source(tmp_path / "source", 1.0, positions)
    wrong = device(clean_signal(1.0), 0.9)  # the dial says 0.25
    soundfile.write(tmp_path / "source" / "target_3.wav", wrong, STANDARD_RATE, subtype="FLOAT")
    dataset = import_dataset(source, tmp_path / "clipper")
    config = TrainingConfig(hidden=8, minutes=None, epochs=12, chunk=512, chunks=8, threads=1)
    last = [event for event in train(dataset, config, tmp_path / "run") if isinstance(event, Validated)][-1]
    scores = scores_of(dataset, last)
    assert {score.split for score in scores} == {"train", "validation"}
    (suspect,) = suspicious_captures(dataset.knobs, scores)
    assert suspect.score.knobs == {"drive": 0.25}
    advice = advice_on(tmp_path / "run")
    assert [item.score.capture for item in advice.suspects] == [suspect.score.capture]
    assert len(advice.record_next) == 3
    assert not {place["drive"] for place in advice.record_next} & {position[0] for position in positions}
    assert advice.suspects[0].message in list(advice.lines)


def test_the_floor_of_a_dataset_is_measured_without_a_run(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, positions=((0.5, "train"), (0.5, "validation")), noise=1e-3)
    floor = dataset_floor(dataset)
    assert floor is not None
    assert floor.method == "repeats"
