"""A model's error over the knobs: as a map, its worst positions, and where to record next.

Errors live on a logarithmic scale, so everything here works on log10 ESR. Between the captures it is
interpolated by inverse distances (Shepard 1968): through the points, never above the highest or below the
lowest of them, and defined from one capture on. Positions are compared in 0..1 on every dial.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.app.runs import RunRecord, best_validation
from vastudio.capture.plan import DIAL_STEPS
from vastudio.dataset.manifest import Split
from vastudio.dataset.store import Dataset
from vastudio.errors import KnobError
from vastudio.training.events import Validated
from vastudio.types import Knob, KnobValues, knob_vector

Points = npt.NDArray[np.float64]
"""Knob positions in 0..1, shape (positions, knobs)."""

LOWEST_ESR = 1e-12

_POWER = 3.0
_NEAR = 0.05
_MOST_CANDIDATES = 20_000


@dataclass(frozen=True)
class PositionScore:
    """The ESR of a model at a recorded position, knobs in the units of the dials."""

    capture: str
    knobs: KnobValues
    esr: float
    split: Split


@dataclass(frozen=True)
class KnobMap:
    """Error over two knobs, the others left out of account.

    `esr` has shape (len(y_values), len(x_values)); the values are in the units of the dials. `points` are
    the captures it was made from.
    """

    x: Knob
    y: Knob
    x_values: Points
    y_values: Points
    esr: Points
    points: tuple[PositionScore, ...]


def scores_of(dataset: Dataset, event: Validated) -> tuple[PositionScore, ...]:
    """The scores that a validation tells, with the knob positions of the captures; unknown ids are left out.

    The training captures' are running means over the stretches drawn: rougher than those of validation.
    """
    told: Mapping[str, float] = {**event.training_captures, **event.captures}
    return tuple(
        PositionScore(capture.id, dict(capture.knobs), told[capture.id], capture.split)
        for capture in dataset.captures()
        if capture.id in told
    )


def scores_of_run(run: RunRecord) -> tuple[PositionScore, ...]:
    """The scores of the model that a run keeps; empty before its first validation.

    Raises
    ------
    DatasetError
        When the dataset is not where it was.
    """
    event = best_validation(run)
    if event is None or run.dataset_path is None:
        return ()
    return scores_of(Dataset.open(run.dataset_path), event)


def worst_positions(scores: Iterable[PositionScore], count: int = 5) -> tuple[PositionScore, ...]:
    """The `count` positions with the highest ESR, the worst first."""
    return tuple(sorted(scores, key=lambda score: -score.esr)[:count])


def knob_map(
    knobs: Sequence[Knob], scores: Sequence[PositionScore], x: str, y: str, size: int = 41
) -> KnobMap:
    """Interpolate the error over the knobs called `x` and `y` on a grid of `size` by `size` positions.

    With more than two knobs several captures share a place on the map; it then shows their mean.

    Raises
    ------
    KnobError
        When there is no such knob, the two are the same, or there is no score.
    """
    by_name = {knob.name: knob for knob in knobs}
    if x not in by_name or y not in by_name or x == y:
        raise KnobError(f"A map needs two knobs of the device, not '{x}' and '{y}'.", "Choose two knobs.")
    if not scores:
        raise KnobError("There is no error to draw yet.", "Wait for the first validation.")
    pair = (by_name[x], by_name[y])
    points = _points(pair, [{x: score.knobs[x], y: score.knobs[y]} for score in scores])
    axis = np.linspace(0.0, 1.0, size)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    softness = _NEAR if len(knobs) > 2 else 0.0
    levels = _interpolate(points, log_esr(scores), grid, softness)
    x_values, y_values = (knob.minimum + axis * (knob.maximum - knob.minimum) for knob in pair)
    return KnobMap(*pair, x_values, y_values, 10.0 ** levels.reshape(size, size), tuple(scores))


def next_positions(
    knobs: Sequence[Knob],
    scores: Sequence[PositionScore],
    count: int = 3,
    *,
    recorded: Sequence[KnobValues] = (),
    dial_steps: int = DIAL_STEPS,
) -> tuple[KnobValues, ...]:
    """Propose positions to record next, the most useful first, on steps that a person can set.

    A position is worth the more, the larger the error around it, and the further it is from everything
    recorded: the amplitude of the interpolated error times the distance. Each proposal counts as recorded
    for those after it. Leave suspicious captures (`app.suspects`) out of `scores`: their error says nothing
    about their position.

    Parameters
    ----------
    recorded:
        Positions without a score that are recorded too.
    dial_steps:
        Steps of a continuous knob; a switch has its whole numbers.

    Returns
    -------
    At most `count` positions; fewer where no other step is left, none without knobs or scores.
    """
    if not knobs or not scores:
        return ()
    scored = _points(knobs, [score.knobs for score in scores])
    taken = np.vstack([scored, _points(knobs, recorded)])
    candidates = _candidates([_steps(knob, dial_steps) for knob in knobs])
    amplitude = 10.0 ** (_interpolate(scored, log_esr(scores), candidates, 0.0) / 2)
    distance = _distances(candidates, taken).min(axis=1)
    chosen: list[KnobValues] = []
    for _ in range(count):
        best = int(np.argmax(amplitude * distance))
        if distance[best] <= 1e-9:
            break
        place = candidates[best]
        chosen.append(
            {knob.name: knob.denormalised(float(part)) for knob, part in zip(knobs, place, strict=True)}
        )
        distance = np.minimum(distance, _distances(candidates, place[None])[:, 0])
    return tuple(chosen)


def log_esr(scores: Sequence[PositionScore]) -> Points:
    """log10 of the scores' ESR, shape (scores,)."""
    return np.array([math.log10(max(score.esr, LOWEST_ESR)) for score in scores])


def positions_of(knobs: Sequence[Knob], scores: Sequence[PositionScore]) -> Points:
    """Where the scores lie, in 0..1 on every dial."""
    return _points(knobs, [score.knobs for score in scores])


def _points(knobs: Sequence[Knob], values: Sequence[KnobValues]) -> Points:
    rows = [knob_vector(knobs, item).astype(np.float64) for item in values]
    return np.array(rows).reshape(len(rows), len(knobs))


def _distances(a: Points, b: Points) -> Points:
    """Euclidean distances (len(a), len(b))."""
    distances: Points = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))
    return distances


def _interpolate(points: Points, values: Points, places: Points, softness: float) -> Points:
    """Shepard's mean of `values` at `places`; `softness` is the distance below which points merge."""
    distance = np.sqrt(_distances(places, points) ** 2 + softness**2)
    weights = np.maximum(distance, 1e-6) ** -_POWER
    mean: Points = weights @ values / weights.sum(axis=1)
    return mean


def _steps(knob: Knob, dial_steps: int) -> int:
    return max(1, round(knob.maximum - knob.minimum)) if knob.kind == "switch" else dial_steps


def _candidates(steps: Sequence[int]) -> Points:
    """All positions on the steps, or a fixed random choice of them where they are too many."""
    if math.prod(step + 1 for step in steps) <= _MOST_CANDIDATES:
        axes = [np.arange(step + 1) / step for step in steps]
        return np.array(list(itertools.product(*axes)))
    random = np.random.default_rng(0)
    return np.column_stack([random.integers(0, step + 1, _MOST_CANDIDATES) / step for step in steps])
