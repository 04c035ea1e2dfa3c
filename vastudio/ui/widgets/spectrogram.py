"""A spectrogram: an image with a lookup table over a shared stretch of time."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.ui.theme import colormaps
from vastudio.ui.theme.tokens import Meaning, tokens
from vastudio.ui.widgets import plots
from vastudio.ui.widgets.text import label
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import time_ticks

Kind: TypeAlias = Literal["levels", "difference"]
_LABELLED_HZ = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_LABEL_GAP = 16.0
"""Pixels that two frequency labels keep apart."""


class SpectrogramView(QWidget):
    """One spectrogram with its title. Wheel and drag move the shared time window."""

    def __init__(
        self,
        title: str,
        meaning: Meaning,
        window: TimeWindow,
        *,
        kind: Kind = "levels",
        axis: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._kind = window, kind
        self._plot = plots.plain_plot(f"Spectrogram of {title}")
        self._plot.setMouseEnabled(True, False)
        self._plot.getAxis("left").setWidth(30)
        self._plot.showAxis("left", axis)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._plot.addItem(self._image)
        self._is_following = False
        self._frequencies_hz: npt.NDArray[np.floating[Any]] = np.zeros(0)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setTicks([])
        heading = label(title, "note", meaning)
        heading.setIndent(34 if axis else 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(heading)
        column.addWidget(self._plot, 1)
        self.setMinimumHeight(110)
        window.changed.connect(self._follow)
        self._plot.getViewBox().sigXRangeChanged.connect(self._lead)
        self._recolour()

    def show_levels(
        self,
        level_db: npt.NDArray[np.floating[Any]],
        frequencies_hz: npt.NDArray[np.floating[Any]],
        times_s: npt.NDArray[np.floating[Any]],
        scale_db: tuple[float, float],
    ) -> None:
        """Show levels of shape (bins, frames), frames centred on `times_s`, coloured over `scale_db`."""
        bins, frames = level_db.shape
        hop = float(times_s[-1] - times_s[0]) / max(frames - 1, 1) or 0.01
        self._image.setImage(level_db, autoLevels=False, levels=scale_db)
        self._image.setRect(QRectF(float(times_s[0]) - hop / 2, 0.0, frames * hop, float(bins)))
        self._plot.getViewBox().setLimits(xMin=0.0, xMax=self._window.length, yMin=0.0, yMax=bins)
        self._plot.setYRange(0.0, float(bins), padding=0)
        self._frequencies_hz = frequencies_hz
        self._label_frequencies()
        self._follow()

    def _label_frequencies(self) -> None:
        """Round frequencies at the rows where they lie, from the top down, without crowding."""
        gap = _LABEL_GAP / max(self._plot.getViewBox().height(), 1.0)
        self._plot.getAxis("left").setTicks([_frequency_ticks(self._frequencies_hz, gap)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many labels as there is room for."""
        super().resizeEvent(event)
        if self._image.image is not None:
            self._label_frequencies()
            self._follow()

    @property
    def image(self) -> npt.NDArray[np.floating[Any]] | None:
        """The levels that are shown, shape (bins, frames)."""
        image: npt.NDArray[np.floating[Any]] | None = self._image.image
        return image

    def _follow(self) -> None:
        if self._image.image is None:
            return
        self._is_following = True
        self._plot.setXRange(self._window.start, self._window.stop, padding=0)
        wanted = max(4, self._plot.width() // 60)
        self._plot.getAxis("bottom").setTicks([time_ticks(self._window.start, self._window.stop, wanted)])
        self._is_following = False

    def _lead(self, _box: object, stretch: tuple[float, float]) -> None:
        if not self._is_following:
            self._window.show(*stretch)

    def sizeHint(self) -> QSize:
        """Small: a plot takes what room there is."""
        return QSize(130, 112)

    def _recolour(self) -> None:
        theme = tokens()
        plots.recolour(self._plot, theme)
        table = colormaps.levels(theme) if self._kind == "levels" else colormaps.difference(theme)
        self._image.setLookupTable(table)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)


def _frequency_ticks(frequencies_hz: npt.NDArray[np.floating[Any]], gap: float) -> list[tuple[float, str]]:
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
