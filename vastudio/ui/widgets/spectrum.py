"""The live spectrum: level over logarithmic frequency, input and output in one plot."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.types import Audio
from vastudio.ui.theme.tokens import tokens, translucent
from vastudio.ui.widgets import plots

FRAMES = 8192
"""Newest frames that one spectrum is made of."""
FLOOR_DB = -100.0
_TOP_DB = 0.0
_POINTS = 320
_LOWEST_HZ = 20.0
_HIGHEST_HZ = 20_000.0
_FALL = 0.25
"""Share of the way down that a falling level goes per picture; rising levels show at once."""


def log_spectrum(audio: Audio, rate: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Level of the newest frames in dBFS (a full-scale sine reads 0) at logarithmically spaced frequencies.

    Returns (log10 of Hz, level dB), both of shape (points,). Between bins the level is interpolated,
    where bins are denser than points their maximum is taken.
    """
    window = np.hanning(len(audio))
    power = np.abs(np.fft.rfft(audio * window)) * 2.0 / window.sum()
    hz = np.fft.rfftfreq(len(audio), 1.0 / rate)
    highest = min(_HIGHEST_HZ, rate / 2)
    edges = np.geomspace(_LOWEST_HZ, highest, _POINTS + 1)
    centres = np.sqrt(edges[:-1] * edges[1:])
    starts = np.searchsorted(hz, edges[:-1])
    dense = np.maximum.reduceat(power, np.minimum(starts, len(power) - 1))
    has_bins = np.searchsorted(hz, edges[1:]) > starts
    level = np.where(has_bins, dense, np.interp(centres, hz, power))
    return np.log10(centres), 20.0 * np.log10(np.maximum(level, 1e-9))


class SpectrumView(QWidget):
    """Two curves: input (clean) and output (model)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plots.plain_plot("Live spectrum of input and output")
        self._plot.setXRange(math.log10(_LOWEST_HZ), math.log10(_HIGHEST_HZ), padding=0)
        self._plot.setYRange(FLOOR_DB, _TOP_DB, padding=0)
        self._plot.getAxis("bottom").setTicks([plots.log_frequency_ticks()[1:-1]])
        self._plot.getAxis("left").setTicks(
            [[(level, f"{level:g}".replace("-", "−")) for level in (-80, -60, -40, -20)]]
        )
        self._plot.getAxis("left").setWidth(30)
        self._lines: list[object] = []
        self._input, self._output = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._plot.addItem(self._input)
        self._plot.addItem(self._output)
        self._levels: dict[str, npt.NDArray[np.float64]] = {}
        self._frequencies_hz: npt.NDArray[np.float64] = np.zeros(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self.setMinimumHeight(74)
        self._recolour()

    def show_audio(self, heard: Audio, made: Audio, rate: float) -> None:
        """Draw the spectra of the newest input and output."""
        for key, curve, audio in (("input", self._input, heard), ("output", self._output, made)):
            xs, level = log_spectrum(audio, rate)
            before = self._levels.get(key)
            if before is not None:
                level = np.maximum(level, before + _FALL * (level - before))
            self._levels[key] = level
            self._frequencies_hz = 10.0**xs
            curve.setData(xs, np.maximum(level, FLOOR_DB - 5))

    @property
    def frequencies_hz(self) -> npt.NDArray[np.float64]:
        """Where the levels lie, (points,); empty before the first sound."""
        return self._frequencies_hz

    def levels_db(self, key: str) -> npt.NDArray[np.float64] | None:
        """The levels that are drawn for `input` or `output`."""
        return self._levels.get(key)

    def sizeHint(self) -> QSize:
        """Small: a plot takes what room there is."""
        return QSize(400, 112)

    def _recolour(self) -> None:
        theme = tokens()
        plots.recolour(self._plot, theme)
        for line in self._lines:
            self._plot.removeItem(line)
        xs = tuple(position for position, _ in plots.log_frequency_ticks()[1:-1])
        self._lines = plots.grid(self._plot, theme, xs=xs, ys=(-80, -60, -40, -20))
        self._input.setPen(pg.mkPen(theme.of("clean"), width=1))
        self._output.setPen(pg.mkPen(theme.of("model"), width=1))
        self._output.setFillLevel(FLOOR_DB - 5)
        self._output.setBrush(pg.mkBrush(translucent(QColor(theme.meaning.model), 0.08)))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)
