"""Waveforms over a shared stretch of time: in lanes, or laid over each other.

Drawn from min/max envelopes that are computed once per signal, so that a minute at 48 kHz paints as
fast as a second; zoomed in to single samples the signal itself is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from vastudio.audio.envelope import Pyramid
from vastudio.types import Audio
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Meaning, tokens
from vastudio.ui.widgets import numbers, plots
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.series import column_colour
from vastudio.ui.widgets.time_axis import draw_time_axis
from vastudio.ui.widgets.time_view import TimeView
from vastudio.ui.widgets.time_window import TimeWindow

LABEL_WIDTH = 88
_AXIS_HEIGHT = 20
_READING_SECONDS = 0.01
_SAMPLES_PER_PIXEL = 4.0
"""Up to here the samples themselves are drawn."""


@dataclass(frozen=True, eq=False)
class Track:
    """One signal of a waveform view.

    Attributes
    ----------
    enlarged:
        By which factor it is drawn larger than the others; the label says so.
    column:
        Which of several models it is, from 0.
    """

    title: str
    meaning: Meaning
    audio: Audio
    envelope: Pyramid
    enlarged: float = 1.0
    column: int = 0

    @classmethod
    def of(cls, title: str, meaning: Meaning, audio: Audio) -> Track:
        """Prepare a signal for drawing (linear in its length; a minute takes milliseconds)."""
        return cls(title, meaning, audio, Pyramid(audio))

    @property
    def colour(self) -> QColor:
        """The colour of its meaning, or of its column."""
        return column_colour(tokens(), self.column) if self.column else tokens().of(self.meaning)

    def level_db(self, seconds: float, rate: int) -> float:
        """RMS in dBFS of the 10 ms around a second; −inf for silence."""
        half = round(_READING_SECONDS * rate / 2)
        middle = round(seconds * rate)
        part = self.audio[max(0, middle - half) : middle + half].astype(np.float64)
        power = float(np.mean(part**2)) if part.size else 0.0
        return 10.0 * float(np.log10(power)) if power else -np.inf


class WaveformView(TimeView):
    """Shows tracks with a common vertical scale, and their levels where the person points."""

    def __init__(
        self,
        title: str,
        window: TimeWindow,
        marks: Marks | None = None,
        *,
        labels: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        self._tracks: tuple[Track, ...] = ()
        self._rate = 1
        self._overlay = False
        left, bottom = (LABEL_WIDTH, _AXIS_HEIGHT) if labels else (0, 0)
        super().__init__(title, window, marks, left=left, bottom=bottom, parent=parent)
        self.setMinimumHeight(60 if labels else 34)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What is drawn."""
        return self._tracks

    @property
    def rate(self) -> int:
        """Frames per second of the signals."""
        return self._rate

    @property
    def seen(self) -> tuple[float, float]:
        """The first and the last second that are in sight."""
        return self._window.start, self._window.stop

    def show_tracks(self, tracks: Sequence[Track], rate: int) -> None:
        """Replace the signals; the time window is left as it is."""
        self._tracks, self._rate = tuple(tracks), rate
        self.redraw()

    def set_overlay(self, overlay: bool) -> None:
        """Lay the tracks over each other, or give each its lane."""
        self._overlay = overlay
        self.redraw()

    @property
    def is_empty(self) -> bool:
        """Whether there is no signal."""
        return not self._tracks

    def _lane(self, index: int) -> QRectF:
        plot = self.plot
        if self._overlay:
            return plot
        height = plot.height() / len(self._tracks)
        return QRectF(plot.left(), index * height, plot.width(), height)

    def draw(self, painter: QPainter) -> None:
        """Draw axis, signals and labels."""
        if self.bottom:
            draw_time_axis(painter, self, self._window)
        peak = self._peak()
        for index, track in enumerate(self._tracks):
            lane = self._lane(index)
            self._draw_track(painter, track, lane, peak)
            if self.left:
                self._draw_label(painter, track, self._label_middle(index))

    def _peak(self) -> float:
        """What fills a lane: the recordings; a model that is louder is cut off, one laid over them is not."""
        recordings = [track for track in self._tracks if track.meaning in ("clean", "target")]
        measured = self._tracks if self._overlay else recordings or self._tracks
        return max(track.envelope.peak * track.enlarged for track in measured) or 1.0

    def _label_middle(self, index: int) -> float:
        return 14.0 + 22.0 * index if self._overlay else self._lane(index).center().y()

    def _draw_label(self, painter: QPainter, track: Track, middle: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(track.colour)
        painter.drawEllipse(QPointF(5, middle), 3.5, 3.5)
        painter.setPen(track.colour)
        area = QRectF(14, middle - 10, self.left - 16, 20)
        title = painter.fontMetrics().elidedText(track.title, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def draw_readings(self, painter: QPainter) -> None:
        """Below each label: the level where the person points, else the gain it is drawn with."""
        if not self.left or self._overlay:
            return
        painter.setFont(ui_font(11))
        painter.setPen(QColor(tokens().text.secondary))
        for index, text in enumerate(self.readings()):
            area = QRectF(14, self._label_middle(index) + 6, self.left - 16, 18)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)

    def readings(self) -> list[str]:
        """What stands below each label."""
        at = self.marks.time_s
        if at is not None:
            return [numbers.decibels(track.level_db(at, self._rate)) for track in self._tracks]
        return [f"drawn × {track.enlarged:g}" if track.enlarged > 1 else "" for track in self._tracks]

    def _draw_track(self, painter: QPainter, track: Track, area: QRectF, peak: float) -> None:
        start = self._window.start * self._rate
        stop = min(self._window.stop * self._rate, float(len(track.audio)))
        scale = area.height() * 0.46 / peak * track.enlarged
        middle, colour = area.center().y(), track.colour
        painter.setPen(QPen(QColor(tokens().ground.line), 1))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        if stop - start < 2:
            return
        if stop - start < _SAMPLES_PER_PIXEL * area.width():
            _draw_samples(painter, track.audio, (start, stop), area, scale, colour)
            return
        if self._overlay:
            colour.setAlphaF(0.65)
        share = (stop - start) / ((self._window.stop - self._window.start) * self._rate)
        columns = max(1, round(area.width() * share))
        low, high = track.envelope.minmax(int(start), int(stop), columns)
        half = area.height() / 2.0
        xs = area.left() + np.arange(len(low))
        top = middle - np.clip(high * scale + 0.5, -half, half)
        bottom = middle - np.clip(low * scale - 0.5, -half, half)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        outline = plots.polygon(np.concatenate([xs, xs[::-1]]), np.concatenate([top, bottom[::-1]]))
        painter.drawPolygon(outline)


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
    is_sparse = len(xs) < area.width()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_sparse)
    painter.setPen(QPen(colour, 1.3 if is_sparse else 1.0))
    painter.drawPolyline(plots.polygon(xs, ys))
    painter.restore()
