"""How a knob looks: ticks, track, value arc, body and pointer."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRadialGradient

from vastudio.ui.theme.tokens import Tokens, mixed, translucent

_START = 225.0
"""Degrees, counter-clockwise from three o'clock: where the dial's minimum lies."""
_SWEEP = 270.0
_TICKS = 11


def paint_knob(
    painter: QPainter,
    area: QRectF,
    fraction: float,
    colour: QColor,
    theme: Tokens,
    *,
    enabled: bool,
    focused: bool,
) -> None:
    """Paint a knob at `fraction` (0..1) of its travel into `area`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(area.width(), area.height())
    centre, radius = area.center(), side / 2 * 0.88
    width = max(3.0, side * 0.042)
    _ticks(painter, centre, radius, QColor(theme.knob.rim))
    arc = QRectF(
        centre.x() - radius + width, centre.y() - radius + width, 2 * (radius - width), 2 * (radius - width)
    )
    _arc(painter, arc, 1.0, QColor(theme.knob.track), width)
    shown = colour if enabled else QColor(theme.text.faint)
    if fraction > 0.002:
        _arc(painter, arc, fraction, shown, width)
    body = radius * 0.73
    _body(painter, centre, body, theme, focused, shown)
    _pointer(
        painter, centre, body, fraction, QColor(theme.knob.pointer if enabled else theme.text.faint), side
    )


def _direction(fraction: float) -> tuple[float, float]:
    angle = math.radians(_START - _SWEEP * fraction)
    return math.cos(angle), -math.sin(angle)


def _ticks(painter: QPainter, centre: QPointF, radius: float, colour: QColor) -> None:
    painter.setPen(QPen(colour, 1.0))
    for index in range(_TICKS):
        x, y = _direction(index / (_TICKS - 1))
        inner, outer = radius * 1.05, radius * 1.11
        painter.drawLine(
            QPointF(centre.x() + x * inner, centre.y() + y * inner),
            QPointF(centre.x() + x * outer, centre.y() + y * outer),
        )


def _arc(painter: QPainter, area: QRectF, fraction: float, colour: QColor, width: float) -> None:
    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(area, round(_START * 16), round(-_SWEEP * fraction * 16))


def _body(
    painter: QPainter, centre: QPointF, radius: float, theme: Tokens, focused: bool, accent: QColor
) -> None:
    shade = QRadialGradient(QPointF(centre.x(), centre.y() - radius * 0.5), radius * 1.6)
    shade.setColorAt(
        0.0, mixed(theme.knob.body, theme.text.primary, 0.05) if theme.is_dark else QColor("#FFFFFF")
    )
    shade.setColorAt(
        1.0, QColor(theme.knob.body) if theme.is_dark else mixed(theme.knob.body, "#000000", 0.07)
    )
    painter.setBrush(shade)
    painter.setPen(
        QPen(translucent(accent, 0.9) if focused else QColor(theme.knob.rim), 1.6 if focused else 1.0)
    )
    painter.drawEllipse(centre, radius, radius)


def _pointer(
    painter: QPainter, centre: QPointF, body: float, fraction: float, colour: QColor, side: float
) -> None:
    x, y = _direction(fraction)
    painter.setPen(QPen(colour, max(2.0, side * 0.024), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(
        QPointF(centre.x() + x * body * 0.42, centre.y() + y * body * 0.42),
        QPointF(centre.x() + x * body * 0.82, centre.y() + y * body * 0.82),
    )
