"""The training curve: ESR on a logarithmic axis over the time spent."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.ui.theme.tokens import tokens, translucent
from vastudio.ui.widgets import plots

_DECADES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
_GOAL = 0.01
_HIGHEST = 1.5
"""Above this the first steps of a run go out of the picture."""


class TrainingCurve(QWidget):
    """Training ESR as a thin line, validation ESR as strong joined points; a dashed line at the goal."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plots.plain_plot("Error-to-signal ratio over training time")
        self._plot.getAxis("left").setTicks([[(math.log10(value), f"{value:g}") for value in _DECADES]])
        self._plot.getAxis("left").setWidth(46)
        self._training, self._validation = pg.PlotCurveItem(), pg.PlotDataItem()
        self._goal = pg.InfiniteLine(pos=math.log10(_GOAL), angle=0)
        for item in (self._training, self._goal, self._validation):
            self._plot.addItem(item)
        self._lines: list[object] = []
        self._train_points: list[tuple[float, float]] = []
        self._validation_points: list[tuple[float, float]] = []
        self._planned = 0.0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self.setMinimumHeight(150)
        self.clear()
        self._recolour()

    @property
    def train_points(self) -> tuple[tuple[float, float], ...]:
        """(seconds, ESR) of the training updates."""
        return tuple(self._train_points)

    @property
    def validation_points(self) -> tuple[tuple[float, float], ...]:
        """(seconds, ESR) of the validations."""
        return tuple(self._validation_points)

    def clear(self, seconds_planned: float = 0.0) -> None:
        """Begin a new curve whose time axis ends at the planned length, where there is one."""
        self._train_points, self._validation_points = [], []
        self._planned = seconds_planned
        self._draw()

    def add_training(self, seconds: float, esr: float) -> None:
        """Add a point of the training error."""
        self._train_points.append((seconds, esr))
        self._draw()

    def add_validation(self, seconds: float, esr: float) -> None:
        """Add a point of the validation error."""
        self._validation_points.append((seconds, esr))
        self._draw()

    def end(self) -> None:
        """No more points come: the time axis ends with the last one."""
        self._planned = 0.0
        self._draw()

    def _draw(self) -> None:
        for item, points in (
            (self._training, self._train_points),
            (self._validation, self._validation_points),
        ):
            item.setData([x for x, _ in points], [_log(y) for _, y in points])
        everything = self._train_points + self._validation_points
        lowest = min((_log(y) for _, y in everything), default=math.log10(_GOAL))
        highest = max((_log(y) for _, y in everything), default=0.0)
        end = max([self._planned, 10.0, *(x for x, _ in everything)])
        top = min(max(highest, 0.0), math.log10(_HIGHEST))
        self._plot.setYRange(min(lowest, math.log10(_GOAL)) - 0.25, top + 0.1, padding=0)
        self._plot.setXRange(0.0, end * 1.02, padding=0)
        self._plot.getAxis("bottom").setTicks([_time_ticks(end)])

    def sizeHint(self) -> QSize:
        """Small: a plot takes what room there is."""
        return QSize(300, 170)

    def _recolour(self) -> None:
        theme = tokens()
        plots.recolour(self._plot, theme)
        for line in self._lines:
            self._plot.removeItem(line)
        self._lines = plots.grid(self._plot, theme, ys=tuple(math.log10(value) for value in _DECADES))
        self._training.setPen(pg.mkPen(theme.of("clean"), width=1))
        self._validation.setPen(pg.mkPen(theme.of("model"), width=2))
        self._validation.setSymbol("o")
        self._validation.setSymbolSize(5)
        self._validation.setSymbolPen(None)
        self._validation.setSymbolBrush(theme.of("model"))
        self._goal.setPen(pg.mkPen(translucent(theme.of("good"), 0.7), width=1, style=Qt.PenStyle.DashLine))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)


def _log(esr: float) -> float:
    return math.log10(max(esr, 1e-6))


def _time_ticks(end: float) -> list[tuple[float, str]]:
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((value for value in steps if end / value <= 7), 14400)
    unit, name = (60, "min") if step >= 60 else (1, "s")
    return [(value, f"{value / unit:g} {name}") for value in range(0, int(end) + 1, step)]
