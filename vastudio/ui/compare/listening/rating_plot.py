"""What many ratings say, condition by condition: means with their intervals, medians with their quartiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.app.listening.material import LOW_PASS, SOFT_CLIPPER, TARGET
from vastudio.app.listening.ratings import Summary
from vastudio.ui.theme.tokens import Meaning, tokens, translucent
from vastudio.ui.widgets import plots

_ANCHORS = (LOW_PASS, SOFT_CLIPPER)
_HALF_BOX, _HALF_CAP = 0.17, 0.07
_WORDS = ((90, "Excellent"), (70, "Good"), (50, "Fair"), (30, "Poor"), (10, "Bad"))


def meaning_of(condition: str) -> Meaning:
    """The colour of a condition: the target, an anchor, or a model."""
    if condition == TARGET:
        return "target"
    return "clean" if condition in _ANCHORS else "model"


class RatingPlot(QWidget):
    """A box from quartile to quartile, a line at the median, a dot at the mean with its 95 % interval."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summaries: tuple[Summary, ...] = ()
        self.plot: Any = plots.plain_plot("Ratings")
        self.plot.setYRange(0, 100, padding=0.03)
        self.plot.getAxis("left").setTicks([[(at, word) for at, word in _WORDS]])
        self.plot.getAxis("left").setWidth(66)
        self.plot.setToolTip("Box: quartiles and median. Dot and whiskers: mean and its 95 % interval.")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)

    def show_summaries(self, summaries: Sequence[Summary]) -> None:
        """Draw these conditions from left to right."""
        self._summaries = tuple(summaries)
        self._draw()

    def _draw(self) -> None:
        theme = tokens()
        self.plot.clear()
        plots.recolour(self.plot, theme)
        plots.grid(self.plot, theme, ys=(0.0, 20.0, 40.0, 60.0, 80.0, 100.0))
        names = [(place, summary.condition) for place, summary in enumerate(self._summaries)]
        self.plot.getAxis("bottom").setTicks([names])
        self.plot.setXRange(-0.6, max(0, len(names) - 1) + 0.6, padding=0.0)
        for place, summary in enumerate(self._summaries):
            self._draw_condition(place, summary, theme.of(meaning_of(summary.condition)))
        said = [f"{s.condition}: mean {s.mean:.0f}, median {s.median:.0f}" for s in self._summaries]
        self.plot.setAccessibleDescription("; ".join(said))

    def _draw_condition(self, place: int, summary: Summary, colour: QColor) -> None:
        pen = pg.mkPen(colour, width=1)
        box = pg.BarGraphItem(
            x0=[place - _HALF_BOX], width=2 * _HALF_BOX, y0=[summary.lower_quartile],
            height=[summary.upper_quartile - summary.lower_quartile],
            brush=translucent(colour, 0.22), pen=pen,
        )  # fmt: skip
        self.plot.addItem(box)
        self._line([place - _HALF_BOX, place + _HALF_BOX], [summary.median] * 2, pg.mkPen(colour, width=3))
        if math.isfinite(summary.mean_half_width):
            low = max(0.0, summary.mean - summary.mean_half_width)
            high = min(100.0, summary.mean + summary.mean_half_width)
            white = pg.mkPen(QColor(tokens().text.primary), width=1)
            self._line([place, place], [low, high], white)
            for end in (low, high):
                self._line([place - _HALF_CAP, place + _HALF_CAP], [end, end], white)
        self.plot.plot(
            [place], [summary.mean], pen=None, symbol="o", symbolSize=9,
            symbolBrush=QColor(tokens().text.primary), symbolPen=pen,
        )  # fmt: skip

    def _line(self, xs: list[float], ys: list[float], pen: Any) -> None:
        self.plot.plot(xs, ys, pen=pen)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)
