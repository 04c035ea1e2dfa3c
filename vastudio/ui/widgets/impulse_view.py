"""The first milliseconds of an impulse response, as a line."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.types import Audio
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import tokens

SHOWN_SECONDS = 0.012


class ImpulseView(QWidget):
    """Shows what a cabinet answers to a click; the time that is shown is written in the corner."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setToolTip(f"{title}: its first {1e3 * SHOWN_SECONDS:g} ms")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(36)
        self._response: Audio = np.zeros(0, np.float32)
        self._rate = 1
        self._active = True

    def show_response(self, response: Audio | None, rate: int, *, active: bool = True) -> None:
        """Draw `response` (frames,) at `rate` in Hz; None for a line without sound."""
        shown = np.zeros(0, np.float32) if response is None else response[: round(SHOWN_SECONDS * rate)]
        peak = float(np.max(np.abs(shown), initial=0.0))
        self._response = shown / peak if peak > 0 else shown
        self._rate = rate
        self._active = active
        self.update()

    @property
    def response(self) -> Audio:
        """What is drawn: the first milliseconds (frames,), the highest at 1."""
        return self._response

    @property
    def rate(self) -> int:
        """Frames per second of the response."""
        return self._rate

    def sizeHint(self) -> QSize:
        """What room there is."""
        return QSize(160, 64)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line, amber: it comes from a recording."""
        theme, painter = tokens(), QPainter(self)
        middle = self.height() / 2
        painter.setPen(QColor(theme.ground.line))
        painter.drawLine(QPointF(0, middle), QPointF(self.width(), middle))
        if self._response.size > 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme.of("target") if self._active else QColor(theme.text.faint)
            painter.setPen(QPen(colour, 1.2))
            xs = np.linspace(0.0, self.width(), self._response.size)
            ys = middle - 0.46 * self.height() * self._response
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))
            painter.setFont(ui_font(11))
            painter.setPen(QColor(theme.text.faint))
            corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
            painter.drawText(self.rect().adjusted(0, 0, -2, -1), corner, f"{1e3 * SHOWN_SECONDS:g} ms")
        painter.end()
