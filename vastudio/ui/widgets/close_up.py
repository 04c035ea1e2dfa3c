"""The close-up: a few hundred samples of several signals over each other; arrow keys move it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import numbers, plots
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.waveform import Track

SAMPLES = 300
_LEFT, _BOTTOM, _TOP = 44, 20, 24
_STEP, _WIDE_STEP = 10, 100
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DashDotLine, Qt.PenStyle.DotLine)


def _pen(track: Track, place: int) -> QPen:
    """The first, broad, shows on both sides of the others, thin ones that lie on it."""
    return QPen(track.colour, 3.2) if place == 0 else QPen(track.colour, 1.3, _DASHES[track.column])


class CloseUpView(QWidget):
    """Draws `SAMPLES` samples of each track from `marks.instant` on.

    Left and right move by 10 samples, with Shift by 100; Page Up and Down by the whole width; Home and End go
    to the ends.

    Signals
    -------
    moved(float):
        The person moved the instant to this second.
    """

    moved = Signal(float)

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{SAMPLES} samples of target and model over each other")
        self.setToolTip("Arrow keys move by 10 samples, with Shift by 100, Page Up and Down by 300")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(140)
        self.setMouseTracking(True)
        self._tracks: tuple[Track, ...] = ()
        self._rate = 1
        self.marks = marks
        marks.changed.connect(self.update)

    def show_tracks(self, tracks: Sequence[Track], rate: int) -> None:
        """Replace the signals."""
        self._tracks, self._rate = tuple(tracks), rate
        self.update()

    @property
    def first(self) -> int:
        """The first sample that is shown."""
        wanted = round((self.marks.instant or 0.0) * self._rate)
        return min(max(wanted, 0), max(self._length - SAMPLES, 0))

    @property
    def _length(self) -> int:
        return len(self._tracks[0].audio) if self._tracks else 0

    @property
    def _plot(self) -> QRectF:
        return QRectF(_LEFT, _TOP, max(self.width() - _LEFT - 2, 1), max(self.height() - _TOP - _BOTTOM, 1))

    def samples(self, track: Track) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """What is drawn of a track."""
        return track.audio[self.first : self.first + SAMPLES]

    def reading(self) -> list[str]:
        """For each track its name, and its value where the person points."""
        at = self.marks.time_s
        index = None if at is None else round(at * self._rate) - self.first
        texts = []
        for track in self._tracks:
            part = self.samples(track)
            inside = index is not None and 0 <= index < len(part)
            texts.append(f"{track.title} {numbers.fixed(float(part[index]), 4)}" if inside else track.title)
        return texts

    # --- painting -------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw everything: a few hundred points are cheap."""
        if not self._tracks:
            return
        painter = QPainter(self)
        painter.setFont(ui_font(11))
        peak = max(float(np.max(np.abs(self.samples(track)), initial=0.0)) for track in self._tracks) or 1.0
        self._draw_axes(painter, peak)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, track in enumerate(self._tracks):
            self._draw_track(painter, track, place, peak)
        self._draw_legend(painter)
        x = self._pointed_x()
        if x is not None:
            painter.setPen(QPen(QColor(tokens().text.primary), 1))
            painter.drawLine(QPointF(x, self._plot.top()), QPointF(x, self._plot.bottom()))
        painter.end()

    def _pointed_x(self) -> float | None:
        at = self.marks.time_s
        index = -1.0 if at is None else at * self._rate - self.first
        share = index / (SAMPLES - 1)
        return self._plot.left() + share * self._plot.width() if 0.0 <= share <= 1.0 else None

    def _draw_axes(self, painter: QPainter, peak: float) -> None:
        theme, plot = tokens(), self._plot
        painter.fillRect(plot, QColor(theme.plot.ground))
        for level in (-peak, 0.0, peak):
            y = plot.center().y() - level / peak * plot.height() * 0.47
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme.text.faint))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, _LEFT - 6, 16), side, numbers.fixed(level, 2))
        for index in range(0, SAMPLES + 1, 50):
            x = plot.left() + min(index, SAMPLES - 1) / (SAMPLES - 1) * plot.width()
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(theme.text.faint))
            left = min(max(x - 40, plot.left()), plot.right() - 80)
            side = Qt.AlignmentFlag.AlignHCenter
            side = Qt.AlignmentFlag.AlignLeft if index == 0 else side
            side = Qt.AlignmentFlag.AlignRight if index == SAMPLES else side
            text = f"{index} samples" if index == SAMPLES else str(index)
            painter.drawText(QRectF(left, plot.bottom() + 3, 80, _BOTTOM - 3), side, text)

    def _draw_track(self, painter: QPainter, track: Track, place: int, peak: float) -> None:
        plot, part = self._plot, self.samples(track)
        xs = plot.left() + np.arange(len(part)) / (SAMPLES - 1) * plot.width()
        ys = plot.center().y() - part / peak * plot.height() * 0.47
        painter.setPen(_pen(track, place))
        painter.drawPolyline(plots.polygon(xs, ys))

    def _draw_legend(self, painter: QPainter) -> None:
        x = float(_LEFT)
        painter.setFont(ui_font(12))
        for place, (track, text) in enumerate(zip(self._tracks, self.reading(), strict=True)):
            painter.setPen(_pen(track, place))
            painter.drawLine(QPointF(x, 10), QPointF(x + 22, 10))
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(QRectF(x + 28, 0, width + 4, 20), Qt.AlignmentFlag.AlignVCenter, text)
            x += 28 + max(width, painter.fontMetrics().horizontalAdvance(track.title + " −0.0000")) + 20

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    # --- moving ---------------------------------------------------------------------------------------

    def move_to(self, first: int) -> None:
        """Show the samples from `first` on, as far as they lie within the signals."""
        first = min(max(first, 0), max(self._length - SAMPLES, 0))
        self.marks.set_instant(first / self._rate)
        self.moved.emit(first / self._rate)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow, Page, Home and End keys move the instant."""
        step = _WIDE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        places = {
            Qt.Key.Key_Left: self.first - step,
            Qt.Key.Key_Right: self.first + step,
            Qt.Key.Key_PageUp: self.first - SAMPLES,
            Qt.Key.Key_PageDown: self.first + SAMPLES,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._length,
        }
        place = places.get(Qt.Key(event.key()))
        if place is None:
            super().keyPressEvent(event)
        else:
            self.move_to(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a sample."""
        plot = self._plot
        share = (event.position().x() - plot.left()) / plot.width()
        inside = 0.0 <= share <= 1.0 and bool(self._tracks)
        self.marks.point((self.first + share * (SAMPLES - 1)) / self._rate if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point nowhere."""
        self.marks.point(None)
        super().leaveEvent(event)
