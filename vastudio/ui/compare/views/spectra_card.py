"""Spectrograms of clean, target and model on one colour scale, and the difference of the last two."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from vastudio.audio.spectral import Scale
from vastudio.ui.compare.views.analysis import DIFFERENCE_DB, RANGE_DB, Spectra
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.spectrogram import SpectrogramView
from vastudio.ui.widgets.time_window import TimeWindow

_SCALES = (
    Segment("mel", "Mel", tip="Frequencies as the ear spaces them"),
    Segment("linear", "Linear", tip="Frequencies evenly spaced"),
    Segment("log", "Log", tip="Octaves evenly spaced"),
)


class SpectraCard(Card):
    """Signals
    -------
    scale_chosen(str):
        The person wants the frequencies on this scale.
    """

    scale_chosen = Signal(str)

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        super().__init__("Spectrogram", parent)
        self.scale = Segmented("Frequency scale", _SCALES)
        self.scale.chosen.connect(self.scale_chosen)
        self.header.addWidget(self.scale)
        self.clean = SpectrogramView("Clean", "clean", window, axis=True)
        self.target = SpectrogramView("Target", "target", window)
        self.model = SpectrogramView("Model", "model", window)
        self.difference = SpectrogramView("Model − target", "difference", window, kind="difference")
        row = QHBoxLayout()
        row.setSpacing(8)
        for view in (self.clean, self.target, self.model, self.difference):
            row.addWidget(view, 5 if view is self.clean else 4)
        self.body.addLayout(row, 1)

    @property
    def chosen_scale(self) -> Scale:
        """The frequency scale that is wanted."""
        return cast(Scale, self.scale.key)

    def show_spectra(self, spectra: Spectra) -> None:
        """Draw all four."""
        scale = (spectra.top_db - RANGE_DB, spectra.top_db)
        for view, level in (
            (self.clean, spectra.clean),
            (self.target, spectra.target),
            (self.model, spectra.model),
        ):
            view.show_levels(level, spectra.frequencies_hz, spectra.times_s, scale)
        self.difference.show_levels(
            spectra.difference, spectra.frequencies_hz, spectra.times_s, (-DIFFERENCE_DB, DIFFERENCE_DB)
        )
        self.set_note(f"colours span {RANGE_DB:g} dB, the difference ±{DIFFERENCE_DB:g} dB")
