"""The error of a training run over its time, with the floor of its recordings and other runs to compare."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.ui.theme.tokens import tokens, translucent
from vastudio.ui.widgets import plots
from vastudio.ui.widgets.series import MOST_SERIES, series_pen

GOAL = 0.01
"""The ESR below which a model is hard to tell from its device."""

_DECADES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001, 0.00003, 0.00001)
_HIGHEST = 1.5
"""Above this the first steps of a run go out of the picture."""

_FARTHEST_FLOOR = 1.0
"""Decades. A floor further below the curve stays out of the picture, which it would press flat."""

_CROWDED = 36
"""Pixels per decade below which only the powers of ten are labelled."""

Curve: TypeAlias = Sequence[tuple[float, float]]
"""(seconds, ESR) in the order of time."""


@dataclass(frozen=True)
class OtherRun:
    """The validation curve of another run. `place` chooses its colour, 0 to MOST_SERIES - 1."""

    title: str
    curve: Curve
    place: int


class RunPlot(QWidget):
    """Training ESR thin, validation ESR as strong joined points, others dashed; lines at goal and floor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plots.plain_plot("Error-to-signal ratio over training time")
        self._plot.getAxis("left").setWidth(52)
        self._training, self._validation = pg.PlotCurveItem(), pg.PlotDataItem()
        self._goal = pg.InfiniteLine(pos=math.log10(GOAL), angle=0)
        self._floor = pg.InfiniteLine(
            angle=0, label="", labelOpts={"position": 0.98, "anchors": [(1, 1), (1, 0)], "movable": False}
        )
        self._other_lines = [pg.PlotCurveItem() for _ in range(MOST_SERIES)]
        for item in (*self._other_lines, self._training, self._goal, self._floor, self._validation):
            self._plot.addItem(item)
        self._grid: list[object] = []
        self._train_points: list[tuple[float, float]] = []
        self._validation_points: list[tuple[float, float]] = []
        self._others: tuple[OtherRun, ...] = ()
        self._floor_esr: float | None = None
        self._planned = 0.0
        self._is_held = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self.setMinimumHeight(115)
        self._recolour()
        self.clear()

    # --- what is shown --------------------------------------------------------------------------------

    @property
    def train_points(self) -> Curve:
        """The training updates."""
        return tuple(self._train_points)

    @property
    def validation_points(self) -> Curve:
        """The validations."""
        return tuple(self._validation_points)

    @property
    def floor(self) -> float | None:
        """The ESR at which the floor line lies, None without one."""
        return self._floor_esr

    @property
    def others(self) -> tuple[OtherRun, ...]:
        """The runs that are compared."""
        return self._others

    # --- changing it ----------------------------------------------------------------------------------

    @contextmanager
    def drawn_once(self) -> Iterator[None]:
        """Draw at the end of the block, instead of at every point within it."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            self._draw()

    def clear(self) -> None:
        """Begin a new curve; the other runs stay."""
        self._train_points, self._validation_points = [], []
        self._planned, self._floor_esr = 0.0, None
        self._draw()

    def plan(self, seconds: float) -> None:
        """Let the time axis reach to the planned end; 0: to the last point."""
        self._planned = seconds
        self._draw()

    def add_training(self, seconds: float, esr: float) -> None:
        """Add a point of the training error."""
        self._train_points.append((seconds, esr))
        self._draw()

    def add_validation(self, seconds: float, esr: float) -> None:
        """Add a point of the validation error."""
        self._validation_points.append((seconds, esr))
        self._draw()

    def go_back(self, seconds: float) -> None:
        """Take away what lies after `seconds`: the run goes on from there, and will draw it anew."""
        self._train_points = [point for point in self._train_points if point[0] <= seconds]
        self._validation_points = [point for point in self._validation_points if point[0] <= seconds]
        self._draw()

    def set_floor(self, esr: float | None) -> None:
        """Draw the lowest ESR the recordings allow."""
        self._floor_esr = esr
        self._draw()

    def show_others(self, runs: Sequence[OtherRun]) -> None:
        """Draw these runs behind the curve, at most MOST_SERIES."""
        self._others = tuple(runs[:MOST_SERIES])
        self._draw()

    # --- drawing --------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._is_held:
            return
        _set_curve(self._training, self._train_points)
        _set_curve(self._validation, self._validation_points)
        by_place = {run.place: run.curve for run in self._others}
        for place, line in enumerate(self._other_lines):
            _set_curve(line, by_place.get(place, ()))
        self._draw_floor()
        self._choose_ranges()

    def _draw_floor(self) -> None:
        self._floor.setVisible(self._floor_esr is not None)
        if self._floor_esr is not None:
            self._floor.setPos(_log(self._floor_esr))
            self._floor.label.setFormat(f"floor of these recordings {self._floor_esr:.2g}")

    def _choose_ranges(self) -> None:
        points = [*self._train_points, *self._validation_points]
        points += [point for run in self._others for point in run.curve]
        levels = [_log(esr) for _, esr in points]
        lows = [math.log10(GOAL), *levels]
        if self._floor_esr is not None and _log(self._floor_esr) > min(lows) - _FARTHEST_FLOOR:
            lows.append(_log(self._floor_esr))
        top = min(max([0.0, *levels]), math.log10(_HIGHEST))
        end = max([self._planned, 10.0, *(seconds for seconds, _ in points)])
        self._plot.setYRange(min(lows) - 0.25, top + 0.1, padding=0)
        self._label_decades(top - min(lows) + 0.35)
        self._plot.setXRange(0.0, end * 1.02, padding=0)
        self._plot.getAxis("bottom").setTicks([_time_ticks(end)])

    def _label_decades(self, decades: float) -> None:
        room = max(self._plot.getViewBox().height(), 1.0) / decades
        values = _DECADES if room >= _CROWDED else _DECADES[::2]
        self._plot.getAxis("left").setTicks([[(math.log10(value), f"{value:g}") for value in values]])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many labels as there is room for."""
        super().resizeEvent(event)
        self._choose_ranges()

    def sizeHint(self) -> QSize:
        """Small: a plot takes what room there is."""
        return QSize(300, 120)

    def _recolour(self) -> None:
        theme = tokens()
        plots.recolour(self._plot, theme)
        for line in self._grid:
            self._plot.removeItem(line)
        self._grid = plots.grid(self._plot, theme, ys=tuple(math.log10(value) for value in _DECADES))
        self._training.setPen(pg.mkPen(theme.of("clean"), width=1))
        self._validation.setPen(pg.mkPen(theme.of("model"), width=2))
        self._validation.setSymbol("o")
        self._validation.setSymbolSize(5)
        self._validation.setSymbolPen(None)
        self._validation.setSymbolBrush(theme.of("model"))
        for place, line in enumerate(self._other_lines):
            line.setPen(series_pen(theme, place))
        dash = Qt.PenStyle.DashLine
        self._goal.setPen(pg.mkPen(translucent(theme.of("good"), 0.7), width=1, style=dash))
        self._floor.setPen(pg.mkPen(theme.of("target"), width=1, style=dash))
        self._floor.label.setColor(theme.of("target"))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)


def _set_curve(item: Any, points: Curve) -> None:
    item.setData([seconds for seconds, _ in points], [_log(esr) for _, esr in points])


def _log(esr: float) -> float:
    return math.log10(max(esr, 1e-6))


def _time_ticks(end: float) -> list[tuple[float, str]]:
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((value for value in steps if end / value <= 7), 14400)
    unit, name = (60, "min") if step >= 60 else (1, "s")
    return [(value, f"{value / unit:g} {name}") for value in range(0, int(end) + 1, step)]
