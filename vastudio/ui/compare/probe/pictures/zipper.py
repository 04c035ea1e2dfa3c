"""Zipper noise of every knob."""

from __future__ import annotations

from functools import partial

from vastudio.app.probe.measures.zipper import SCALE, Zipper
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.compare.probe.words import MEANINGS
from vastudio.ui.widgets.plot_export import Numbers

_FLOOR_DB = -140.0


def by_knob(report: Report, _choice: str) -> Picture | None:
    """Two bars for every knob: turning, and standing still."""
    result: Zipper | None = report.measures.get("zipper")
    if result is None:
        return None
    numbers: Numbers = {
        "knob": [at.knob for at in result.knobs],
        "turning (dB)": [at.moving_db for at in result.knobs],
        "still (dB)": [at.still_db for at in result.knobs],
    }
    note = (
        "What a sine of 1 kHz brings with it while a knob goes through its dial in a tenth of a second; "
        "the right bar of each pair is the knob standing still."
    )
    return Picture(partial(_draw, result), numbers, note)


def _draw(result: Zipper, canvas: Canvas) -> None:
    places = range(len(result.knobs))
    names = [(float(place), at.knob) for place, at in enumerate(result.knobs)]
    canvas.axes(
        (-0.7, len(result.knobs) - 0.3), "", names, (_FLOOR_DB, 0.0), "noise (dB)",
        ticks(-120, -80, -40, 0),
    )  # fmt: skip
    moving = [at.moving_db for at in result.knobs]
    paints: list[Paint] = [
        MEANINGS[SCALE.grade(at.moving_db)] or "model" if at.is_heard else "good" for at in result.knobs
    ]
    canvas.bars([place - 0.16 for place in places], moving, _FLOOR_DB, 0.28, paints)
    still = [at.still_db for at in result.knobs]
    canvas.bars([place + 0.16 for place in places], still, _FLOOR_DB, 0.28, ["clean"] * len(still))
    canvas.mark(SCALE.good, "goal −60 dB")


PLANS = (PicturePlan("Zipper noise", by_knob, ("zipper",)),)
