"""The scope: the newest 20 ms of input and output, standing still."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.audio.trigger import trigger
from vastudio.types import Audio
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Meaning, tokens

SHOWN_SECONDS = 0.02
FRAMES = 8192
"""Newest frames to choose from."""

_LEAST_PEAK = 0.01
_FALL = 0.98
"""Share that the scale keeps per picture when the sound becomes softer."""


class ScopeView(QWidget):
    """Two lines over each other: input (clean) and output (model), each on its own scale's full height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scope of input and output")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(74)
        self._waves: dict[Meaning, Audio] = {}
        self._rate = 1
        self._peaks: dict[Meaning, float] = {"clean": _LEAST_PEAK, "model": _LEAST_PEAK}

    def show_audio(self, heard: Audio, made: Audio, rate: int) -> None:
        """Draw the newest input and output, (frames,) each."""
        self._rate = rate
        frames = round(SHOWN_SECONDS * rate)
        begin = trigger(heard, frames)
        for meaning, audio in (("clean", heard), ("model", made)):
            shown = audio[begin : begin + frames]
            self._waves[meaning] = shown  # type: ignore[index]
            peak = max(float(np.max(np.abs(shown), initial=0.0)), _LEAST_PEAK)
            self._peaks[meaning] = max(peak, _FALL * self._peaks[meaning])  # type: ignore[index]
        self.update()

    @property
    def rate(self) -> int:
        """Frames per second of what is drawn."""
        return self._rate

    def wave(self, meaning: Meaning) -> Audio | None:
        """What is drawn."""
        return self._waves.get(meaning)

    def sizeHint(self) -> QSize:
        """What room there is."""
        return QSize(400, 112)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Grid and waves."""
        theme, painter = tokens(), QPainter(self)
        area = QRectF(0, 0, self.width(), self.height() - 18)
        painter.setFont(ui_font(11))
        painter.setPen(QColor(theme.plot.grid))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            painter.drawLine(QPointF(0, share * area.height()), QPointF(area.width(), share * area.height()))
        for tick in range(1, 10):
            x = tick / 10 * area.width()
            painter.setPen(QColor(theme.plot.grid))
            painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
            if tick % 2 == 0:
                painter.setPen(QColor(theme.text.faint))
                text = f"{1e3 * SHOWN_SECONDS * tick / 10:g} ms"
                painter.drawText(
                    QRectF(x - 30, area.height() + 2, 60, 16), Qt.AlignmentFlag.AlignHCenter, text
                )
        for meaning, wave in self._waves.items():
            scale = 0.46 * area.height() / self._peaks[meaning]
            xs = np.linspace(0.0, area.width(), wave.size)
            ys = area.center().y() - scale * wave
            painter.setPen(QPen(theme.of(meaning), 1.0))
            painter.drawPolyline(pg.functions.arrayToQPolygonF(xs, ys.astype(np.float64)))
        painter.end()
