"""Pops in silence: when the model is loaded, and when a knob jumps or is turned."""

from __future__ import annotations

from functools import partial

from vastudio.app.probe.measures.startup import SCALE, TURN_SCALE, Startup
from vastudio.app.probe.report import Report
from vastudio.app.probe.verdict import Grade
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.compare.probe.words import MEANINGS
from vastudio.ui.widgets.plot_export import Numbers

_FLOOR_DBFS = -160.0


def by_cause(report: Report, _choice: str) -> Picture | None:
    """A bar for loading, and two for every knob."""
    result: Startup | None = report.measures.get("startup")
    if result is None:
        return None
    jumps, turns = result.jumps, result.turns
    causes = ["loading", *(f"{it.knob} jumps" for it in jumps), *(f"{it.knob} turns" for it in turns)]
    levels = [result.load_pop_dbfs, *(it.pop_dbfs for it in (*jumps, *turns))]
    grades = [SCALE.grade(level) for level in levels[: len(jumps) + 1]]
    grades += [TURN_SCALE.grade(turn.pop_dbfs) for turn in turns]
    note = (
        "Highest excursion in 50 ms of silence after loading, after a knob jumps through its dial, and while "
        "it is turned through it in a tenth of a second."
    )
    numbers: Numbers = {"cause": causes, "pop (dBFS)": levels}
    return Picture(partial(_draw, causes, levels, grades), numbers, note)


def _draw(causes: list[str], levels: list[float], grades: list[Grade], canvas: Canvas) -> None:
    names = [(float(place), cause) for place, cause in enumerate(causes)]
    canvas.axes(
        (-0.7, len(causes) - 0.3), "", names, (_FLOOR_DBFS, 0.0), "pop (dBFS)", ticks(-160, -120, -80, -40, 0)
    )
    paints: list[Paint] = [MEANINGS[grade] or "model" for grade in grades]
    canvas.bars(range(len(levels)), levels, _FLOOR_DBFS, 0.4, paints)
    canvas.mark(SCALE.good, "goal −80 dBFS")


PLANS = (PicturePlan("Pops in silence", by_cause, ("startup_pop", "jump_pop", "turn_pop")),)
