"""The beats of a bar as lights: the one that sounds is lit, the first is larger."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.ui.theme.tokens import tokens

_HEIGHT = 22
_SPACING = 20


class BeatLights(QWidget):
    """Shows which beat of the bar it is; none while nothing runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._beats, self._beat = 4, -1
        self.setAccessibleName("Beat")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def beat(self) -> int:
        """The beat that is lit, from 0; −1: none."""
        return self._beat

    def show_beat(self, beats: int, beat: int) -> None:
        """Light a beat of a bar; −1: none."""
        if (beats, beat) != (self._beats, self._beat):
            self._beats, self._beat = beats, beat
            self.setAccessibleDescription(f"{beat + 1} of {beats}" if beat >= 0 else "stopped")
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the longest bar."""
        return QSize(_SPACING * 12, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The same height in any case."""
        return QSize(_SPACING * self._beats, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Filled where it sounds, rings elsewhere."""
        theme, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(self._beats):
            radius = 6.0 if index == 0 else 4.5
            middle = QPointF(8.0 + index * _SPACING, self.height() / 2)
            lit = index == self._beat
            colour = QColor(theme.meaning.model if lit else theme.text.faint)
            painter.setPen(QPen(colour, 1.4))
            painter.setBrush(colour if lit else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, radius, radius)
        painter.end()
