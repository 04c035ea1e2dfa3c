"""The level meter: a bar with a peak that is held, and a word when it clips."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import numbers

_FLOOR_DB = -60.0
_FALL_DB_PER_SECOND = 24.0
_HOLD_SECONDS = 1.5
_WARNING_DB = -6.0
_LABEL_WIDTH = 30


class LevelMeter(QWidget):
    """Shows peaks in dBFS over the last 60 dB. Click to clear a clip."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._shown_db = self._peak_db = -math.inf
        self._peak_at = self._seen_at = time.monotonic()
        self._clipped = False
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{title} level")
        self._describe()

    @property
    def peak_db(self) -> float:
        """The held peak, dBFS."""
        return self._peak_db

    @property
    def is_clipped(self) -> bool:
        """Whether full scale was reached since the meter was last cleared."""
        return self._clipped

    def show_level(self, peak_db: float, clipped: bool) -> None:
        """Take the newest peak (dBFS, −inf for silence); repaints only if something visible changes."""
        now = time.monotonic()
        before = (self._pixels(self._shown_db), self._pixels(self._peak_db), self._clipped)
        self._shown_db = max(peak_db, self._shown_db - _FALL_DB_PER_SECOND * (now - self._seen_at))
        self._seen_at = now
        if peak_db >= self._peak_db or now - self._peak_at > _HOLD_SECONDS:
            self._peak_db, self._peak_at = max(peak_db, self._shown_db), now
        self._clipped = self._clipped or clipped
        if before != (self._pixels(self._shown_db), self._pixels(self._peak_db), self._clipped):
            self._describe()
            self.update()

    def clear(self) -> None:
        """Forget the held peak and the clip."""
        self._shown_db = self._peak_db = -math.inf
        self._clipped = False
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """Label and bar in one line."""
        return QSize(_LABEL_WIDTH + 100, 20)

    def minimumSizeHint(self) -> QSize:
        """Where space is short, half the bar will do."""
        return QSize(_LABEL_WIDTH + 60, 20)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Clear."""
        self.clear()

    def _describe(self) -> None:
        text = "no signal" if self._peak_db < _FLOOR_DB else f"peak {numbers.decibels(self._peak_db)}"
        text += ", clipped. Click to clear." if self._clipped else ""
        self.setAccessibleDescription(text)
        self.setToolTip(f"{self._title.capitalize()}: {text}")

    def _pixels(self, level_db: float) -> int:
        span = self.width() - _LABEL_WIDTH
        return round(span * min(max((level_db - _FLOOR_DB) / -_FLOOR_DB, 0.0), 1.0))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Label, bar, held peak."""
        theme, painter = tokens(), QPainter(self)
        bad = QColor(theme.meaning.bad)
        painter.setFont(ui_font(12))
        painter.setPen(bad if self._clipped else QColor(theme.text.secondary))
        label = QRectF(0, 0, _LABEL_WIDTH - 4, self.height())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, "clip" if self._clipped else self._title)
        top, height = self.height() / 2 - 4, 8.0
        painter.fillRect(
            QRectF(_LABEL_WIDTH, top, self.width() - _LABEL_WIDTH, height), QColor(theme.ground.control)
        )
        level = QColor(theme.meaning.warning if self._shown_db > _WARNING_DB else theme.meaning.good)
        painter.fillRect(
            QRectF(_LABEL_WIDTH, top, self._pixels(self._shown_db), height), bad if self._clipped else level
        )
        if self._peak_db > _FLOOR_DB:
            at = _LABEL_WIDTH + min(self._pixels(self._peak_db), self.width() - _LABEL_WIDTH - 2)
            painter.fillRect(QRectF(at, top - 1, 2, height + 2), QColor(theme.text.primary))
        painter.end()
