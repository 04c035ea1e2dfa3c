"""What every pyqtgraph plot of the studio shares: colours of the theme, thin lines, no surprises by mouse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPolygonF

from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Tokens

FREQUENCIES_HZ = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)


def plain_plot(title: str) -> Any:
    """A PlotWidget without menu, buttons and mouse, named for screen readers."""
    plot = pg.PlotWidget(enableMenu=False)
    plot.setAccessibleName(title)
    for part in (plot, plot.viewport()):
        part.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it by keyboard
    plot.hideButtons()
    plot.setMouseEnabled(False, False)
    plot.setAntialiasing(False)
    plot.setFrameShape(plot.Shape.NoFrame)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setTickFont(ui_font(11))
        axis.setStyle(tickLength=0)
    return plot


def recolour(plot: Any, theme: Tokens) -> None:
    """Give a plot the grounds, grid and text of the theme."""
    plot.setBackground(QColor(theme.plot.ground))
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(QColor(theme.plot.grid)))
        axis.setTextPen(pg.mkPen(QColor(theme.text.faint)))


def grid(plot: Any, theme: Tokens, *, xs: tuple[float, ...] = (), ys: tuple[float, ...] = ()) -> list[Any]:
    """Add hairlines at the given positions and return them, so that they can be taken away again."""
    pen = pg.mkPen(QColor(theme.plot.grid), width=1)
    lines = [pg.InfiniteLine(pos=x, angle=90, pen=pen) for x in xs]
    lines += [pg.InfiniteLine(pos=y, angle=0, pen=pen) for y in ys]
    for line in lines:
        line.setZValue(-10)
        plot.addItem(line, ignoreBounds=True)
    return lines


def frequency_text(frequency_hz: float) -> str:
    """`500`, `2k`."""
    return f"{frequency_hz / 1000:g}k" if frequency_hz >= 1000 else f"{frequency_hz:g}"


def log_frequency_ticks() -> list[tuple[float, str]]:
    """Ticks for an axis that carries log10 of Hz."""
    return [(math.log10(value), frequency_text(value)) for value in FREQUENCIES_HZ]


def pointed_frequency_text(frequency_hz: float) -> str:
    """`440 Hz`, `2.35 kHz`: a frequency that somebody points at."""
    return f"{frequency_hz / 1000:.2f} kHz" if frequency_hz >= 1000 else f"{frequency_hz:.0f} Hz"


def polygon(xs: npt.NDArray[np.floating[Any]], ys: npt.NDArray[np.floating[Any]]) -> QPolygonF:
    """Points for QPainter, without a Python object for each."""
    points: QPolygonF = pg.functions.arrayToQPolygonF(np.asarray(xs, np.float64), np.asarray(ys, np.float64))
    return points
