"""Frequency response at several levels."""

from __future__ import annotations

from functools import partial

import numpy as np

from vastudio.app.probe.measures.response import Response
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.widgets.numbers import fixed
from vastudio.ui.widgets.plots import log_frequency_ticks

_SPAN_DB = 60.0
_PAINTS: tuple[Paint, ...] = ("model", 0, 1, 2)


def at_levels(report: Report, _choice: str) -> Picture | None:
    """Gain over frequency, a line for every level."""
    result: Response | None = report.measures.get("response")
    if result is None:
        return None
    numbers = {"frequency (Hz)": result.hertz} | {
        f"gain at {level.level_dbfs:g} dBFS (dB)": level.gain_db for level in result.responses
    }
    legend = tuple(
        (f"{fixed(level.level_dbfs, 0)} dBFS", paint)
        for level, paint in zip(result.responses, _PAINTS, strict=False)
    )
    note = "Gain of a sweep without its harmonics. Lines that part show how loud sounds are held down."
    return Picture(partial(_draw, result), numbers, note, legend)


def _draw(result: Response, canvas: Canvas) -> None:
    top = 10.0 * np.ceil(max(max(level.gain_db) for level in result.responses) / 10.0 + 0.2)
    marks = np.arange(top - _SPAN_DB, top + 1.0, 20.0)
    logs = np.log10(result.hertz)
    canvas.axes(
        (logs[0], logs[-1]), "frequency (Hz)", log_frequency_ticks(), (top - _SPAN_DB, top), "gain (dB)",
        ticks(*marks),
    )  # fmt: skip
    for level, paint in reversed(list(zip(result.responses, _PAINTS, strict=False))):
        canvas.line(logs, level.gain_db, paint)


PLANS = (PicturePlan("Frequency response", at_levels, ("response",)),)
