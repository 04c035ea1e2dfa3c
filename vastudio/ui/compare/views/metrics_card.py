"""The measures at the knob position that is heard, of every model, with their goals."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from vastudio.app.comparison.comparing import ComparisonMetrics
from vastudio.app.comparison.goals import GOALS, Goal
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.metric_table import MetricRow, MetricTable

SHOWN = ("esr", "null_depth_db", "mr_stft", "mfcc_distance", "loudness_difference", "predicted_mushra")
"""What has a row; the other metrics are in the report and on the command line."""
_SHORT = {"null_depth_db": "Null", "mfcc_distance": "MFCC", "loudness_difference": "Loudness",
          "predicted_mushra": "MUSHRA"}  # fmt: skip


class MetricsCard(Card):
    """A table of goals and, for each model, values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("At this position", parent)
        self.table = MetricTable("Measures of the models against the target")
        self.body.addWidget(self.table)
        self.body.addStretch(1)
        self.show_metrics(())

    def show_metrics(self, metrics: Sequence[ComparisonMetrics], columns: int = 1, note: str = "") -> None:
        """Fill the table; dashes while there is nothing measured."""
        headings = ("value",) if columns == 1 else tuple(str(place + 1) for place in range(columns))
        self.table.show_rows(rows(metrics, columns), headings)
        self.set_note(note)


def rows(metrics: Sequence[ComparisonMetrics], columns: int) -> list[MetricRow]:
    """The measures as table rows, a value for each column."""
    result = []
    for name in SHOWN:
        goal = GOALS[name] if columns == 1 else _narrow(GOALS[name])
        cells = [_cell(goal, getattr(measured, name)) for measured in metrics] or [("—", None)] * columns
        (value, is_met), others = cells[0], tuple(cells[1:])
        tip = f"{goal.meaning} {goal.reason}".strip()
        result.append(MetricRow(goal.title, value, _goal(goal), is_met, tip, others))
    return result


def _narrow(goal: Goal) -> Goal:
    """The goal with its unit in a short title instead of beside every value."""
    title = _SHORT.get(goal.metric, goal.title)
    return dataclasses.replace(goal, title=f"{title} {goal.unit}".rstrip(), unit="")


def _goal(goal: Goal) -> str:
    """The goal without its unit, which stands beside the value."""
    if goal.limit is None:
        return "—"
    return f"{'≤' if goal.sense == 'at most' else '≥'} {goal.limit:g}".replace("-", numbers.MINUS)


def _cell(goal: Goal, value: float) -> tuple[str, bool | None]:
    return goal.value_text(value), goal.is_met(value)
