"""A spectrogram: an image with a lookup table over a shared stretch of time."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from vastudio.ui.theme import colormaps
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Meaning, tokens
from vastudio.ui.widgets import numbers, plots
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.series import column_colour
from vastudio.ui.widgets.time_axis import draw_time_axis
from vastudio.ui.widgets.time_view import TimeView
from vastudio.ui.widgets.time_window import TimeWindow

Kind: TypeAlias = Literal["levels", "difference"]
Levels: TypeAlias = npt.NDArray[np.floating[Any]]
_LABELLED_HZ = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_LABEL_GAP = 16.0
"""Pixels that two frequency labels keep apart."""
_HEADING_HEIGHT = 21
_AXIS_HEIGHT = 18
AXIS_WIDTH = 32


class SpectrogramView(TimeView):
    """One spectrogram with its title, and its level where the person points."""

    def __init__(
        self,
        title: str,
        meaning: Meaning,
        window: TimeWindow,
        marks: Marks | None = None,
        *,
        kind: Kind = "levels",
        axis: bool = False,
        column: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        self._title, self._meaning, self._kind, self._column = title, meaning, kind, column
        self._levels: Levels | None = None
        self._times_s: Levels = np.zeros(0)
        self._frequencies_hz: Levels = np.zeros(0)
        self._scale_db = (0.0, 1.0)
        self._images: list[QImage] = []
        left = AXIS_WIDTH if axis else 0
        name = f"Spectrogram of {title}"
        super().__init__(name, window, marks, left=left, bottom=_AXIS_HEIGHT, parent=parent)
        self.setMinimumHeight(110)
        self.setMinimumWidth(left + 56)

    def show_levels(
        self, level_db: Levels, frequencies_hz: Levels, times_s: Levels, scale_db: tuple[float, float]
    ) -> None:
        """Show levels of shape (bins, frames), frames centred on `times_s`, coloured over `scale_db`."""
        self._levels, self._scale_db = level_db, scale_db
        self._frequencies_hz, self._times_s = frequencies_hz, times_s
        self._images = []
        self.redraw()

    def show_nothing(self) -> None:
        """There is no signal."""
        self._levels, self._images = None, []
        self.redraw()

    def set_title(self, title: str) -> None:
        """Say whose spectrogram it is."""
        self._title = title
        self.setAccessibleName(f"Spectrogram of {title}")
        self.redraw()

    @property
    def image(self) -> Levels | None:
        """The levels that are shown, shape (bins, frames)."""
        return self._levels

    @property
    def times_s(self) -> Levels:
        """The middle of each frame that is shown, shape (frames,)."""
        return self._times_s

    @property
    def frequencies_hz(self) -> Levels:
        """The centre of each band that is shown, shape (bins,)."""
        return self._frequencies_hz

    @property
    def scale_db(self) -> tuple[float, float]:
        """The levels of the weakest and the strongest colour."""
        return self._scale_db

    @property
    def is_empty(self) -> bool:
        """Whether there are no levels."""
        return self._levels is None

    # --- geometry -------------------------------------------------------------------------------------

    @property
    def plot(self) -> QRectF:
        """The area of the image: below the heading."""
        return super().plot.adjusted(0, _HEADING_HEIGHT, 0, 0)

    def frequency_at(self, y: float) -> float | None:
        """The frequency of the row at a height."""
        share = (self.plot.bottom() - y) / self.plot.height()
        rows = np.arange(len(self._frequencies_hz)) + 0.5
        return float(np.interp(share * len(rows), rows, self._frequencies_hz))

    def height_of(self, frequency_hz: float) -> float | None:
        """The height of the row of a frequency; None outside the image."""
        hz = self._frequencies_hz
        if not len(hz) or not hz[0] <= frequency_hz <= hz[-1]:
            return None
        row = float(np.interp(frequency_hz, hz, np.arange(len(hz)) + 0.5))
        return self.plot.bottom() - row / len(hz) * self.plot.height()

    @property
    def _hop_s(self) -> float:
        times = self._times_s
        return float(times[-1] - times[0]) / max(len(times) - 1, 1) or 0.01

    def level_at(self, seconds: float, frequency_hz: float) -> float | None:
        """The level in dB of the cell at a time and a frequency; None without levels."""
        if self._levels is None:
            return None
        bins, frames = self._levels.shape
        frame = round((seconds - float(self._times_s[0])) / self._hop_s)
        row = int(np.argmin(np.abs(self._frequencies_hz - frequency_hz)))
        return float(self._levels[min(row, bins - 1), min(max(frame, 0), frames - 1)])

    # --- painting -------------------------------------------------------------------------------------

    def draw(self, painter: QPainter) -> None:
        """Draw heading, image and axes."""
        plot = self.plot
        painter.fillRect(plot, QColor(tokens().plot.ground))
        if not self._images:
            self._images = self._make_images()
        span = self._window.stop - self._window.start
        seen = span / self._hop_s
        wanted = int(max(0.0, np.log2(max(seen / (2.0 * plot.width()), 1.0))))
        level = min(wanted, len(self._images) - 1)
        image, hop = self._images[level], self._hop_s * 2**level
        first = (self._window.start - float(self._times_s[0]) + self._hop_s / 2) / hop
        begin, end = max(first, 0.0), min(first + span / hop, float(image.width()))
        scale = plot.width() * hop / span
        target = QRectF(
            plot.left() + (begin - first) * scale, plot.top(), (end - begin) * scale, plot.height()
        )
        painter.drawImage(target, image, QRectF(begin, 0.0, end - begin, image.height()))
        painter.setFont(ui_font(11))
        draw_time_axis(painter, self, self._window, spacing=70, grid=False)
        if self.left:
            self._draw_frequencies(painter)

    def _make_images(self) -> list[QImage]:
        """The image, and copies of half, a quarter, … of its frames for when many lie behind one pixel."""
        assert self._levels is not None
        low, high = self._scale_db
        cells = np.clip((self._levels[::-1] - low) / (high - low) * 255.0, 0.0, 255.0)
        images = []
        while True:
            images.append(_image(cells, self._kind))
            if cells.shape[1] < 128:
                return images
            even = cells[:, : cells.shape[1] // 2 * 2]
            cells = (even[:, ::2] + even[:, 1::2]) / 2.0

    def _draw_frequencies(self, painter: QPainter) -> None:
        painter.setPen(QColor(tokens().text.faint))
        plot = self.plot
        for row, text in _frequency_ticks(self._frequencies_hz, _LABEL_GAP / plot.height()):
            y = plot.bottom() - row / len(self._frequencies_hz) * plot.height()
            area = QRectF(0, y - 8, self.left - 5, 16)
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def draw_readings(self, painter: QPainter) -> None:
        """The heading: whose spectrogram it is, and the level where the person points."""
        painter.setFont(ui_font(12))
        colour = column_colour(tokens(), self._column) if self._column else tokens().of(self._meaning)
        painter.setPen(colour)
        area = QRectF(self.left + 2, 0, self.width() - self.left - 4, _HEADING_HEIGHT - 3)
        reading = self.reading()
        room = area.width() - painter.fontMetrics().horizontalAdvance(reading) - 6
        metrics, elide = painter.fontMetrics(), Qt.TextElideMode.ElideRight
        painter.drawText(
            area, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(self._title, elide, int(room))
        )
        painter.setPen(QColor(tokens().text.secondary))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, reading)

    def reading(self) -> str:
        """The level where the person points, or nothing."""
        seconds, frequency = self.marks.time_s, self.marks.frequency_hz
        if seconds is None or frequency is None:
            return ""
        level = self.level_at(seconds, frequency)
        if level is None:
            return ""
        sign = "+" if self._kind == "difference" and level > 0.05 else ""
        return sign + numbers.decibels(level)

    def sizeHint(self) -> QSize:
        """Small: a plot takes what room there is."""
        return QSize(130, 112)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._images = []
        super().changeEvent(event)


def _image(cells: npt.NDArray[np.floating[Any]], kind: Kind) -> QImage:
    """Colour cells of 0..255, shape (bins, frames), with the table of the theme."""
    theme = tokens()
    table = colormaps.levels(theme) if kind == "levels" else colormaps.difference(theme)
    pixels = np.empty((*cells.shape, 4), np.uint8)
    pixels[..., :3] = table[cells.astype(np.uint8)][..., ::-1]
    pixels[..., 3] = 255
    height, width = cells.shape
    return QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_RGB32).copy()


def _frequency_ticks(frequencies_hz: Levels, gap: float) -> list[tuple[float, str]]:
    """(row, text) of round frequencies that keep `gap`, a share of the height, apart."""
    rows = np.arange(len(frequencies_hz)) + 0.5
    ticks: list[tuple[float, str]] = []
    for hz in reversed(_LABELLED_HZ):
        if not frequencies_hz[0] <= hz <= frequencies_hz[-1]:
            continue
        row = float(np.interp(hz, frequencies_hz, rows))
        if not ticks or ticks[-1][0] - row > gap * len(rows):
            ticks.append((row, plots.frequency_text(hz)))
    return ticks
