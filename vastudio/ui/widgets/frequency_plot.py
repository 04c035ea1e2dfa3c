"""Levels over logarithmic frequency: lines, or bars of bands, with what they are where the person points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Meaning, tokens, translucent
from vastudio.ui.widgets import numbers, plots
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.series import column_colour

Levels: TypeAlias = npt.NDArray[np.floating[Any]]

LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
_LEFT, _BOTTOM, _TOP = 34, 18, 20
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DashDotLine, Qt.PenStyle.DotLine)
_SIXTH = 2.0 ** (1.0 / 6.0)


@dataclass(frozen=True, eq=False)
class Curve:
    """Levels in dB at ascending frequencies in Hz; nan where there is nothing to say.

    `is_bars` draws third-octave bands up from the bottom of the plot.
    """

    title: str
    meaning: Meaning
    frequencies_hz: Levels
    level_db: Levels
    column: int = 0
    is_bars: bool = False

    @property
    def colour(self) -> QColor:
        """The colour of its meaning, or of its column."""
        return column_colour(tokens(), self.column) if self.column else tokens().of(self.meaning)

    @property
    def pen(self) -> QPen:
        """Broad for the target, so that it shows on both sides of a model that lies on it."""
        return QPen(self.colour, 3.0 if self.meaning == "target" else 1.3, _DASHES[self.column])

    def level_at(self, frequency_hz: float) -> float:
        """The level at the nearest frequency on a logarithmic scale."""
        nearest = int(np.argmin(np.abs(np.log(self.frequencies_hz / frequency_hz))))
        return float(self.level_db[nearest])


class FrequencyPlot(QWidget):
    """Curves on a common scale of levels, a line for the goal, and a legend that reads out."""

    def __init__(self, title: str, marks: Marks, step_db: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(150, 110)
        self.setMouseTracking(True)
        self._step_db = step_db
        self._curves: tuple[Curve, ...] = ()
        self._range_db = (-1.0, 0.0)
        self._goal_db: float | None = None
        self._picture: QPixmap | None = None
        self.marks = marks
        marks.changed.connect(self.update)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is drawn."""
        return self._curves

    def show_curves(
        self, curves: Sequence[Curve], range_db: tuple[float, float], goal_db: float | None = None
    ) -> None:
        """Draw curves over a range of levels, with a dashed line at the goal."""
        self._curves, self._range_db, self._goal_db = tuple(curves), range_db, goal_db
        self._redraw()

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    # --- geometry -------------------------------------------------------------------------------------

    @property
    def _plot(self) -> QRectF:
        return QRectF(_LEFT, _TOP, max(self.width() - _LEFT - 2, 1), max(self.height() - _TOP - _BOTTOM, 1))

    def x_of(self, frequency_hz: float) -> float:
        """The pixel column of a frequency."""
        share = math.log(frequency_hz / LOWEST_HZ) / math.log(HIGHEST_HZ / LOWEST_HZ)
        return self._plot.left() + share * self._plot.width()

    def frequency_at(self, x: float) -> float:
        """The frequency in Hz of a pixel column."""
        share = (x - self._plot.left()) / self._plot.width()
        return float(LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** share)

    def _y_of(self, level_db: Levels | float) -> Any:
        low, high = self._range_db
        share = np.clip((np.asarray(level_db) - low) / (high - low), 0.0, 1.0)
        return self._plot.bottom() - share * self._plot.height()

    # --- painting -------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw axes and curves, once, and over them the legend and the pointed frequency."""
        if not self._curves:
            return
        if self._picture is None:
            self._picture = self._draw_picture()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setFont(ui_font(11))
        self._draw_legend(painter)
        frequency = self.marks.frequency_hz
        if frequency is not None and LOWEST_HZ <= frequency <= HIGHEST_HZ:
            x, plot = self.x_of(frequency), self._plot
            painter.setPen(QPen(QColor(tokens().text.primary), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.end()

    def _draw_picture(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(ui_font(11))
        self._draw_axes(painter)
        for curve in self._curves:
            if curve.is_bars:
                self._draw_bars(painter, curve)
            else:
                self._draw_line(painter, curve)
        if self._goal_db is not None:
            self._draw_goal(painter, self._goal_db)
        painter.end()
        return picture

    def _draw_axes(self, painter: QPainter) -> None:
        theme, plot = tokens(), self._plot
        painter.fillRect(plot, QColor(theme.plot.ground))
        low, high = self._range_db
        for level in np.arange(math.ceil(low / self._step_db) * self._step_db, high + 0.1, self._step_db):
            y = float(self._y_of(float(level)))
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme.text.faint))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, _LEFT - 5, 16), side, numbers.fixed(float(level), 0))
        right = -1.0
        for hz in plots.FREQUENCIES_HZ:
            x = self.x_of(hz)
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            left = min(max(x - 20, 0.0), self.width() - 40.0)
            if left < right:
                continue
            painter.setPen(QColor(theme.text.faint))
            area = QRectF(left, plot.bottom() + 2, 40, _BOTTOM - 2)
            painter.drawText(area, Qt.AlignmentFlag.AlignHCenter, plots.frequency_text(hz))
            right = left + 32

    def _draw_line(self, painter: QPainter, curve: Curve) -> None:
        inside = (curve.frequencies_hz >= LOWEST_HZ) & (curve.frequencies_hz <= HIGHEST_HZ)
        hz, level = curve.frequencies_hz[inside], curve.level_db[inside]
        if not len(hz):
            return
        share = np.log(hz / LOWEST_HZ) / math.log(HIGHEST_HZ / LOWEST_HZ)
        xs = self._plot.left() + share * self._plot.width()
        painter.setPen(curve.pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPolyline(plots.polygon(xs, self._y_of(level)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_bars(self, painter: QPainter, curve: Curve) -> None:
        bottom, plot = self._plot.bottom(), self._plot
        for hz, level in zip(curve.frequencies_hz, curve.level_db, strict=True):
            left, right = self.x_of(float(hz) / _SIXTH), self.x_of(float(hz) * _SIXTH)
            if math.isnan(level) or right > plot.right() + 1 or left < plot.left() - 1:
                continue
            misses = self._goal_db is not None and level > self._goal_db
            colour = tokens().of("warning") if misses else curve.colour
            top = float(self._y_of(float(level)))
            area = QRectF(left + 1, top, max(right - left - 2, 1), bottom - top)
            painter.fillRect(area, translucent(colour, 0.9))
            if misses:
                painter.setPen(QColor(tokens().text.primary))
                painter.drawText(area.adjusted(-4, -14, 4, 0), Qt.AlignmentFlag.AlignHCenter, "!")

    def _draw_goal(self, painter: QPainter, goal_db: float) -> None:
        y, plot = float(self._y_of(goal_db)), self._plot
        painter.setPen(QPen(QColor(tokens().text.secondary), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        area = QRectF(plot.left() + 4, y - 16, 80, 15)
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, f"goal {numbers.fixed(goal_db, 0)}")

    def _draw_legend(self, painter: QPainter) -> None:
        x, metrics = float(_LEFT), painter.fontMetrics()
        texts = self.readings()
        if sum(metrics.horizontalAdvance(text) + 14 for text in texts) > self._plot.width():
            texts = [text.replace("Model ", "").removesuffix(" dB") for text in texts]
        for curve, text in zip(self._curves, texts, strict=True):
            painter.setPen(curve.colour)
            width = metrics.horizontalAdvance(text)
            painter.drawText(QRectF(x, 0, width + 4, _TOP - 3), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + 14

    def readings(self) -> list[str]:
        """For each curve its title, and its level where the person points."""
        frequency = self.marks.frequency_hz
        if frequency is None:
            return [curve.title for curve in self._curves]
        levels = [curve.level_at(frequency) for curve in self._curves]
        texts = ["—" if math.isnan(level) else numbers.decibels(level) for level in levels]
        return [f"{curve.title} {text}" for curve, text in zip(self._curves, texts, strict=True)]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a frequency."""
        inside = self._plot.contains(event.position()) and bool(self._curves)
        self.marks.point(None, self.frequency_at(event.position().x()) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point nowhere."""
        self.marks.point(None)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew."""
        self._picture = None
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        """Small: a plot takes what room there is."""
        return QSize(300, 130)
