"""The transfer curve: output over input, upwards and downwards."""

from __future__ import annotations

from functools import partial

import numpy as np

from vastudio.app.probe.measures.transfer import FREQUENCIES_HZ, Curve, Transfer
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.widgets.numbers import fixed
from vastudio.ui.widgets.plots import frequency_text
from vastudio.ui.widgets.segmented import Segment

_PAINTS: tuple[Paint, ...] = (1, 0, "model")
"""From the softest sine to the loudest."""


def curves(report: Report, choice: str) -> Picture | None:
    """A curve for every level at one frequency."""
    result: Transfer | None = report.measures.get("transfer")
    if result is None:
        return None
    shown = [curve for curve in result.curves if curve.hertz == float(choice)]
    numbers = {}
    for curve in shown:
        at = f"{curve.level_dbfs:g} dBFS"
        numbers[f"input at {at} (full scale)"] = curve.input_fs
        numbers[f"output rising at {at} (full scale)"] = curve.rising_fs
        numbers[f"output falling at {at} (full scale)"] = curve.falling_fs
    legend = tuple(
        (f"{fixed(curve.level_dbfs, 0)} dBFS", paint) for curve, paint in zip(shown, _PAINTS, strict=True)
    )
    note = (
        "Output over input of a sine; dotted on the way down. "
        "A curve that opens has memory or shifts the phase; one that is lopsided makes even harmonics."
    )
    return Picture(partial(_draw, shown), numbers, note, legend)


def _draw(shown: list[Curve], canvas: Canvas) -> None:
    highest = max(max(np.abs(curve.rising_fs + curve.falling_fs)) for curve in shown)
    reach = next((limit for limit in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if limit >= highest), highest)
    canvas.axes(
        (-1.05, 1.05), "input (full scale)", ticks(-1, -0.5, 0, 0.5, 1), (-1.08 * reach, 1.08 * reach),
        "output (full scale)", ticks(-reach, 0, reach),
    )  # fmt: skip
    for curve, paint in reversed(list(zip(shown, _PAINTS, strict=True))):
        canvas.line(curve.input_fs, curve.rising_fs, paint)
        canvas.line(curve.input_fs, curve.falling_fs, paint, dashed=True)


_CHOICES = [
    Segment(f"{hz:g}", f"{frequency_text(hz)} Hz", tip=f"A sine of {hz:g} Hz") for hz in FREQUENCIES_HZ
]

PLANS = (PicturePlan("Transfer curve", curves, ("transfer",), _CHOICES, "1000"),)
