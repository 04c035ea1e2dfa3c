"""Waveforms over a shared stretch of time: in lanes, or laid over each other.

Drawn from min/max envelopes that are computed once per signal, so that a minute at 48 kHz paints as
fast as a second; zoomed in to single samples the signal itself is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.audio.envelope import Pyramid
from vastudio.types import Audio
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Meaning, tokens
from vastudio.ui.widgets.time_window import TimeWindow

_AXIS_HEIGHT = 20
_LABEL_WIDTH = 66
_CLICK_PIXELS = 4
_SAMPLES_PER_PIXEL = 4.0
"""Up to here the samples themselves are drawn."""


@dataclass(frozen=True)
class Track:
    """One signal of a waveform view."""

    title: str
    meaning: Meaning
    audio: Audio
    envelope: Pyramid

    @classmethod
    def of(cls, title: str, meaning: Meaning, audio: Audio) -> Track:
        """Prepare a signal for drawing (linear in its length; a minute takes milliseconds)."""
        return cls(title, meaning, audio, Pyramid(audio))


class WaveformView(QWidget):
    """Shows tracks with a common vertical scale. Wheel zooms, drag pans, click seeks, double-click shows all.

    Signals
    -------
    sought(float):
        The person clicked at this second.
    """

    sought = Signal(float)

    def __init__(
        self, title: str, window: TimeWindow, *, labels: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(60 if labels else 34)
        self._window = window
        self._left = _LABEL_WIDTH if labels else 0
        self._bottom = _AXIS_HEIGHT if labels else 0
        self._tracks: tuple[Track, ...] = ()
        self._rate = 1
        self._overlay = False
        self._playhead: float | None = None
        self._picture: QPixmap | None = None
        self._press: QPointF | None = None
        self._dragged = False
        window.changed.connect(self.redraw)

    def show_tracks(self, tracks: Sequence[Track], rate: int) -> None:
        """Replace the signals; the time window is left as it is."""
        self._tracks, self._rate = tuple(tracks), rate
        self.redraw()

    def set_overlay(self, overlay: bool) -> None:
        """Lay the tracks over each other, or give each its lane."""
        self._overlay = overlay
        self.redraw()

    def set_playhead(self, seconds: float | None) -> None:
        """Where the sound is; None for no mark."""
        old, self._playhead = self._playhead, seconds
        if self._x_of(old) != self._x_of(seconds):
            self.update()

    def redraw(self) -> None:
        """Draw the signals anew with the next paint."""
        self._picture = None
        self.update()

    @property
    def _plot_width(self) -> int:
        return max(self.width() - self._left, 1)

    def _x_of(self, seconds: float | None) -> int | None:
        if seconds is None:
            return None
        share = (seconds - self._window.start) / (self._window.stop - self._window.start)
        return self._left + round(share * self._plot_width) if 0.0 <= share <= 1.0 else None

    def _seconds_at(self, x: float) -> float:
        share = min(max((x - self._left) / self._plot_width, 0.0), 1.0)
        return self._window.start + share * (self._window.stop - self._window.start)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The stored picture of the signals, and the playhead over it."""
        if self._picture is None:
            self._picture = self._draw_picture()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        x = self._x_of(self._playhead)
        if x is not None:
            painter.fillRect(QRectF(x - 1, 0, 2, self.height() - self._bottom), tokens().of("model"))
        painter.end()

    def _draw_picture(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(ui_font(12))
        if self._bottom and self._tracks:
            self._draw_axis(painter)
        height = (self.height() - self._bottom) / (1 if self._overlay else max(len(self._tracks), 1))
        peak = max((float(np.max(np.abs(track.audio), initial=0.0)) for track in self._tracks), default=0.0)
        for index, track in enumerate(self._tracks):
            top = 0.0 if self._overlay else index * height
            self._draw_track(painter, track, QRectF(self._left, top, self._plot_width, height), peak or 1.0)
            if self._left:
                self._draw_label(painter, track, index, top + height / 2)
        painter.end()
        return picture

    def _draw_axis(self, painter: QPainter) -> None:
        theme, base = tokens(), self.height() - self._bottom
        for second, text in time_ticks(
            self._window.start, self._window.stop, max(2, self._plot_width // 110)
        ):
            x = self._x_of(second)
            if x is None:
                continue
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(x, 0, x, base)
            painter.setPen(QColor(theme.text.faint))
            left = min(max(x - 40, self._left), self.width() - 80)
            side = Qt.AlignmentFlag.AlignLeft if left > x - 40 else Qt.AlignmentFlag.AlignHCenter
            side = Qt.AlignmentFlag.AlignRight if left < x - 40 else side
            painter.drawText(QRectF(left, base + 3, 80, self._bottom - 3), side, text)

    def _draw_label(self, painter: QPainter, track: Track, index: int, middle: float) -> None:
        if self._overlay:
            middle = 14.0 + 22.0 * index
        colour = tokens().of(track.meaning)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(5, middle), 3.5, 3.5)
        painter.setPen(colour)
        painter.drawText(
            QRectF(14, middle - 10, self._left - 16, 20), Qt.AlignmentFlag.AlignVCenter, track.title
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_track(self, painter: QPainter, track: Track, area: QRectF, peak: float) -> None:
        start = self._window.start * self._rate
        stop = min(self._window.stop * self._rate, float(len(track.audio)))
        scale, middle = area.height() * 0.46 / peak, area.center().y()
        colour = tokens().of(track.meaning)
        painter.setPen(QPen(QColor(tokens().ground.line), 1))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        if stop - start < 2:
            return
        if stop - start < _SAMPLES_PER_PIXEL * area.width():
            _draw_samples(painter, track.audio, (start, stop), area, scale, colour)
            return
        if self._overlay:
            colour.setAlphaF(0.65)
        low, high = track.envelope.minmax(int(start), int(stop), int(area.width()))
        xs = area.left() + np.arange(len(low))
        top = middle - high * scale - 0.5
        bottom = middle - low * scale + 0.5
        points = [QPointF(x, y) for x, y in zip(xs, top, strict=True)]
        points += [QPointF(x, y) for x, y in zip(xs[::-1], bottom[::-1], strict=True)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(points))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew."""
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.redraw()
        super().changeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; sideways, or with Shift: pan."""
        across, along = event.angleDelta().x(), event.angleDelta().y()
        if across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._window.pan(-(across or along) / 1200 * (self._window.stop - self._window.start))
        else:
            self._window.zoom(0.8 ** (along / 120), self._seconds_at(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        self._press, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan when zoomed in."""
        if self._press is None:
            return
        moved = event.position().x() - self._press.x()
        if self._dragged or abs(moved) > _CLICK_PIXELS:
            self._dragged = True
            self._window.pan(-moved / self._plot_width * (self._window.stop - self._window.start))
            self._press = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click seeks."""
        if (
            self._press is not None
            and not self._dragged
            and event.position().x() >= self._left
            and self._tracks
        ):
            self.sought.emit(self._seconds_at(event.position().x()))
        self._press = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Show all."""
        self._press = None
        self._window.show(0.0, self._window.length)


def _draw_samples(
    painter: QPainter, audio: Audio, stretch: tuple[float, float], area: QRectF, scale: float, colour: QColor
) -> None:
    """Draw the samples themselves, joined by lines."""
    start, stop = stretch
    first, last = int(start), min(int(np.ceil(stop)) + 1, len(audio))
    xs = area.left() + (np.arange(first, last) - start) / (stop - start) * area.width()
    ys = area.center().y() - audio[first:last] * scale
    painter.save()
    painter.setClipRect(area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.3))
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))
    painter.restore()


def time_ticks(start: float, stop: float, wanted: int) -> list[tuple[float, str]]:
    """About `wanted` round seconds between `start` and `stop`, with what to write at them."""
    raw = (stop - start) / wanted
    base = 10.0 ** np.floor(np.log10(raw))
    step = float(next(base * factor for factor in (1, 2, 5, 10) if base * factor >= raw * 0.999))
    places = max(0, int(-np.floor(np.log10(step) + 1e-9)))
    first = int(np.ceil(start / step - 1e-9))
    last = int(np.floor(stop / step + 1e-9))
    return [(index * step, f"{index * step:.{places}f} s") for index in range(first, last + 1)]
