"""The measures at the knob position that is heard, with their goals."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from vastudio.app.comparison.comparing import ComparisonMetrics
from vastudio.app.library import esr_text
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.metric_table import MetricRow, MetricTable

_ESR_GOAL = 0.01
_NULL_GOAL_DB = -20.0
_MFCC_GOAL = 2.91
_LOUDNESS_GOAL_LU = 0.3


class MetricsCard(Card):
    """A table of value and goal."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("At this position", parent)
        self.table = MetricTable("Measures of the model against the target")
        self.body.addWidget(self.table)
        self.body.addStretch(1)
        self.show_metrics(None)

    def show_metrics(self, metrics: ComparisonMetrics | None) -> None:
        """Fill the table; dashes while there is nothing to measure."""
        self.table.show_rows(rows(metrics))


def rows(metrics: ComparisonMetrics | None) -> list[MetricRow]:
    """The measures as table rows."""
    if metrics is None:
        titles = ("ESR", "Null depth", "MR-STFT", "MFCC distance", "Loudness difference", "Predicted MUSHRA")
        return [MetricRow(title, "—") for title in titles]
    loudness = abs(metrics.loudness_difference)
    return [
        MetricRow(
            "ESR",
            esr_text(metrics.esr),
            f"{_ESR_GOAL:g}",
            metrics.esr <= _ESR_GOAL,
            "Energy of the error over the energy of the target",
        ),
        MetricRow(
            "Null depth",
            numbers.decibels(metrics.null_depth_db),
            numbers.fixed(_NULL_GOAL_DB, 0),
            metrics.null_depth_db <= _NULL_GOAL_DB,
            "What is left when model and target are subtracted, below the target",
        ),
        MetricRow(
            "MR-STFT",
            f"{metrics.mr_stft:.2f}",
            tip="Distance of the spectra at three resolutions; less is nearer",
        ),
        MetricRow(
            "MFCC distance",
            f"{metrics.mfcc_distance:.2f}",
            f"{_MFCC_GOAL:g}",
            metrics.mfcc_distance <= _MFCC_GOAL,
            "Distance in timbre; listeners hear no difference up to the goal",
        ),
        MetricRow(
            "Loudness difference",
            f"{loudness:.2f} LU",
            f"{_LOUDNESS_GOAL_LU:g}",
            loudness <= _LOUDNESS_GOAL_LU,
            "Difference of the BS.1770 loudness",
        ),
        MetricRow(
            "Predicted MUSHRA",
            f"{metrics.predicted_mushra:.0f}",
            tip="What listeners would rate, 0 to 100, predicted from the MFCC distance",
        ),
    ]
