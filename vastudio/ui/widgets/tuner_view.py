"""The tuner's dial: the note in large letters, and a needle from 50 cents too low to 50 too high."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.app.tuner import Reading
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Tokens, tokens
from vastudio.ui.widgets import numbers

_ENDS = 50


class TunerView(QWidget):
    """Shows a reading; arrows at both sides say which way to turn the peg."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tuner")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(74)
        self._reading: Reading | None = None
        self.show_reading(None)

    @property
    def reading(self) -> Reading | None:
        """What is shown."""
        return self._reading

    def show_reading(self, reading: Reading | None) -> None:
        """Show a note, or that there is none."""
        self._reading = reading
        self.setAccessibleDescription(words(reading))
        self.update()

    def sizeHint(self) -> QSize:
        """What room there is."""
        return QSize(400, 120)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Scale, needle, note."""
        theme, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = float(self.width()), float(self.height())
        scale = QRectF(0.12 * width, height - 44, 0.76 * width, 22)
        self._paint_scale(painter, theme, scale)
        self._paint_note(painter, theme, QRectF(0, 0, width, height - 52))
        painter.end()

    def _paint_scale(self, painter: QPainter, theme: Tokens, area: QRectF) -> None:
        painter.setFont(ui_font(11))
        for cents in range(-_ENDS, _ENDS + 1, 5):
            x = area.left() + area.width() * (cents + _ENDS) / (2 * _ENDS)
            tall = cents % 25 == 0
            painter.setPen(QPen(QColor(theme.text.secondary if tall else theme.text.faint), 1.2))
            painter.drawLine(QPointF(x, area.top() + (0 if tall else 6)), QPointF(x, area.bottom()))
            if tall:
                text = f"{cents:+d}".replace("-", numbers.MINUS) if cents else "0"
                painter.drawText(
                    QRectF(x - 20, area.bottom() + 4, 40, 16), Qt.AlignmentFlag.AlignHCenter, text
                )
        if self._reading is not None:
            x = area.left() + area.width() * (self._reading.cents + _ENDS) / (2 * _ENDS)
            painter.setPen(QPen(_colour(theme, self._reading), 3.0))
            painter.drawLine(QPointF(x, area.top() - 8), QPointF(x, area.bottom()))

    def _paint_note(self, painter: QPainter, theme: Tokens, area: QRectF) -> None:
        size = int(min(max(area.height() * 0.72, 26), 84))
        reading = self._reading
        if reading is None:
            painter.setFont(ui_font(15))
            painter.setPen(QColor(theme.text.faint))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "Pluck a string")
            return
        colour = _colour(theme, reading)
        painter.setFont(ui_font(size, bold=True))
        painter.setPen(colour if reading.is_in_tune else QColor(theme.text.primary))
        middle = area.center()
        box = QRectF(middle.x() - 2 * size, area.top(), 4 * size, area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{reading.note}{reading.octave}")
        for side, shown in ((-1, reading.cents < 0), (1, reading.cents > 0)):
            if shown and not reading.is_in_tune:
                _arrow(painter, QPointF(middle.x() + side * 2.0 * size, middle.y()), -side, size / 4, colour)
        painter.setFont(ui_font(13))
        painter.setPen(QColor(theme.text.secondary))
        right = QRectF(area.right() - 230, middle.y() - 20, 210, 40)
        text = f"{reading.frequency_hz:.2f} Hz\n{_cents_text(reading)}"
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def words(reading: Reading | None) -> str:
    """What the tuner shows, in words."""
    if reading is None:
        return "No note"
    way = "in tune" if reading.is_in_tune else "too high" if reading.cents > 0 else "too low"
    return f"{reading.note}{reading.octave}, {_cents_text(reading)}, {way}"


def _cents_text(reading: Reading) -> str:
    sign = "+" if reading.cents >= 0.05 else ""
    return f"{sign}{numbers.fixed(reading.cents, 1)} cents"


def _colour(theme: Tokens, reading: Reading) -> QColor:
    return theme.of("good" if reading.is_in_tune else "warning")


def _arrow(painter: QPainter, at: QPointF, side: int, size: float, colour: QColor) -> None:
    """A triangle that points to one side."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    tip, back = at.x() + side * size, at.x() - side * size
    painter.drawPolygon(
        QPolygonF([QPointF(tip, at.y()), QPointF(back, at.y() - size), QPointF(back, at.y() + size)])
    )
