"""The static curve: output over input of a slow sine, upwards and downwards."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Verdict, fact
from vastudio.audio.level import from_db
from vastudio.audio.static_curve import period_frames, slow_sine, transfer_curve
from vastudio.audio.tones import Real
from vastudio.types import KnobValues

FREQUENCIES_HZ = (100.0, 1000.0)
"""Slow, and in the middle of what a guitar amplifier passes, where its filters turn the phase least."""

LEVELS_DBFS = (-30.0, -12.0, 0.0)


@dataclass(frozen=True)
class Curve:
    """One curve, full scale ±1.

    Attributes
    ----------
    opening_percent:
        Greatest distance between the way up and the way down, over the span of the output: phase and memory.
    asymmetry_percent:
        Middle between highest and lowest output, over half the span.
    """

    hertz: float
    level_dbfs: float
    input_fs: tuple[float, ...]
    rising_fs: tuple[float, ...]
    falling_fs: tuple[float, ...]
    opening_percent: float
    asymmetry_percent: float


@dataclass(frozen=True)
class Transfer:
    """Curves by frequency and ascending level of the sine."""

    curves: tuple[Curve, ...]


def run(subject: Subject, values: KnobValues) -> Transfer:
    """Play every sine at every level."""
    places = itertools.product(FREQUENCIES_HZ, LEVELS_DBFS)
    return Transfer(tuple(_curve(subject, values, hertz, level) for hertz, level in places))


def _curve(subject: Subject, values: KnobValues, hertz: float, level_dbfs: float) -> Curve:
    clean = slow_sine(hertz, from_db(level_dbfs), subject.sample_rate)
    period = period_frames(hertz, subject.sample_rate)
    found = transfer_curve(clean, subject.play(clean, values), period)
    return Curve(
        hertz,
        level_dbfs,
        _tidy(found.inputs),
        _tidy(found.rising),
        _tidy(found.falling),
        opening_percent=round(100.0 * found.opening, 2),
        asymmetry_percent=round(100.0 * found.asymmetry, 2),
    )


def _tidy(numbers: Real) -> tuple[float, ...]:
    return tuple(round(float(number), 6) for number in numbers)


def judge(result: Transfer) -> tuple[Verdict, ...]:
    """Tell how lopsided the curve is; there is no goal."""
    lopsided = max((curve.asymmetry_percent for curve in result.curves), key=abs)
    shape = "Both half-waves are treated alike."
    if abs(lopsided) >= 1.0:
        shape = f"The {'positive' if lopsided > 0 else 'negative'} half-wave comes out higher."
    return (fact("transfer", "Asymmetry of the curve", lopsided, "%", shape),)


def grid(result: Transfer) -> Grid:
    """A row for every curve."""
    rows = (
        (
            f"{curve.hertz:g}",
            f"{curve.level_dbfs:g}",
            f"{min(curve.rising_fs + curve.falling_fs):.3f}",
            f"{max(curve.rising_fs + curve.falling_fs):.3f}",
            f"{curve.asymmetry_percent:.1f}",
            f"{curve.opening_percent:.1f}",
        )
        for curve in result.curves
    )
    return Grid(("Hz", "dBFS", "lowest", "highest", "asymmetry %", "opening %"), tuple(rows))


MEASURE = Measure("Transfer curve", run, judge, grid)
