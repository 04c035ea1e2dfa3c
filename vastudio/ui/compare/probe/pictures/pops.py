"""Pops in silence: when the model is loaded, and when a knob jumps."""

from __future__ import annotations

from functools import partial

from vastudio.app.probe.measures.startup import SCALE, Startup
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.compare.probe.words import MEANINGS
from vastudio.ui.widgets.plot_export import Numbers

_FLOOR_DBFS = -160.0


def by_cause(report: Report, _choice: str) -> Picture | None:
    """A bar for loading, and one for every knob."""
    result: Startup | None = report.measures.get("startup")
    if result is None:
        return None
    causes = ["loading", *(jump.knob for jump in result.jumps)]
    levels = [result.load_pop_dbfs, *(jump.pop_dbfs for jump in result.jumps)]
    note = "Highest excursion in 50 ms of silence after loading, and after a knob jumps through its dial."
    numbers: Numbers = {"cause": causes, "pop (dBFS)": levels}
    return Picture(partial(_draw, causes, levels), numbers, note)


def _draw(causes: list[str], levels: list[float], canvas: Canvas) -> None:
    names = [(float(place), cause) for place, cause in enumerate(causes)]
    canvas.axes(
        (-0.7, len(causes) - 0.3), "", names, (_FLOOR_DBFS, 0.0), "pop (dBFS)", ticks(-160, -120, -80, -40, 0)
    )
    paints: list[Paint] = [MEANINGS[SCALE.grade(level)] or "model" for level in levels]
    canvas.bars(range(len(levels)), levels, _FLOOR_DBFS, 0.4, paints)
    canvas.mark(SCALE.good, "goal −80 dBFS")


PLANS = (PicturePlan("Pops in silence", by_cause, ("startup_pop", "jump_pop")),)
