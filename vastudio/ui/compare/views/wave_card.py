"""The waveforms of clean, target and model: in lanes, or target and model over each other."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import Track, WaveformView

_LAYOUTS = (
    Segment("stacked", "Stacked", tip="One lane each"),
    Segment("overlay", "Overlay", tip="Target and model over each other; zoom in to see where they part"),
)
_OVERLAY_SECONDS = 0.04
"""How much Overlay shows at first, where everything is shown: short enough to see single periods."""


class WaveCard(Card):
    """Wheel zooms, drag pans, click seeks."""

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        super().__init__("Waveform", parent)
        self._window = window
        self._tracks: tuple[Track, ...] = ()
        self._rate = 1
        self.view = WaveformView("Waveforms of clean, target and model", window)
        self.view.setToolTip("Wheel zooms, drag pans, click seeks, double-click shows all")
        self.layout_choice = Segmented("Arrangement", _LAYOUTS)
        self.whole = QPushButton("Show all")
        self.whole.setToolTip("Show the whole clip")
        self.header.addWidget(self.whole)
        self.header.addWidget(self.layout_choice)
        self.body.addWidget(self.view, 1)
        self.layout_choice.chosen.connect(self._on_layout)
        self.whole.clicked.connect(lambda: window.show(0.0, window.length))
        window.changed.connect(self._note)
        self._note()

    def show_tracks(self, tracks: tuple[Track, ...], rate: int) -> None:
        """Draw clean, target and model, or nothing."""
        self._tracks, self._rate = tracks, rate
        self.view.show_tracks(tracks[1:] if self._is_overlay else tracks, rate)

    @property
    def _is_overlay(self) -> bool:
        return self.layout_choice.key == "overlay"

    def _on_layout(self, _key: str) -> None:
        self.view.set_overlay(self._is_overlay)
        if self._is_overlay and self._window.is_whole and self._tracks:
            start = _loudest_second(self._tracks[1], self._rate)
            self._window.show(start, start + _OVERLAY_SECONDS)
        self.show_tracks(self._tracks, self._rate)

    def _note(self) -> None:
        self.set_note(f"{self._window.start:.3f} – {self._window.stop:.3f} s")
        self.whole.setEnabled(not self._window.is_whole)


def _loudest_second(track: Track, rate: int) -> float:
    return float(abs(track.audio).argmax()) / rate - _OVERLAY_SECONDS / 2
