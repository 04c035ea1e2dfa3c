"""The model at the centre and at every corner of its dials: falling quiet after the music, and its level."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from vastudio.app.probe.basics import PEAK, RESIDUE
from vastudio.app.probe.report import Report
from vastudio.modelfile.probe import RESIDUE_SECONDS, ProbedPosition
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.compare.probe.words import MEANINGS
from vastudio.ui.widgets.numbers import count
from vastudio.ui.widgets.plot_export import Numbers

_FLOOR_DBFS = -160.0
_LEAST_PEAK_DBFS = -60.0


def silence(report: Report, _choice: str) -> Picture | None:
    """What is left after the music, a line for every position."""
    places = report.basics.positions
    residues = {
        f"residue after {second:g} s (dBFS)": [place.residue_dbfs[index] for place in places]
        for index, second in enumerate(RESIDUE_SECONDS)
    }
    numbers: Numbers = {
        "position": [_name(place) for place in places],
        "noise at rest (dBFS)": [place.rest_noise_dbfs for place in places],
        "offset at rest (dBFS)": [place.rest_dc_dbfs for place in places],
        **residues,
    }
    note = (
        f"What is left after the music at {count(len(places), 'knob position')}, the worst one bright; "
        "before it (at the left) what the model sounds like by itself."
    )
    return Picture(partial(_draw_silence, places), numbers, note)


def _draw_silence(places: Sequence[ProbedPosition], canvas: Canvas) -> None:
    at = [0.0, *(1.0 + index for index in range(len(RESIDUE_SECONDS)))]
    names = ["before", *(f"{second:g} s after" for second in RESIDUE_SECONDS)]
    canvas.axes(
        (-0.2, at[-1] + 0.2), "", list(zip(at, names, strict=True)), (_FLOOR_DBFS, 0.0), "level (dBFS)",
        ticks(-160, -120, -80, -40, 0),
    )  # fmt: skip
    worst = max(places, key=lambda place: max(place.residue_dbfs[-1], place.rest_noise_dbfs))
    for place in [*(place for place in places if place is not worst), worst]:
        levels = np.maximum([place.rest_noise_dbfs, *place.residue_dbfs], _FLOOR_DBFS)
        paint: Paint = "model" if place is worst else "clean"
        canvas.line(at[:1], levels[:1], paint, dots=True)
        canvas.line(at[1:], levels[1:], paint, dots=place is worst)
    canvas.mark(RESIDUE.good, "goal −90 dBFS after 5 s")


def peaks(report: Report, _choice: str) -> Picture | None:
    """The highest peak at every position."""
    places = report.basics.positions
    numbers: Numbers = {
        "position": [_name(place) for place in places],
        "peak (dBFS)": [place.peak_dbfs for place in places],
        "level (dBFS RMS)": [place.rms_dbfs for place in places],
        "loudness (LUFS)": [place.loudness_lufs for place in places],
    }
    note = "Highest peak of a guitar at its nominal level, at the centre of the dials and at every corner."
    return Picture(partial(_draw_peaks, places), numbers, note)


def _draw_peaks(places: Sequence[ProbedPosition], canvas: Canvas) -> None:
    step = max(1, len(places) // 8)
    names = [
        (float(index), "centre" if index == 0 else str(index))
        for index in range(len(places))
        if index % step == 0
    ]
    canvas.axes(
        (-0.7, len(places) - 0.3), "corner", names, (_LEAST_PEAK_DBFS, 12.0), "peak (dBFS)",
        ticks(-60, -40, -20, 0),
    )  # fmt: skip
    levels = [place.peak_dbfs for place in places]
    paints: list[Paint] = [MEANINGS[PEAK.grade(level)] or "model" for level in levels]
    canvas.bars(range(len(levels)), levels, _LEAST_PEAK_DBFS, 0.6, paints)
    canvas.mark(PEAK.good, "full scale")


def _name(place: ProbedPosition) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in place.knobs.items()) or "no knobs"


PLANS = (
    PicturePlan("Falling quiet", silence, ("residue", "rest_noise")),
    PicturePlan("Level at the corners", peaks, ("peak",)),
)
