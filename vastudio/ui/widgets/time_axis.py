"""Round seconds below a view over time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.time_view import TimeView
from vastudio.ui.widgets.time_window import TimeWindow


def draw_time_axis(
    painter: QPainter, view: TimeView, window: TimeWindow, spacing: int = 110, *, grid: bool = True
) -> None:
    """Seconds below the plot, with hairlines up through it."""
    theme, plot = tokens(), view.plot
    for second, text in time_ticks(window.start, window.stop, max(2, int(plot.width()) // spacing)):
        x = view.x_of(second)
        if x is None:
            continue
        if grid:
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setPen(QColor(theme.text.faint))
        left = min(max(x - 40.0, plot.left()), view.width() - 80.0)
        side = Qt.AlignmentFlag.AlignLeft if left > x - 40 else Qt.AlignmentFlag.AlignHCenter
        side = Qt.AlignmentFlag.AlignRight if left < x - 40 else side
        painter.drawText(QRectF(left, plot.bottom() + 3, 80, view.bottom - 3), side, text)


def time_ticks(start: float, stop: float, wanted: int) -> list[tuple[float, str]]:
    """About `wanted` round seconds between `start` and `stop`, with what to write at them."""
    raw = (stop - start) / wanted
    base = 10.0 ** np.floor(np.log10(raw))
    step = float(next(base * factor for factor in (1, 2, 5, 10) if base * factor >= raw * 0.999))
    places = max(0, int(-np.floor(np.log10(step) + 1e-9)))
    first = int(np.ceil(start / step - 1e-9))
    last = int(np.floor(stop / step + 1e-9))
    return [(index * step, f"{index * step:.{places}f} s") for index in range(first, last + 1)]
