"""The error over time, below the waveforms: where the model is far from its target, and its worst second."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.app.comparison.timeline import ErrorOverTime
from vastudio.audio.envelope import Pyramid
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import tokens, translucent
from vastudio.ui.widgets import numbers, plots
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.time_view import TimeView
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import LABEL_WIDTH

LOWEST_DB, HIGHEST_DB = -60.0, 0.0
GOAL_DB = -20.0
_HEIGHT = 46


class ErrorStrip(TimeView):
    """Higher is worse. A click selects the second around it.

    Signals
    -------
    second_chosen(float, float):
        The person wants to hear the stretch between these seconds.
    """

    second_chosen = Signal(float, float)

    def __init__(self, window: TimeWindow, marks: Marks, parent: QWidget | None = None) -> None:
        self._errors: ErrorOverTime | None = None
        self._envelope: Pyramid | None = None
        super().__init__("Error over time", window, marks, left=LABEL_WIDTH, parent=parent)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Error over time, higher is worse: click to select and hear that second")

    @property
    def errors(self) -> ErrorOverTime | None:
        """What is drawn."""
        return self._errors

    def show_errors(self, errors: ErrorOverTime | None) -> None:
        """Draw another error, or none."""
        self._errors = errors
        self._envelope = None if errors is None else Pyramid(errors.esr_db.astype(np.float32))
        self.redraw()

    @property
    def is_empty(self) -> bool:
        """Whether there is no error to show."""
        return self._errors is None

    @property
    def worst_second(self) -> tuple[float, float] | None:
        """Where the worst second starts and stops."""
        if self._errors is None:
            return None
        start = self._errors.worst_second_s
        return start, min(start + 1.0, self._window.length)

    def on_click(self, seconds: float) -> None:
        """Choose the worst second where it was hit, else the second around the click."""
        worst = self.worst_second
        if worst is not None and worst[0] <= seconds <= worst[1]:
            self.second_chosen.emit(*worst)
            return
        start = min(max(seconds - 0.5, 0.0), max(self._window.length - 1.0, 0.0))
        self.second_chosen.emit(start, min(start + 1.0, self._window.length))

    def _height(self, level_db: float) -> float:
        plot = self.plot
        share = (level_db - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB)
        return plot.bottom() - 1 - min(max(share, 0.0), 1.0) * (plot.height() - 2)

    def draw(self, painter: QPainter) -> None:
        """Draw the label, the worst second, the goal and the error."""
        theme, plot = tokens(), self.plot
        self._draw_worst(painter)
        painter.setPen(QPen(QColor(theme.text.faint), 1, Qt.PenStyle.DashLine))
        goal = self._height(GOAL_DB)
        painter.drawLine(QPointF(plot.left(), goal), QPointF(plot.right(), goal))
        self._draw_error(painter)
        painter.setPen(theme.of("difference"))
        painter.drawText(QRectF(14, 4, self.left - 16, 18), Qt.AlignmentFlag.AlignVCenter, "Error")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.of("difference"))
        painter.drawEllipse(QPointF(5, 13), 3.5, 3.5)

    def _draw_error(self, painter: QPainter) -> None:
        assert self._envelope is not None and self._errors is not None
        plot, times = self.plot, self._errors.times_s
        hop = float(times[1] - times[0]) if len(times) > 1 else self._window.length
        first = int(max(0.0, self._window.start / hop))
        last = min(len(times), int(np.ceil(self._window.stop / hop)))
        columns = int(min(plot.width(), max(last - first, 1)))
        _low, high = self._envelope.minmax(first, last, columns)
        span = self._window.stop - self._window.start
        seconds = np.linspace(first * hop, last * hop, columns + 1)
        xs = np.clip(
            plot.left() + (seconds - self._window.start) / span * plot.width(), plot.left(), plot.right()
        )
        share = np.clip((high - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB), 0.0, 1.0)
        ys = np.repeat(plot.bottom() - 1 - share * (plot.height() - 2), 2)
        steps = np.repeat(xs, 2)[1:-1]
        base = np.full(2, plot.bottom())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(translucent(tokens().meaning.difference, 0.55))
        outline = plots.polygon(
            np.concatenate([steps[:1], steps, steps[-1:]]), np.concatenate([base[:1], ys, base[:1]])
        )
        painter.drawPolygon(outline)

    def _draw_worst(self, painter: QPainter) -> None:
        worst, plot, window = self.worst_second, self.plot, self._window
        assert worst is not None
        span = window.stop - window.start
        left, right = (plot.left() + (second - window.start) / span * plot.width() for second in worst)
        left, right = max(left, plot.left()), min(right, plot.right())
        if right <= left:
            return
        theme = tokens()
        painter.fillRect(
            QRectF(left, 0, max(right - left, 2), plot.height()), translucent(theme.meaning.bad, 0.25)
        )
        painter.setFont(ui_font(11))
        painter.setPen(QColor(theme.text.secondary))
        at = min(max((left + right) / 2 - 40, plot.left()), plot.right() - 80)
        painter.drawText(QRectF(at, 0, 80, 14), Qt.AlignmentFlag.AlignHCenter, "worst second")
        painter.setFont(ui_font(12))

    def draw_readings(self, painter: QPainter) -> None:
        """Below the label: the ESR in dB where the person points."""
        painter.setFont(ui_font(11))
        painter.setPen(QColor(tokens().text.secondary))
        area = QRectF(14, 22, self.left - 16, 18)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.reading())

    def reading(self) -> str:
        """The ESR in dB where the person points, or nothing."""
        at = self.marks.time_s
        if at is None or self._errors is None:
            return ""
        nearest = int(np.argmin(np.abs(self._errors.times_s - at)))
        return numbers.decibels(float(self._errors.esr_db[nearest]))

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(400, _HEIGHT)
