"""Aliasing: the sweep as a picture, and alias-to-signal ratios beside those of published models."""

from __future__ import annotations

from functools import partial

import numpy as np

from vastudio.app.probe.measures.aliasing import BANDS, HIGHEST_NOTE_HZ, SCALE, Aliasing
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.compare.probe.words import MEANINGS
from vastudio.ui.widgets.plots import FREQUENCIES_HZ, frequency_text

FLOOR_DB = -140.0
_COLOURS_DB = (-130.0, -12.0)

_PALE = 0.4
"""Opacity of what is shown but not judged."""

OVERSAMPLED_WORST_DB = -89.0
"""Worst alias-to-signal ratio of published high-gain LSTMs at twice their rate; at their own it is −55 dB,
where good ends."""


def sweep(report: Report, _choice: str) -> Picture | None:
    """Level over frequency for every sine."""
    result: Aliasing | None = report.measures.get("aliasing")
    if result is None:
        return None
    rate = report.sample_rate_hz
    bands = np.arange(BANDS) * rate / 2.0 / BANDS
    numbers = {"from (Hz)": bands} | {
        f"sine of {step.fundamental_hz:g} Hz (dBFS)": step.picture_dbfs for step in result.steps
    }
    note = (
        "A column for each sine, low notes at the left. Harmonics rise with their sine; "
        "lines that fall while it rises are aliases."
    )
    return Picture(partial(_draw_sweep, result, rate), numbers, note)


def _draw_sweep(result: Aliasing, rate: int, canvas: Canvas) -> None:
    levels = np.array([step.picture_dbfs for step in result.steps]).T
    canvas.image(levels, (-0.5, 0.0, len(result.steps), rate / 2.0), _COLOURS_DB)
    heights = [(float(hz), frequency_text(hz)) for hz in range(5_000, rate // 2 + 1, 5_000)]
    canvas.axes(
        (-0.5, len(result.steps) - 0.5), "sine (Hz)", _places(result),
        (0.0, rate / 2.0), "heard (Hz)", heights, grid=False,
    )  # fmt: skip


def ratios(report: Report, _choice: str) -> Picture | None:
    """A bar for every sine."""
    result: Aliasing | None = report.measures.get("aliasing")
    if result is None:
        return None
    steps = result.steps
    numbers = {
        "sine (Hz)": [step.fundamental_hz for step in steps],
        "alias to signal (dB)": [step.alias_to_signal_db for step in steps],
        "lines (dB)": [step.lines_db for step in steps],
        "noise (dB)": [step.noise_db for step in steps],
        "without steps of resolution (dB)": [step.beyond_steps_db for step in steps],
    }
    note = (
        "Power of the tones that do not belong to a sine over that of the sine and its harmonics. Only notes "
        "of a guitar are judged; higher sines are pale. Dashed: the worst of published high-gain LSTMs, as "
        "they are and oversampled twice."
    )
    return Picture(partial(_draw_ratios, result), numbers, note)


def _draw_ratios(result: Aliasing, canvas: Canvas) -> None:
    steps = result.steps
    canvas.axes(
        (-0.8, len(steps) - 0.2), "sine (Hz)", _places(result), (FLOOR_DB, 0.0), "alias to signal (dB)",
        ticks(-120, -80, -40, 0),
    )  # fmt: skip
    heights = [step.alias_to_signal_db for step in steps]
    notes = sum(step.fundamental_hz <= HIGHEST_NOTE_HZ for step in steps)
    paints: list[Paint] = [MEANINGS[SCALE.grade(step.beyond_steps_db)] or "clean" for step in steps[:notes]]
    canvas.bars(range(notes), heights[:notes], FLOOR_DB, 0.7, paints)
    higher = len(steps) - notes
    canvas.bars(range(notes, len(steps)), heights[notes:], FLOOR_DB, 0.7, ["clean"] * higher, _PALE)
    canvas.mark(SCALE.good, "goal −55 dB")
    canvas.mark(OVERSAMPLED_WORST_DB, "2× oversampled −89 dB", "clean")


def _places(result: Aliasing) -> list[tuple[float, str]]:
    """Where round frequencies lie among the steps."""
    logs = np.log([step.fundamental_hz for step in result.steps])
    inside = [hz for hz in FREQUENCIES_HZ if logs[0] <= np.log(hz) <= logs[-1]]
    return [(float(np.interp(np.log(hz), logs, np.arange(len(logs)))), frequency_text(hz)) for hz in inside]


PLANS = (
    PicturePlan("Aliasing sweep", sweep, ("aliasing",)),
    PicturePlan("Alias to signal", ratios, ("aliasing",)),
)
