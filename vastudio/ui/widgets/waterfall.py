"""The live spectrogram: the output's spectrum, one column after another, the newest at the right."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.types import Audio
from vastudio.ui.theme import colormaps
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import plots
from vastudio.ui.widgets.spectrum import log_spectrum

COLUMNS = 360
COLUMNS_A_SECOND = 30

_FLOOR_DB, _TOP_DB = -90.0, -10.0
_LEFT = 34
_NAMED_HZ = (100, 1_000, 10_000)


class WaterfallView(QWidget):
    """Levels from −90 to −10 dBFS over logarithmic frequency and time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Live spectrogram of the output")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(74)
        self._levels: npt.NDArray[np.uint8] = np.zeros((1, COLUMNS), np.uint8)
        self._frequencies: npt.NDArray[np.float64] = np.zeros(1)
        self._filled = 0

    def show_audio(self, _heard: Audio, made: Audio, rate: int) -> None:
        """Add the newest column, the spectrum of `made` (frames,)."""
        self._frequencies, db = log_spectrum(made, rate)
        shares = np.clip((db - _FLOOR_DB) / (_TOP_DB - _FLOOR_DB), 0.0, 1.0)
        if len(self._levels) != shares.size:
            self._levels = np.zeros((shares.size, COLUMNS), np.uint8)
            self._filled = 0
        self._filled = min(self._filled + 1, COLUMNS)
        self._levels[:, :-1] = self._levels[:, 1:]
        self._levels[:, -1] = np.round(255.0 * shares[::-1]).astype(np.uint8)
        self.update()

    @property
    def levels(self) -> npt.NDArray[np.uint8]:
        """What is drawn, (frequencies from above, columns)."""
        return self._levels

    @property
    def frequencies_hz(self) -> npt.NDArray[np.float64]:
        """Of the bands, rising, (bands,)."""
        return np.asarray(10.0**self._frequencies, np.float64)

    @property
    def levels_db(self) -> npt.NDArray[np.float64]:
        """What was heard so far in dBFS, (bands, columns), within the colours' range and as fine as they."""
        filled = self._levels[::-1, COLUMNS - self._filled :]
        return _FLOOR_DB + (_TOP_DB - _FLOOR_DB) * filled.astype(np.float64) / 255.0

    def sizeHint(self) -> QSize:
        """What room there is."""
        return QSize(400, 112)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture and some frequencies."""
        theme, painter = tokens(), QPainter(self)
        area = QRectF(_LEFT, 0, self.width() - _LEFT, self.height())
        pixels = np.ascontiguousarray(self._levels)
        image = QImage(pixels.data, COLUMNS, len(pixels), COLUMNS, QImage.Format.Format_Indexed8)
        table = colormaps.levels(theme)
        image.setColorTable([QColor(*(int(part) for part in row)).rgb() for row in table])
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, image)
        painter.setFont(ui_font(11))
        painter.setPen(QColor(theme.text.faint))
        if self._frequencies.size > 1:
            low, high = self._frequencies[0], self._frequencies[-1]
            for hz in _NAMED_HZ:
                y = area.height() * (1.0 - (math.log10(hz) - low) / (high - low))
                painter.drawLine(QPointF(_LEFT - 4, y), QPointF(_LEFT, y))
                box = QRectF(0, y - 8, _LEFT - 6, 16)
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, right, plots.frequency_text(hz))
        painter.end()
