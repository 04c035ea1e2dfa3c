"""What the plots of the Capture page save: the map of the plan, and the waves of what came back."""

from __future__ import annotations

from vastudio.ui.capture.levels_step import LevelsStep
from vastudio.ui.capture.plan_step import PlanStep
from vastudio.ui.capture.record_step import RecordStep
from vastudio.ui.capture.review_step import ReviewStep
from vastudio.ui.widgets.knob_map import KnobMap
from vastudio.ui.widgets.plot_export import Numbers, exportable
from vastudio.ui.widgets.plot_numbers import waveforms


def make_exportable(levels: LevelsStep, plan: PlanStep, record: RecordStep, review: ReviewStep) -> None:
    """Give the plot of each step a menu, and its card a button, to save what it shows."""
    exportable(levels.wave, "What came back", lambda: waveforms(levels.wave), levels.result)
    exportable(plan.map, "Positions of the plan", lambda: positions(plan.map), plan.map_card)
    exportable(record.wave, "Newest take", lambda: waveforms(record.wave), record.level)
    exportable(review.wave, review.take_card.title.text, lambda: waveforms(review.wave), review.take_card)


def positions(map_: KnobMap) -> Numbers:
    """A row for every position in the order of recording, with all its knobs."""
    shown = map_.positions
    return {
        "position": list(range(1, len(shown) + 1)),
        "split": [position.split for position in shown],
        **{
            f"{knob.name} (dial)": [position.values.get(knob.name, knob.default) for position in shown]
            for knob in map_.knobs
        },
    }
