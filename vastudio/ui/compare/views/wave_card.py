"""The waveforms of clean, target and models in lanes, the difference, and the error over time below them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from vastudio.app.comparison.timeline import ErrorOverTime
from vastudio.ui.compare.views.analysis import Tracks
from vastudio.ui.compare.views.error_strip import ErrorStrip
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import WaveformView

_LANE_HEIGHT = 34
_RULER_HEIGHT = 20


class WaveCard(Card):
    """Wheel zooms, drag pans, Shift-drag or a drag in the ruler selects, click seeks.

    Signals
    -------
    second_chosen(float, float):
        The person wants to select and hear a stretch.
    """

    second_chosen = Signal(float, float)

    def __init__(self, window: TimeWindow, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__("Waveform", parent)
        self._window, self._marks = window, marks
        self._tracks: Tracks | None = None
        self.view = WaveformView("Waveforms of clean, target and model", window, marks)
        self.view.setToolTip(
            "Wheel zooms, drag pans, click seeks, double-click shows all; "
            "Shift-drag, or a drag along the seconds, selects what is looped"
        )
        self.strip = ErrorStrip(window, marks)
        self.difference = QCheckBox("Difference")
        self.difference.setToolTip("Show model − target in a lane of its own")
        self.difference.setChecked(True)
        self.worst = _button("Worst second", "Select and hear the second with the largest error (W)")
        self.whole = _button("Show all", "Show the whole clip")
        for tool in (self.difference, self.worst, self.whole):
            self.header.addWidget(tool)
        self.body.setSpacing(2)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.strip)
        self.difference.toggled.connect(lambda _on: self._show())
        self.worst.clicked.connect(self.choose_worst)
        self.whole.clicked.connect(lambda: window.show(0.0, window.length))
        self.strip.second_chosen.connect(self.second_chosen)
        window.changed.connect(self._note)
        marks.changed.connect(self._note)
        self.show_errors(None)
        self._note()

    def show_tracks(self, tracks: Tracks | None) -> None:
        """Draw the signals, or nothing."""
        self._tracks = tracks
        self._show()

    def show_errors(self, errors: ErrorOverTime | None) -> None:
        """Draw the error over time, or nothing."""
        self.strip.show_errors(errors)
        self.worst.setEnabled(errors is not None)
        if errors is not None:
            seconds, level = errors.worst_second_s, numbers.decibels(errors.worst_second_db)
            self.worst.setToolTip(f"Select and hear the worst second, at {seconds:.2f} s: error {level} (W)")

    def choose_worst(self) -> None:
        """Select and hear the second with the largest error."""
        worst = self.strip.worst_second
        if worst is not None:
            self.second_chosen.emit(*worst)

    def _show(self) -> None:
        drawn = self._tracks
        if drawn is None:
            self.view.show_tracks((), 1)
            return
        extra = (drawn.difference,) if drawn.difference is not None and self.difference.isChecked() else ()
        self.view.setMinimumHeight((len(drawn.signals) + len(extra)) * _LANE_HEIGHT + _RULER_HEIGHT)
        self.view.show_tracks((*drawn.signals, *extra), drawn.rate)

    def _note(self) -> None:
        excerpt, pointed = self._marks.excerpt, self._marks.time_s
        text = f"{self._window.start:.3f} – {self._window.stop:.3f} s"
        if excerpt is not None:
            text = f"selected {excerpt[0]:.3f} – {excerpt[1]:.3f} s · Esc clears"
        if pointed is not None:
            text = f"at {pointed:.4f} s"
        self.set_note(text)
        self.whole.setEnabled(not self._window.is_whole)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
