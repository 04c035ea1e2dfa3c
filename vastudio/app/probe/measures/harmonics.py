"""Harmonics of steady sines, over level and frequency: the colour of a device."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vastudio.app.probe.levels import ratio_db
from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Verdict, fact
from vastudio.audio.distortion import harmonic_distortion, harmonics
from vastudio.audio.level import from_db
from vastudio.audio.tones import Tone
from vastudio.types import KnobValues

LEVELS_DBFS = (-60.0, -40.0, -30.0, -20.0, -12.0, -6.0, 0.0)
"""Peaks of the sines."""

FUNDAMENTALS_HZ = (82.4, 196.0, 440.0, 1000.0, 3000.0)
COUNT = 10

_TOLD_HZ, _TOLD_DBFS = 440.0, -12.0
_SILENT = 1e-7


@dataclass(frozen=True)
class HarmonicsAt:
    """The answer to one sine.

    Attributes
    ----------
    thd_percent:
        Total harmonic distortion over the fundamental, H2 to H10; None where nothing comes out.
    harmonics_dbfs:
        Peaks of the fundamental and of H2 to H10; those above half the rate are the floor.
    """

    fundamental_hz: float
    level_dbfs: float
    thd_percent: float | None
    harmonics_dbfs: tuple[float, ...]


@dataclass(frozen=True)
class Harmonics:
    """One entry for every frequency and level, levels ascending within a frequency."""

    points: tuple[HarmonicsAt, ...]

    def nearest(self, hz: float, level_dbfs: float) -> HarmonicsAt:
        """The point closest to a frequency and level."""
        return min(
            self.points,
            key=lambda point: (abs(point.fundamental_hz - hz), abs(point.level_dbfs - level_dbfs)),
        )


def run(subject: Subject, values: KnobValues) -> Harmonics:
    """Play every sine."""
    tones = [Tone.near(hz, subject.sample_rate) for hz in FUNDAMENTALS_HZ if hz < 0.45 * subject.sample_rate]
    return Harmonics(tuple(_at(subject, values, tone, level) for tone in tones for level in LEVELS_DBFS))


def _at(subject: Subject, values: KnobValues, tone: Tone, level_dbfs: float) -> HarmonicsAt:
    found = harmonics(subject.play(tone.sine(from_db(level_dbfs)), values), tone, COUNT)
    heights = np.abs(found)
    distortion = harmonic_distortion(found) if heights[0] > _SILENT else math.nan
    return HarmonicsAt(
        round(tone.hz, 2),
        level_dbfs,
        round(100.0 * distortion, 4) if math.isfinite(distortion) else None,
        tuple(map(ratio_db, heights)),
    )


def judge(result: Harmonics) -> tuple[Verdict, ...]:
    """Tell the distortion of a note at a usual level; there is no goal."""
    point = result.nearest(_TOLD_HZ, _TOLD_DBFS)
    percent = point.thd_percent or 0.0
    even, odd = (max(point.harmonics_dbfs[first::2]) for first in (1, 2))
    kind = "even" if even > odd + 6.0 else "odd" if odd > even + 6.0 else "even and odd"
    where = f"{point.fundamental_hz:.0f} Hz at {point.level_dbfs:g} dBFS"
    sentence = f"{where} comes out with {percent:.2g} % of {kind} harmonics."
    return (fact("harmonics", "Harmonic distortion", percent, "%", sentence),)


def grid(result: Harmonics) -> Grid:
    """A row for every sine."""
    columns = ("Hz", "dBFS", "THD %", *(f"H{order}" for order in range(1, COUNT + 1)))
    return Grid(columns, tuple(_row(point) for point in result.points))


def _row(point: HarmonicsAt) -> tuple[str, ...]:
    thd = "—" if point.thd_percent is None else f"{point.thd_percent:.3g}"
    heights = (f"{level:.0f}" for level in point.harmonics_dbfs)
    return (f"{point.fundamental_hz:.0f}", f"{point.level_dbfs:g}", thd, *heights)


MEASURE = Measure("Harmonics, peaks in dBFS", run, judge, grid)
