"""Spectrograms of clean, target and models on one colour scale, and the difference of the heard model."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from vastudio.audio.spectral import Scale
from vastudio.ui.compare.subject import MOST_COLUMNS
from vastudio.ui.compare.views.analysis import DIFFERENCE_DB, RANGE_DB, Shown, Spectra
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.spectrogram import AXIS_WIDTH, SpectrogramView
from vastudio.ui.widgets.time_window import TimeWindow

_SCALES = (
    Segment("mel", "Mel", tip="Frequencies as the ear spaces them"),
    Segment("linear", "Lin", tip="Frequencies evenly spaced"),
    Segment("log", "Log", tip="Octaves evenly spaced"),
)
NOTE = f"colours span {RANGE_DB:g} dB, difference ±{DIFFERENCE_DB:g} dB"


class SpectrogramsPanel(QWidget):
    """Signals
    -------
    scale_chosen(str):
        The person wants the frequencies on this scale.
    """

    scale_chosen = Signal(str)

    def __init__(self, window: TimeWindow, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = Segmented("Frequency scale", _SCALES)
        self.scale.chosen.connect(self.scale_chosen)
        self.clean = SpectrogramView("Clean", "clean", window, marks, axis=True)
        self.target = SpectrogramView("Target", "target", window, marks)
        self.models = tuple(
            SpectrogramView("Model", "model", window, marks, column=column) for column in range(MOST_COLUMNS)
        )
        self.difference = SpectrogramView("Model − target", "difference", window, marks, kind="difference")
        self._row = QGridLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setHorizontalSpacing(8)
        self._row.setColumnMinimumWidth(0, AXIS_WIDTH - 8)
        self._row.addWidget(self.clean, 0, 0, 1, 2)
        for place, view in enumerate(self.views[1:], 2):
            self._row.addWidget(view, 0, place)
        for view in self.models[1:]:
            view.hide()
        self._share_width()

    def _share_width(self) -> None:
        """All images are equally wide: the axis of the first is in a column of its own."""
        for place, view in enumerate(self.views, 1):
            self._row.setColumnStretch(place, 0 if view.isHidden() else 1)

    @property
    def views(self) -> tuple[SpectrogramView, ...]:
        """All of them, from left to right."""
        return (self.clean, self.target, *self.models, self.difference)

    @property
    def model(self) -> SpectrogramView:
        """The first model's."""
        return self.models[0]

    @property
    def chosen_scale(self) -> Scale:
        """The frequency scale that is wanted."""
        return cast(Scale, self.scale.key)

    def show_spectra(self, shown: Shown, spectra: Spectra) -> None:
        """Draw all of them."""
        scale = (spectra.top_db - RANGE_DB, spectra.top_db)
        levels = (*spectra.signals, *[None] * MOST_COLUMNS)
        for view, level in zip((self.clean, self.target, *self.models), levels, strict=False):
            if level is None:
                view.show_nothing()
            else:
                view.show_levels(level, spectra.frequencies_hz, spectra.times_s, scale)
        titles = shown.titles
        for place, view in enumerate(self.models):
            view.setVisible(place < max(len(titles), 1))
            view.set_title(titles[place] if place < len(titles) else "Model")
        self._share_width()
        if spectra.difference is None:
            self.difference.show_nothing()
            return
        self.difference.set_title(f"{titles[shown.heard]} − target")
        around = (-DIFFERENCE_DB, DIFFERENCE_DB)
        self.difference.show_levels(spectra.difference, spectra.frequencies_hz, spectra.times_s, around)

    def show_nothing(self) -> None:
        """There is no pair."""
        for view in self.views:
            view.show_nothing()
