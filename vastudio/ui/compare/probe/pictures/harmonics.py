"""Harmonics over level, and distortion over level and frequency."""

from __future__ import annotations

from functools import partial

import numpy as np

from vastudio.app.probe.measures.harmonics import FUNDAMENTALS_HZ, LEVELS_DBFS, Harmonics, HarmonicsAt
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.widgets.plots import frequency_text
from vastudio.ui.widgets.segmented import Segment

_FLOOR_DBFS = -120.0
_SPAN_DBFS = (LEVELS_DBFS[0] - 1.5, LEVELS_DBFS[-1] + 1.5)
_SHOWN = 5
_LEAST_PERCENT = 0.01
_PAINTS: tuple[Paint, ...] = ("model", 0, 1, 2, 3)


def over_level(report: Report, choice: str) -> Picture | None:
    """H1 to H5 of one note over the level it is played at."""
    result: Harmonics | None = report.measures.get("harmonics")
    if result is None:
        return None
    points = _points(result, float(choice))
    numbers = {"level (dBFS)": [point.level_dbfs for point in points]} | {
        f"H{order} (dBFS)": [point.harmonics_dbfs[order - 1] for point in points]
        for order in range(1, len(points[0].harmonics_dbfs) + 1)
    }
    legend = tuple((f"H{order}", paint) for order, paint in enumerate(_PAINTS, 1))
    note = (
        f"What a sine of {points[0].fundamental_hz:.0f} Hz turns into. Even harmonics (H2, H4) come from a "
        "lopsided curve, odd ones (H3, H5) from one that is alike on both sides."
    )
    return Picture(partial(_draw_over_level, points), numbers, note, legend)


def _draw_over_level(points: list[HarmonicsAt], canvas: Canvas) -> None:
    canvas.axes(
        _SPAN_DBFS, "input (dBFS)", ticks(-60, -40, -20, 0), (_FLOOR_DBFS, 6.0), "output (dBFS)",
        ticks(-120, -80, -40, 0),
    )  # fmt: skip
    levels = [point.level_dbfs for point in points]
    for order in reversed(range(_SHOWN)):
        heights = [max(point.harmonics_dbfs[order], _FLOOR_DBFS) for point in points]
        canvas.line(levels, heights, _PAINTS[order], dots=order == 0)


def distortion(report: Report, _choice: str) -> Picture | None:
    """Total harmonic distortion of every note over its level."""
    result: Harmonics | None = report.measures.get("harmonics")
    if result is None:
        return None
    series = {points[0].fundamental_hz: points for points in (_points(result, hz) for hz in FUNDAMENTALS_HZ)}
    numbers = {"level (dBFS)": LEVELS_DBFS} | {
        f"THD at {hz:.0f} Hz (%)": [point.thd_percent for point in points] for hz, points in series.items()
    }
    legend = tuple((f"{hz:.0f} Hz", paint) for hz, paint in zip(series, _PAINTS, strict=False))
    note = "Power of H2 to H10 beside the note itself: how soon, and for which notes, the device distorts."
    return Picture(partial(_draw_distortion, list(series.values())), numbers, note, legend)


def _draw_distortion(series: list[list[HarmonicsAt]], canvas: Canvas) -> None:
    decades = [(np.log10(percent), f"{percent:g}") for percent in (0.01, 0.1, 1, 10, 100)]
    canvas.axes(
        _SPAN_DBFS, "input (dBFS)", ticks(-60, -40, -20, 0),
        (np.log10(_LEAST_PERCENT), 2.3), "THD (%)", decades,
    )  # fmt: skip
    for points, paint in zip(series, _PAINTS, strict=False):
        percents = [np.nan if point.thd_percent is None else point.thd_percent for point in points]
        logs = np.log10(np.maximum(percents, _LEAST_PERCENT))
        canvas.line([point.level_dbfs for point in points], logs, paint)


def _points(result: Harmonics, hz: float) -> list[HarmonicsAt]:
    """Every level of the note nearest to `hz`."""
    nearest = result.nearest(hz, 0.0).fundamental_hz
    return [point for point in result.points if point.fundamental_hz == nearest]


_NOTES = [Segment(f"{hz:g}", frequency_text(round(hz)), tip=f"A sine of {hz:g} Hz") for hz in FUNDAMENTALS_HZ]

PLANS = (
    PicturePlan("Harmonics over level", over_level, ("harmonics",), _NOTES, "440"),
    PicturePlan("Distortion over level", distortion, ("harmonics",)),
)
