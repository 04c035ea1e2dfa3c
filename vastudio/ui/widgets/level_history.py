"""The level of the last seconds, and the two thresholds of a gate in it."""

from __future__ import annotations

import math
from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Tokens, tokens, translucent
from vastudio.ui.widgets import numbers

FLOOR_DB = -96.0
LEVELS_A_SECOND = 30
_POINTS = 6 * LEVELS_A_SECOND


class LevelHistory(QWidget):
    """Draws levels as they come, the newest at the right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setToolTip(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(60)
        self._levels: deque[float] = deque([-math.inf] * _POINTS, maxlen=_POINTS)
        self._open_db, self._close_db, self._active = -60.0, -66.0, True

    def show_thresholds(self, open_db: float, close_db: float, *, active: bool) -> None:
        """Where the gate opens and closes, dBFS; an inactive gate is drawn grey."""
        self._open_db, self._close_db, self._active = open_db, close_db, active
        self.update()

    def add_level(self, level_db: float) -> None:
        """The newest level, dBFS."""
        self._levels.append(level_db)
        self.update()

    @property
    def levels_db(self) -> tuple[float, ...]:
        """What is drawn, dBFS, the newest last; −inf for silence and for what was not heard yet."""
        return tuple(self._levels)

    @property
    def thresholds_db(self) -> tuple[float, float]:
        """Where the gate opens and closes, dBFS."""
        return self._open_db, self._close_db

    def sizeHint(self) -> QSize:
        """What room there is."""
        return QSize(400, 100)

    def _y(self, level_db: float) -> float:
        return self.height() * min(max(level_db / FLOOR_DB, 0.0), 1.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Level, thresholds, what they are called."""
        theme, painter = tokens(), QPainter(self)
        painter.setFont(ui_font(11))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = float(self.width()), float(self.height())
        points = [QPointF(width * i / (_POINTS - 1), self._y(level)) for i, level in enumerate(self._levels)]
        colour = theme.of("clean")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(translucent(colour, 0.16))
        painter.drawPolygon(QPolygonF([QPointF(0, height), *points, QPointF(width, height)]))
        painter.setPen(QPen(colour, 1.3))
        painter.drawPolyline(QPolygonF(points))
        self._paint_threshold(painter, theme, self._open_db, "opens", Qt.PenStyle.SolidLine, above=True)
        self._paint_threshold(painter, theme, self._close_db, "closes", Qt.PenStyle.DashLine, above=False)
        painter.end()

    def _paint_threshold(
        self, painter: QPainter, theme: Tokens, level_db: float, word: str, style: Qt.PenStyle, *, above: bool
    ) -> None:
        y = self._y(level_db)
        colour = theme.of("model") if self._active else QColor(theme.text.faint)
        painter.setPen(QPen(colour, 1.2, style))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        text = QRectF(4, y - 16 if above else y + 1, 160, 15)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, f"{word} {numbers.decibels(level_db)}")
