"""Which knob positions to record, and in what order.

The ends of the dials in combination (all corners, from four knobs on a fraction of them), the centre, and a
Latin hypercube in between; for validation a Latin hypercube of its own. Everything is snapped to steps that a
person can set, and follows from the seed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.dataset.manifest import Split
from vastudio.errors import KnobError
from vastudio.types import Knob

Points = npt.NDArray[np.float64]
"""Knob positions in 0..1, shape (positions, knobs)."""

Spread: TypeAlias = Callable[[Points], Points]

DIAL_STEPS = 20
"""Steps a person can tell apart on a dial: half numbers from 0 to 10."""

SECONDS_PER_KNOB = 4.0
"""What a person needs to turn one knob to a new place."""

_TRIES = 32


@dataclass(frozen=True)
class Position:
    """One take of the plan: knob values in dial units, and what it is for."""

    values: Mapping[str, float]
    split: Split


@dataclass(frozen=True)
class KnobPlan:
    """Positions in the order in which to record them."""

    knobs: tuple[Knob, ...]
    positions: tuple[Position, ...]

    def count(self, split: Split) -> int:
        """How many positions are for `split`."""
        return sum(position.split == split for position in self.positions)

    @property
    def knob_moves(self) -> int:
        """How many times a knob is turned between the first take and the last."""
        return sum(
            before.values[knob.name] != after.values[knob.name]
            for before, after in itertools.pairwise(self.positions)
            for knob in self.knobs
        )

    def estimated_seconds(self, signal_seconds: float, seconds_per_knob: float = SECONDS_PER_KNOB) -> float:
        """Return how long the session takes: every take, and a hand's time for every knob that moves."""
        return len(self.positions) * signal_seconds + self.knob_moves * seconds_per_knob


def plan_knobs(
    knobs: Sequence[Knob],
    *,
    hypercube: int = 8,
    validation: int = 4,
    dial_steps: int = DIAL_STEPS,
    steps: Mapping[str, int] | None = None,
    spread: Mapping[str, Spread] | None = None,
    seed: int = 0,
) -> KnobPlan:
    """Plan a capture session. It begins at the centre.

    Parameters
    ----------
    hypercube:
        Training positions beside the corners and the centre.
    validation:
        Positions that training never sees. Fewer come out only where the dials have too few steps.
    dial_steps:
        Steps of a continuous dial that positions are snapped to. A switch has its whole numbers.
    steps:
        Steps of single dials, by knob name, where they differ from `dial_steps`.
    spread:
        How the positions between the ends are spread over single dials, by knob name: a map from evenly
        spread numbers in 0..1 to places in 0..1 on the dial. Evenly where it is not given.
    seed:
        The same seed gives the same plan.

    Raises
    ------
    KnobError
        When a count is negative, or there is less than one step.
    """
    if min(hypercube, validation) < 0 or dial_steps < 1:
        raise KnobError("A plan needs counts from 0 and at least one step per dial.", "Check the numbers.")
    if not knobs:
        return KnobPlan((), (Position({}, "train"),))
    counts = np.array([(steps or {}).get(knob.name) or _steps(knob, dial_steps) for knob in knobs])
    fixed = np.vstack([np.full((1, len(knobs)), 0.5), _corners(len(knobs))])
    training = _distinct(_snap(fixed, counts), ())
    spreads = [(spread or {}).get(knob.name, _evenly) for knob in knobs]
    training += _hypercube(hypercube, counts, spreads, training, seed)
    held_out = _hypercube(validation, counts, spreads, training, seed + _TRIES)
    labelled: list[tuple[tuple[float, ...], Split]] = [
        *((point, "train") for point in training),
        *((point, "validation") for point in held_out),
    ]
    positions = tuple(
        Position({knob.name: knob.denormalised(part) for knob, part in zip(knobs, point, strict=True)}, split)
        for point, split in (labelled[index] for index in _route(np.array([p for p, _ in labelled])))
    )
    return KnobPlan(tuple(knobs), positions)


def _evenly(places: Points) -> Points:
    return places


def corner_count(knobs: int) -> int:
    """How many corners a plan for that many knobs has, the centre not among them."""
    return len(_corners(knobs)) if knobs else 0


def _steps(knob: Knob, dial_steps: int) -> int:
    return max(1, round(knob.maximum - knob.minimum)) if knob.kind == "switch" else dial_steps


def _corners(knobs: int) -> Points:
    """Return the corners of the knob space: all up to three knobs, beyond a two-level resolution IV design.

    The base columns run through all combinations; every further knob is the product of three or more (an odd
    number) of them, so that no knob is confounded with a pair of others (Box, Hunter and Hunter, 1978).
    """
    base = knobs if knobs <= 3 else 1 + int(np.ceil(np.log2(knobs)))
    runs = np.array(list(itertools.product((-1.0, 1.0), repeat=base)))
    odd = itertools.chain.from_iterable(itertools.combinations(range(base), n) for n in range(1, base + 1, 2))
    columns = [runs[:, list(subset)].prod(axis=1) for subset in itertools.islice(odd, knobs)]
    return 0.5 + 0.5 * np.column_stack(columns)


def _snap(points: Points, steps: npt.NDArray[np.int64]) -> Points:
    """Round to whole steps, halves upwards."""
    return np.floor(points * steps + 0.5) / steps


def _distinct(points: Points, taken: Iterable[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Return the points not in `taken`, each once, in their order."""
    seen = set(taken)
    fresh: list[tuple[float, ...]] = []
    for row in points:
        point = tuple(float(part) for part in row)
        if point not in seen:
            seen.add(point)
            fresh.append(point)
    return fresh


def _hypercube(
    count: int,
    steps: npt.NDArray[np.int64],
    spreads: Sequence[Spread],
    taken: Sequence[tuple[float, ...]],
    seed: int,
) -> list[tuple[float, ...]]:
    """Return `count` snapped positions that are not in `taken`, from the best of several hypercubes."""
    best: list[tuple[float, ...]] = []
    for attempt in range(_TRIES if count else 0):
        sampler = scipy.stats.qmc.LatinHypercube(len(steps), rng=np.random.default_rng(seed + attempt))
        even = sampler.random(count)
        places = np.column_stack([spread(column) for spread, column in zip(spreads, even.T, strict=True)])
        found = _distinct(_snap(places, steps), taken)
        best = max(best, found, key=len)
        if len(best) == count:
            break
    return best


def _route(points: Points) -> list[int]:
    """Return an order of the rows in which few knobs move, and those not far.

    From the first position always on to the nearest one left, then stretches are turned round as long as that
    makes the way shorter (2-opt).
    """
    difference = np.abs(points[:, None, :] - points[None, :, :])
    cost = (difference > 0).sum(axis=2) + difference.mean(axis=2)
    order = [0]
    left = set(range(1, len(points)))
    while left:
        nearest = min(left, key=lambda index: (cost[order[-1], index], index))
        order.append(nearest)
        left.remove(nearest)
    while (better := _two_opt(order, cost)) is not None:
        order = better
    return order


def _two_opt(order: list[int], cost: Points) -> list[int] | None:
    """Return `order` with one stretch turned round so that it costs less; None when none does."""
    last = len(order) - 1
    for start, end in itertools.combinations(range(1, len(order)), 2):
        before = cost[order[start - 1], order[start]]
        after = cost[order[start - 1], order[end]]
        if end < last:
            before += cost[order[end], order[end + 1]]
            after += cost[order[start], order[end + 1]]
        if after < before - 1e-9:
            return order[:start] + order[start : end + 1][::-1] + order[end + 1 :]
    return None
