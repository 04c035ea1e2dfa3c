"""Target and models over each other, 300 samples of them: the picture that papers print."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from vastudio.app.library import esr_text
from vastudio.audio import metrics
from vastudio.ui.compare.views.analysis import Tracks
from vastudio.ui.widgets.close_up import SAMPLES, CloseUpView
from vastudio.ui.widgets.marks import Marks


class CloseUpPanel(QWidget):
    """The view; `note` says where it is and how large the error is there."""

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rate = 1
        self._tracks: Tracks | None = None
        self.view = CloseUpView(marks)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view, 1)

    def show_tracks(self, tracks: Tracks | None) -> None:
        """Show other signals; the instant goes to the loudest moment of the target if there is none yet."""
        self._tracks = tracks
        if tracks is None:
            self.view.show_tracks((), 1)
            return
        self.view.show_tracks(tracks.signals[1:], tracks.rate)
        if self.view.marks.instant is None:
            loudest = tracks.signals[1].envelope.loudest
            self.view.move_to(loudest - SAMPLES // 2)

    @property
    def note(self) -> str:
        """Where the close-up is, and the ESR of each model within it."""
        if self._tracks is None:
            return ""
        target, *models = (self.view.samples(track) for track in self._tracks.signals[1:])
        errors = ", ".join(esr_text(metrics.esr(target, model)) for model in models)
        place = f"{SAMPLES} samples from {self.view.first / self._tracks.rate:.4f} s"
        return f"{place} · ESR here {errors}" if errors else place
