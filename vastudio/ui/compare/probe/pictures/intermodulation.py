"""Intermodulation over level."""

from __future__ import annotations

from functools import partial

import numpy as np

from vastudio.app.probe.measures.intermodulation import LEVELS_DBFS, Intermodulation
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan

_LEAST_PERCENT = 0.001
_SERIES: tuple[tuple[str, str, Paint], ...] = (
    ("smpte_percent", "SMPTE, 60 Hz and 7 kHz", "model"),
    ("ccif_second_percent", "CCIF second order", 0),
    ("ccif_third_percent", "third order", 1),
)


def over_level(report: Report, _choice: str) -> Picture | None:
    """Three kinds of intermodulation over the level of the two tones."""
    result: Intermodulation | None = report.measures.get("intermodulation")
    if result is None or result.points[0].smpte_percent is None:
        return None
    numbers = {"level (dBFS)": [point.level_dbfs for point in result.points]} | {
        f"{title} (%)": [getattr(point, name) for point in result.points] for name, title, _ in _SERIES
    }
    legend = tuple((title, paint) for _, title, paint in _SERIES)
    note = (
        "Tones that two sines make between them, over the tones themselves: "
        "60 Hz beside 7 kHz (SMPTE), 19 beside 20 kHz (CCIF)."
    )
    return Picture(partial(_draw, result), numbers, note, legend)


def _draw(result: Intermodulation, canvas: Canvas) -> None:
    highest = max(getattr(point, name) or 0.0 for point in result.points for name, _, _ in _SERIES)
    top = max(2.0, float(np.ceil(np.log10(max(highest, 1.0)))))
    decades = [(np.log10(percent), f"{percent:g}") for percent in (0.001, 0.01, 0.1, 1, 10, 100, 1000)]
    canvas.axes(
        (LEVELS_DBFS[0] - 2.0, LEVELS_DBFS[-1] + 2.0), "both tones (dBFS)", ticks(*LEVELS_DBFS),
        (np.log10(_LEAST_PERCENT), top), "distortion (%)", decades,
    )  # fmt: skip
    levels = [point.level_dbfs for point in result.points]
    for name, _, paint in _SERIES:
        percents = [getattr(point, name) for point in result.points]
        known = [np.nan if percent is None else max(percent, _LEAST_PERCENT) for percent in percents]
        canvas.line(levels, np.log10(known), paint, dots=True)


PLANS = (PicturePlan("Intermodulation", over_level, ("intermodulation",)),)
