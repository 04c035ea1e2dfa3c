"""Error over the knobs: a map for two of them, a line for one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.app.knob_errors import KnobMap, PositionScore
from vastudio.types import Knob, KnobValues
from vastudio.ui.theme import colormaps
from vastudio.ui.theme.tokens import tokens, translucent
from vastudio.ui.widgets import plots

_LEAST_SPAN = 0.3
"""Decades between the ends of the colours, so that near-equal errors look equal."""

_LOWEST_ESR = 1e-6


class KnobErrorPlot(QWidget):
    """Training captures are circles, held-out ones squares, doubtful ones triangles; proposals are crosses.

    A tooltip tells the error of a capture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plots.plain_plot("Error over the knobs")
        self._image = pg.ImageItem(axisOrder="row-major")
        self._line = pg.PlotCurveItem()
        self._captures = pg.ScatterPlotItem(size=8, hoverable=True)
        self._proposals = pg.ScatterPlotItem(size=13, symbol="+", hoverable=True)
        for item in (self._image, self._line, self._captures, self._proposals):
            self._plot.addItem(item)
        self._doubtful: frozenset[str] = frozenset()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self.setMinimumSize(150, 80)
        self._recolour()

    @property
    def tips(self) -> tuple[str, ...]:
        """What the captures tell when the mouse is over them."""
        return tuple(str(text) for text in self._captures.data["data"])

    @property
    def image(self) -> Any:
        """log10 ESR as drawn, shape (positions of y, positions of x); None where a line is drawn."""
        return self._image.image if self._image.isVisible() else None

    def doubt(self, captures: Iterable[str]) -> None:
        """Point out these captures in what is drawn next."""
        self._doubtful = frozenset(captures)

    def show_map(self, map_: KnobMap, proposals: Sequence[KnobValues], tell: Callable[..., str]) -> None:
        """Draw a map. `tell` gives the tooltip of a PositionScore."""
        levels = np.log10(np.maximum(map_.esr, _LOWEST_ESR))
        low, high = float(levels.min()), float(levels.max())
        middle, half = (low + high) / 2, max(high - low, _LEAST_SPAN) / 2
        self._image.setImage(levels, autoLevels=False, levels=(middle - half, middle + half))
        self._image.setRect(QRectF(map_.x.minimum, map_.y.minimum, _span(map_.x), _span(map_.y)))
        self._image.show()
        self._line.hide()
        x, y = map_.x.name, map_.y.name
        self._mark([(s.knobs[x], s.knobs[y]) for s in map_.points], map_.points, tell)
        self._proposals.setData(pos=[(place[x], place[y]) for place in proposals])
        self._fit(map_.x, (map_.y.minimum, map_.y.maximum))
        self._plot.getAxis("left").setTicks(None)

    def show_line(
        self, knob: Knob, scores: Sequence[PositionScore], proposals: Sequence[KnobValues],
        tell: Callable[..., str],
    ) -> None:  # fmt: skip
        """Draw the error over the only knob."""
        ordered = sorted(scores, key=lambda score: score.knobs[knob.name])
        points = [(s.knobs[knob.name], math.log10(max(s.esr, _LOWEST_ESR))) for s in ordered]
        self._image.hide()
        self._line.setData([at for at, _ in points], [level for _, level in points])
        self._line.show()
        self._mark(points, ordered, tell)
        levels = [level for _, level in points]
        low, high = min(levels) - 0.2, max(levels) + 0.2
        self._proposals.setData(pos=[(place[knob.name], low + 0.1) for place in proposals])
        self._fit(knob, (low, high))
        marks = [value for decade in range(-6, 2) for value in (10.0**decade, 3 * 10.0**decade)]
        self._plot.getAxis("left").setTicks([[(math.log10(value), f"{value:g}") for value in marks]])

    def _mark(
        self, places: Sequence[tuple[float, float]], scores: Sequence[PositionScore], tell: Callable[..., str]
    ) -> None:
        self._captures.setData(
            pos=list(places),
            data=[tell(score) for score in scores],
            symbol=[self._symbol(score) for score in scores],
            size=[13 if score.capture in self._doubtful else 8 for score in scores],
            tip=lambda x, y, data: data,
        )

    def _symbol(self, score: PositionScore) -> str:
        if score.capture in self._doubtful:
            return "t"
        return "o" if score.split == "train" else "s"

    def _fit(self, x: Knob, y_range: tuple[float, float]) -> None:
        self._plot.setXRange(x.minimum, x.maximum, padding=0.03)
        self._plot.setYRange(*y_range, padding=0.03)

    def sizeHint(self) -> QSize:
        """Small: a plot takes what room there is."""
        return QSize(200, 90)

    def _recolour(self) -> None:
        theme = tokens()
        plots.recolour(self._plot, theme)
        self._image.setLookupTable(colormaps.levels(theme))
        self._line.setPen(pg.mkPen(theme.of("model"), width=2))
        self._captures.setPen(pg.mkPen(translucent(theme.ground.window, 0.9), width=1))
        self._captures.setBrush(translucent(theme.text.primary, 0.9))
        self._proposals.setPen(pg.mkPen(theme.of("good"), width=1))
        self._proposals.setBrush(theme.of("good"))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)


def _span(knob: Knob) -> float:
    return knob.maximum - knob.minimum
