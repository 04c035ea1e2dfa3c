"""Intermodulation: what two sines make of each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Verdict, fact
from vastudio.audio.distortion import ccif, ccif_tones, smpte, smpte_tones
from vastudio.audio.level import from_db
from vastudio.types import KnobValues

LEVELS_DBFS = (-40.0, -20.0, -6.0)
_LOWEST_RATE = 44_100


@dataclass(frozen=True)
class IntermodulationAt:
    """Distortion for two sines that are together this high; None where it cannot be told.

    Attributes
    ----------
    smpte_percent:
        60 Hz and 7 kHz at 4:1: side lines of the high tone over that tone.
    ccif_second_percent, ccif_third_percent:
        19 and 20 kHz: lines at their difference and beside them, over the two.
    """

    level_dbfs: float
    smpte_percent: float | None
    ccif_second_percent: float | None
    ccif_third_percent: float | None


@dataclass(frozen=True)
class Intermodulation:
    """By ascending level."""

    points: tuple[IntermodulationAt, ...]


def run(subject: Subject, values: KnobValues) -> Intermodulation:
    """Play both pairs at every level."""
    return Intermodulation(tuple(_at(subject, values, level) for level in LEVELS_DBFS))


def _at(subject: Subject, values: KnobValues, level_dbfs: float) -> IntermodulationAt:
    peak, rate = from_db(level_dbfs), subject.sample_rate
    if rate < _LOWEST_RATE:
        return IntermodulationAt(level_dbfs, None, None, None)
    tones = smpte_tones(peak, rate)
    side_lines = smpte(subject.play(tones.signal(), values), tones)
    tones = ccif_tones(peak, rate)
    second, third = ccif(subject.play(tones.signal(), values), tones)
    return IntermodulationAt(level_dbfs, _percent(side_lines), _percent(second), _percent(third))


def _percent(ratio: float) -> float | None:
    return round(100.0 * ratio, 4) if math.isfinite(ratio) else None


def judge(result: Intermodulation) -> tuple[Verdict, ...]:
    """Tell the side lines at the middle level; there is no goal."""
    point = result.points[len(result.points) // 2]
    percent = point.smpte_percent or 0.0
    sentence = f"At {point.level_dbfs:g} dBFS a deep tone shakes a high one by {percent:.2g} %."
    return (fact("intermodulation", "Intermodulation", percent, "%", sentence),)


def grid(result: Intermodulation) -> Grid:
    """A row for every level."""
    rows = (
        (
            f"{point.level_dbfs:g}",
            *(
                "—" if percent is None else f"{percent:.3g}"
                for percent in (point.smpte_percent, point.ccif_second_percent, point.ccif_third_percent)
            ),
        )
        for point in result.points
    )
    return Grid(("dBFS", "SMPTE %", "CCIF second %", "CCIF third %"), tuple(rows))


MEASURE = Measure("Intermodulation", run, judge, grid)
