"""Load by block size."""

from __future__ import annotations

from functools import partial

from vastudio.app.probe.measures.load import SCALE, Load
from vastudio.app.probe.report import Report
from vastudio.ui.compare.probe.chart import Canvas, Paint, Picture, number, ticks
from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.compare.probe.words import MEANINGS
from vastudio.ui.widgets.plot_export import Numbers

_NOTE = "Share of one core that playing takes, by the frames that the audio device asks for at a time."
_DISTURBED = " Other work had the core for {:.0f} % of the time: probe again when the computer is quiet."


def by_block(report: Report, _choice: str) -> Picture | None:
    """A bar for every block size."""
    result: Load | None = report.measures.get("load")
    if result is None:
        return None
    numbers: Numbers = {
        "block (frames)": [at.block_frames for at in result.blocks],
        "time (ns per sample)": [at.nanoseconds_per_sample for at in result.blocks],
        "load (% of a core)": [at.core_percent for at in result.blocks],
    }
    note = _NOTE + (_DISTURBED.format(result.waited_percent) if result.is_disturbed else "")
    return Picture(partial(_draw, result), numbers, note)


def _draw(result: Load, canvas: Canvas) -> None:
    percents = [at.core_percent for at in result.blocks]
    highest = max(percents)
    rounds = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
    top = next((limit for limit in rounds if limit >= highest), highest)
    names = [(float(place), str(at.block_frames)) for place, at in enumerate(result.blocks)]
    canvas.axes(
        (-0.6, len(percents) - 0.4), "block (frames)", names, (0.0, 1.05 * top), "core (%)",
        ticks(0, top / 2, top),
    )  # fmt: skip
    paints: list[Paint] = [MEANINGS[SCALE.grade(percent)] or "model" for percent in percents]
    canvas.bars(range(len(percents)), percents, 0.0, 0.6, paints)
    if top > SCALE.good:
        canvas.mark(SCALE.good, f"goal {number(SCALE.good)} %")


PLANS = (PicturePlan("Load by block size", by_block, ("load",)),)
