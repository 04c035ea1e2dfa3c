"""Small charts of the probe: what is drawn, its numbers, its legend and what it means, as one value.

A `Picture` holds no widget and no colour: it is drawn anew on a `Canvas` whenever the theme changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.ui.theme import colormaps
from vastudio.ui.theme.tokens import Meaning, Tokens, tokens, translucent
from vastudio.ui.widgets import plots
from vastudio.ui.widgets.numbers import MINUS
from vastudio.ui.widgets.plot_export import Numbers
from vastudio.ui.widgets.series import series_colour, series_pen

Paint: TypeAlias = Meaning | int
"""A colour by its meaning, or the place in a series of equals."""

Ticks: TypeAlias = Sequence[tuple[float, str]]
Values: TypeAlias = Sequence[float] | npt.NDArray[np.floating[Any]]

_HEIGHT = 190
_AXIS_HEIGHT = 38
_HEADROOM = 0.06
"""Of the range of y, above its end: the label there stays whole."""


@dataclass(frozen=True)
class Picture:
    """Something to look at.

    Attributes
    ----------
    draw:
        Draws it on an empty canvas.
    numbers:
        What is drawn, for a table.
    note:
        What it means, in one sentence.
    legend:
        Names and colours of its lines; empty where there is nothing to tell apart.
    """

    draw: Callable[[Canvas], None]
    numbers: Numbers
    note: str
    legend: tuple[tuple[str, Paint], ...] = ()


class Canvas:
    """A plot and the theme it is drawn in."""

    def __init__(self, plot: Any, theme: Tokens) -> None:
        self._plot, self._theme = plot, theme

    def axes(
        self,
        x: tuple[float, float], x_name: str, x_ticks: Ticks,
        y: tuple[float, float], y_name: str, y_ticks: Ticks,
        *, grid: bool = True,
    ) -> None:  # fmt: skip
        """Set ranges, names with units, and labels; hairlines at the labels of y."""
        self._plot.setXRange(*x, padding=0)
        self._plot.setYRange(y[0], y[1] + _HEADROOM * (y[1] - y[0]), padding=0)
        for side, name, ticks in (("bottom", x_name, x_ticks), ("left", y_name, y_ticks)):
            axis = self._plot.getAxis(side)
            axis.setTicks([list(ticks)])
            axis.setLabel(name, **{"font-size": "11px", "color": self._theme.text.faint})
            axis.showLabel(bool(name))
        self._plot.getAxis("bottom").setHeight(_AXIS_HEIGHT if x_name else None)
        if grid:
            plots.grid(self._plot, self._theme, ys=tuple(place for place, _ in y_ticks))

    def line(self, xs: Values, ys: Values, paint: Paint, *, dots: bool = False, dashed: bool = False) -> None:
        """Join points; a point that is not a number interrupts the line."""
        pen = line_pen(self._theme, paint)
        if dashed:
            pen.setStyle(Qt.PenStyle.DotLine)
        x, y = np.asarray(xs, float), np.asarray(ys, float)
        self._plot.addItem(pg.PlotCurveItem(x, y, pen=pen, antialias=True, connect="finite"))
        if dots:
            brush = pg.mkBrush(colour(self._theme, paint))
            self._plot.addItem(pg.ScatterPlotItem(x, y, size=6, pen=None, brush=brush))

    def bars(
        self, xs: Values, tops: Values, floor: float, width: float, paints: Sequence[Paint],
        opacity: float = 1.0,
    ) -> None:  # fmt: skip
        """Upright bars from `floor`."""
        heights = np.maximum(np.asarray(tops, float) - floor, 0.0)
        brushes = [pg.mkBrush(translucent(colour(self._theme, paint), opacity)) for paint in paints]
        self._plot.addItem(
            pg.BarGraphItem(
                x=np.asarray(xs, float), y0=floor, height=heights, width=width, brushes=brushes,
                pen=pg.mkPen(None),
            )
        )  # fmt: skip

    def mark(self, level: float, text: str, paint: Paint = "good") -> None:
        """A dashed line across, with what it is at its left end."""
        shade = colour(self._theme, paint)
        line = pg.InfiniteLine(
            pos=level, angle=0, pen=pg.mkPen(translucent(shade, 0.8), width=1, style=Qt.PenStyle.DashLine),
            label=text, labelOpts={
                "position": 0.005, "anchors": [(0, 1), (0, 1)], "color": shade,
                "fill": translucent(self._theme.plot.ground, 0.8),
            },
        )  # fmt: skip
        line.label.setFont(self._plot.getAxis("left").style["tickFont"])
        line.setZValue(5)
        self._plot.addItem(line, ignoreBounds=True)

    def image(self, levels: npt.NDArray[Any], area: tuple[float, float, float, float], scale: Any) -> None:
        """Levels of shape (rows, columns) as colours over `area` (x, y, width, height)."""
        image = pg.ImageItem(levels, axisOrder="row-major", levels=scale)
        image.setLookupTable(colormaps.levels(self._theme))
        image.setRect(QRectF(*area))
        self._plot.addItem(image)


class Chart(QWidget):
    """Shows a picture."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plots.plain_plot(title)
        self._plot.getAxis("left").setWidth(58)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).enableAutoSIPrefix(False)
        self._picture: Picture | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self.setFixedHeight(_HEIGHT)
        plots.recolour(self._plot, tokens())

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    def show_picture(self, picture: Picture) -> None:
        """Draw another one."""
        self._picture = picture
        self._draw()

    def _draw(self) -> None:
        self._plot.clear()
        plots.recolour(self._plot, tokens())
        if self._picture is not None:
            self._picture.draw(Canvas(self._plot, tokens()))

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(300, _HEIGHT)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)


def colour(theme: Tokens, paint: Paint) -> QColor:
    """The colour of a line or bar."""
    return series_colour(theme, paint) if isinstance(paint, int) else theme.of(paint)


def line_pen(theme: Tokens, paint: Paint) -> QPen:
    """The pen of a line: dashes tell series apart without their colour."""
    pen: QPen = series_pen(theme, paint) if isinstance(paint, int) else pg.mkPen(theme.of(paint), width=2)
    return pen


def number(value: float) -> str:
    """A round number as an axis shows it."""
    return f"{value:g}".replace("-", MINUS)


def ticks(*values: float) -> Ticks:
    """Labels at round numbers."""
    return [(value, number(value)) for value in values]
