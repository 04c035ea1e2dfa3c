"""Captures that do not belong to the others: a knob stood elsewhere than written down, or the gain was wrong.

A model learns what most captures have in common. One that contradicts them keeps an error far above its
neighbours', once the even rise of the error along the dials is taken out. How far is normal is learned from
the captures themselves, by medians and least absolute deviations, so that the very captures that are
looked for do not move the scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vastudio.app.knob_errors import Points, PositionScore, log_esr, positions_of
from vastudio.dataset.manifest import Split
from vastudio.types import Knob

NEIGHBOURS = 5
FEWEST_CAPTURES = 6

SURE = 3.5
"""Robust standard deviations above the usual scatter (Iglewicz & Hoaglin 1993)."""

LEAST_RATIO = 3.0
"""Below this many times the neighbours' error nothing is worth recording again."""

_LEAST_SCATTER = 0.08  # decades: a run of near-equal errors must not make a suspect of every small one
_MAD_TO_DEVIATION = 1.4826
_REWEIGHTINGS = 20


@dataclass(frozen=True)
class Suspect:
    """A capture whose error is `ratio` times that of its neighbours on the dials."""

    score: PositionScore
    ratio: float

    @property
    def message(self) -> str:
        """What to tell, in one line."""
        return (
            f"Capture {self.score.capture} has {self.ratio:.0f} times the error of its neighbours: "
            "check its knob positions and its gain, or record it again."
        )


def suspicious_captures(knobs: Sequence[Knob], scores: Sequence[PositionScore]) -> tuple[Suspect, ...]:
    """Find the captures that are far worse than their neighbours, the worst first.

    Training and held-out captures are compared among themselves; fewer than `FEWEST_CAPTURES` of a kind
    are too few to tell.
    """
    found: list[Suspect] = []
    splits: tuple[Split, ...] = ("train", "validation")
    for split in splits:
        among = [score for score in scores if score.split == split]
        if len(among) >= FEWEST_CAPTURES and knobs:
            found += _outliers(knobs, among)
    return tuple(sorted(found, key=lambda suspect: -suspect.ratio))


def _outliers(knobs: Sequence[Knob], scores: Sequence[PositionScore]) -> list[Suspect]:
    points = positions_of(knobs, scores)
    levels = log_esr(scores)
    levels = levels - _trend(points, levels)
    excess = levels - _neighbours_level(points, levels)
    centre = np.median(excess)
    scatter = max(_MAD_TO_DEVIATION * float(np.median(np.abs(excess - centre))), _LEAST_SCATTER)
    limit = max(centre + SURE * scatter, np.log10(LEAST_RATIO))
    return [
        Suspect(score, float(10.0**more)) for score, more in zip(scores, excess, strict=True) if more > limit
    ]


def _trend(points: Points, levels: Points) -> Points:
    """The plane through the levels with the least absolute deviations, by reweighted least squares."""
    design = np.column_stack([points, np.ones(len(points))])
    if len(points) < 2 * design.shape[1]:
        return np.full(len(points), np.median(levels))
    weights = np.ones(len(points))
    for _ in range(_REWEIGHTINGS):
        root = np.sqrt(weights)
        plane = np.linalg.lstsq(design * root[:, None], levels * root)[0]
        weights = 1.0 / np.maximum(np.abs(levels - design @ plane), 1e-3)
    trend: Points = design @ plane
    return trend


def _neighbours_level(points: Points, levels: Points) -> Points:
    """Median level of the nearest other captures of each."""
    distance = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :NEIGHBOURS]
    medians: Points = np.median(levels[nearest], axis=1)
    return medians
