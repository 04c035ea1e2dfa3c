"""Which recordings are compared: dataset, capture and clip, or two files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vastudio.dataset.manifest import Capture
from vastudio.dataset.store import Dataset
from vastudio.types import Knob
from vastudio.ui.bridge.choosers import dataset_chooser
from vastudio.ui.bridge.session import Session
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.elided_combo import ElidedCombo


class PairChoice(QWidget):
    """Signals
    -------
    clip_chosen():
        The person, or another dataset, chose another capture or clip.
    files_requested():
        The person wants to compare with two files.
    """

    clip_chosen = Signal()
    files_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._captures: tuple[Capture, ...] = ()
        self.capture = ElidedCombo("Capture")
        self.clip = ElidedCombo("Clip")
        self.files = QPushButton("Other pair…")
        self.files.setToolTip("Compare with two audio files: choose them, or drop them on this page")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget, stretch in (
            (dataset_chooser(session, self), 3),
            (self.capture, 6),
            (self.clip, 3),
        ):
            row.addWidget(widget, stretch)
        row.addWidget(self.files)
        self.files.clicked.connect(self.files_requested)
        self.capture.activated.connect(self._on_capture)
        self.clip.activated.connect(lambda _index: self.clip_chosen.emit())

    def show_dataset(self, dataset: Dataset, captures: tuple[Capture, ...]) -> None:
        """List the captures of a dataset and choose its first held-out one."""
        self._dataset, self._captures = dataset, captures
        self.capture.clear()
        for capture in captures:
            self.capture.addItem(describe(capture, dataset.knobs), capture.id)
        held_out = next((i for i, capture in enumerate(captures) if capture.split == "validation"), 0)
        self.capture.setCurrentIndex(held_out)
        self._list_clips()

    def show_files(self, title: str) -> None:
        """Show that two files are compared, not a clip of the dataset."""
        self.capture.setPlaceholderText(title)
        self.capture.setToolTip(title)
        self.capture.setCurrentIndex(-1)
        self._list_clips()

    @property
    def chosen(self) -> tuple[Capture, int] | None:
        """The capture, and the index of its clip."""
        index, clip = self.capture.currentIndex(), self.clip.currentIndex()
        if not 0 <= index < len(self._captures) or clip < 0:
            return None
        return self._captures[index], clip

    def choose(self, capture_id: str, clip: int = 0) -> None:
        """Choose a capture and a clip as a person would."""
        self.capture.setCurrentIndex(self.capture.findData(capture_id))
        self._list_clips()
        self.clip.setCurrentIndex(clip)
        self.clip_chosen.emit()

    def _on_capture(self, _index: int) -> None:
        self._list_clips()
        self.clip_chosen.emit()

    def _list_clips(self) -> None:
        self.clip.clear()
        self.clip.hide()
        index, dataset = self.capture.currentIndex(), self._dataset
        if dataset is None or not 0 <= index < len(self._captures):
            return
        sources = {record.path: Path(record.source).stem for record in dataset.manifest.audio}
        clips = self._captures[index].clips
        for number, clip in enumerate(clips, 1):
            seconds = numbers.duration(clip.frames / dataset.sample_rate)
            self.clip.addItem(f"{number}: {sources.get(clip.input, clip.input)} · {seconds}")
        self.clip.setVisible(len(clips) > 1)
        self.capture.setToolTip(f"Capture: {self.capture.currentText()} · {self.clip.currentText()}")


def describe(capture: Capture, knobs: tuple[Knob, ...]) -> str:
    """A capture in a line: its knob positions, and whether the model has seen it."""
    positions = [
        f"{knob.title} {numbers.knob_text(knob, capture.knobs[knob.name])}"
        for knob in knobs
        if knob.name in capture.knobs
    ]
    seen = "held out" if capture.split == "validation" else "trained on"
    return " · ".join([f"{capture.id} {seen}", *positions])
