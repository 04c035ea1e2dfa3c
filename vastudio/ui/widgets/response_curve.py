"""A frequency response with handles to draw it by: level over logarithmic frequency."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Tokens, tokens, translucent
from vastudio.ui.widgets import plots

LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
MOST_DB = 24.0
_SPAN_DB = 27.0
_GRID_DB = (-24, -12, 0, 12, 24)
_REACH = 16.0
_MARGIN = 18


class Handle(NamedTuple):
    """A point of the curve that can be dragged."""

    frequency_hz: float
    gain_db: float


class ResponseCurve(QWidget):
    """Draws a response. Drag a handle for frequency and gain, turn the wheel over it for its width.

    Signals
    -------
    handle_moved(int, float, float):
        A handle's index, its new frequency in Hz and gain in dB.
    handle_chosen(int), handle_turned(int, float):
        A handle was taken hold of; the wheel was turned over it, by so many notches.
    """

    handle_moved = Signal(int, float, float)
    handle_chosen = Signal(int)
    handle_turned = Signal(int, float)

    def __init__(self, title: str, *, small: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._small = small
        self.setMinimumHeight(40 if small else 80)
        self._hz: npt.NDArray[np.float64] = np.zeros(0)
        self._db: npt.NDArray[np.float64] = np.zeros(0)
        self._handles: tuple[Handle, ...] = ()
        self._chosen = 0
        self._held: int | None = None
        self._active = True

    def show_response(
        self,
        hz: npt.NDArray[np.float64],
        db: npt.NDArray[np.float64],
        handles: Sequence[Handle] = (),
        chosen: int = 0,
        *,
        active: bool = True,
    ) -> None:
        """Draw levels `db` at frequencies `hz`, both (points,); what is not `active` is drawn grey."""
        self._hz, self._db, self._handles = hz, db, tuple(handles)
        self._chosen, self._active = chosen, active
        self.update()

    @property
    def response(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """What is drawn: (Hz, dB), both (points,)."""
        return self._hz, self._db

    @property
    def handles(self) -> tuple[Handle, ...]:
        """The points that can be dragged."""
        return self._handles

    def sizeHint(self) -> QSize:
        """What room there is."""
        return QSize(160, 56) if self._small else QSize(400, 130)

    # --- places ---------------------------------------------------------------------------------------

    @property
    def _area(self) -> QRectF:
        bottom = 0 if self._small else _MARGIN
        return QRectF(0, 0, max(self.width(), 2), max(self.height() - bottom, 2))

    def place(self, frequency_hz: float, gain_db: float) -> QPointF:
        """Where a point of the curve is painted."""
        area = self._area
        across = math.log(frequency_hz / LOWEST_HZ) / math.log(HIGHEST_HZ / LOWEST_HZ)
        return QPointF(across * area.width(), area.height() * (0.5 - gain_db / (2 * _SPAN_DB)))

    def _value(self, at: QPointF) -> Handle:
        area = self._area
        across = min(max(at.x() / area.width(), 0.0), 1.0)
        gain = (0.5 - at.y() / area.height()) * 2 * _SPAN_DB
        frequency = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** across
        return Handle(frequency, min(max(gain, -MOST_DB), MOST_DB))

    def _nearest(self, at: QPointF) -> int | None:
        best, distance = None, _REACH
        for index, handle in enumerate(self._handles):
            way = self.place(*handle) - at
            if math.hypot(way.x(), way.y()) < distance:
                best, distance = index, math.hypot(way.x(), way.y())
        return best

    # --- painting -------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Grid, curve, handles."""
        theme, painter = tokens(), QPainter(self)
        self._paint_grid(painter, theme)
        if self._hz.size:
            self._paint_curve(painter, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(len(self._handles)):
            self._paint_handle(painter, theme, index)
        painter.end()

    def _paint_grid(self, painter: QPainter, theme: Tokens) -> None:
        area = self._area
        painter.setFont(ui_font(11))
        faint = QColor(theme.text.faint)
        for db in (0,) if self._small else _GRID_DB:
            y = self.place(LOWEST_HZ, db).y()
            painter.setPen(QColor(theme.ground.line if db == 0 else theme.plot.grid))
            painter.drawLine(QPointF(0, y), QPointF(area.width(), y))
            if not self._small and abs(db) == 12:
                painter.setPen(faint)
                painter.drawText(QPointF(2, y - 3), f"{db:+d} dB".replace("-", "−"))
        if self._small:
            return
        for hz in plots.FREQUENCIES_HZ[1:-1]:
            x = self.place(hz, 0.0).x()
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
            painter.setPen(faint)
            text = QRectF(x - 30, area.height() + 2, 60, _MARGIN - 2)
            painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, plots.frequency_text(hz))

    def _paint_curve(self, painter: QPainter, theme: Tokens) -> None:
        colour = theme.of("model") if self._active else QColor(theme.text.faint)
        points = [self.place(hz, max(db, -2 * _SPAN_DB)) for hz, db in zip(self._hz, self._db, strict=True)]
        zero = self.place(LOWEST_HZ, 0.0).y()
        painter.save()
        painter.setClipRect(self._area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(translucent(colour, 0.10))
        ends = [QPointF(points[-1].x(), zero), QPointF(points[0].x(), zero)]
        painter.drawPolygon(QPolygonF([*points, *ends]))
        painter.setPen(QPen(colour, 1.6))
        painter.drawPolyline(QPolygonF(points))
        painter.restore()

    def _paint_handle(self, painter: QPainter, theme: Tokens, index: int) -> None:
        chosen = index == self._chosen
        colour = theme.of("model") if self._active else QColor(theme.text.faint)
        painter.setPen(QPen(colour, 1.6))
        painter.setBrush(colour if chosen else QColor(theme.ground.panel))
        at = self.place(*self._handles[index])
        painter.drawEllipse(at, 9.0, 9.0)
        painter.setPen(QColor(theme.text.on_accent if chosen else theme.text.primary))
        painter.setFont(ui_font(11, bold=True))
        painter.drawText(QRectF(at.x() - 9, at.y() - 9, 18, 18), Qt.AlignmentFlag.AlignCenter, str(index + 1))

    # --- mouse ----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the nearest handle; the right button opens the menu."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = self._nearest(event.position())
        if self._held is not None:
            self.handle_chosen.emit(self._held)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._held is not None:
            value = self._value(event.position())
            self.handle_moved.emit(self._held, value.frequency_hz, value.gain_db)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A handle goes back to 0 dB."""
        self._held = None
        index = self._nearest(event.position())
        if index is not None:
            self.handle_moved.emit(index, self._handles[index].frequency_hz, 0.0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Wider or narrower."""
        index = self._nearest(event.position())
        if index is None:
            event.ignore()
            return
        self.handle_turned.emit(index, event.angleDelta().y() / 120)
        event.accept()
