"""The dataset card: which dataset is open, and the ways to another one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError
from vastudio.ui.bridge.choosers import dataset_chooser
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import ElidedLabel, label


class DatasetCard(Card):
    """Signals
    -------
    open_requested(), import_requested(), demo_requested():
        The person wants to open a dataset folder, import recordings, make the demo dataset.
    """

    open_requested = Signal()
    import_requested = Signal()
    demo_requested = Signal()

    def __init__(self, session: Session, task: LongTask, parent: QWidget | None = None) -> None:
        super().__init__("Dataset", parent)
        self._session = session
        self.chooser = dataset_chooser(session, self)
        self.facts = label("", "note", wrap=True)
        self.open_button = QPushButton("Open…")
        self.open_button.setToolTip("Open a dataset: its folder, or its manifest.json (Ctrl+O)")
        self.import_button = QPushButton("Import recordings…")
        self.import_button.setToolTip("Make a dataset of recordings: clean and target")
        self.demo_button = QPushButton("Make a demo dataset")
        self.demo_button.setToolTip("Capture the built-in virtual amp at planned knob positions")
        self.notice = Notice()
        self.busy = QWidget()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress")
        self.busy_text = ElidedLabel("", "note")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End what is made; nothing of it is kept")
        self._arrange()
        self._connect(task)
        self._show_dataset()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.import_button, 1)
        row.addWidget(self.open_button)
        busy = QVBoxLayout(self.busy)
        busy.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        line.addWidget(self.busy_text, 1)
        line.addWidget(self.cancel)
        busy.addWidget(self.bar)
        busy.addLayout(line)
        self.busy.hide()
        self.body.addWidget(self.chooser)
        self.body.addWidget(self.facts)
        self.body.addLayout(row)
        self.body.addWidget(self.demo_button)
        self.body.addWidget(self.busy)
        self.body.addWidget(self.notice)

    def _connect(self, task: LongTask) -> None:
        self.open_button.clicked.connect(self.open_requested)
        self.import_button.clicked.connect(self.import_requested)
        self.demo_button.clicked.connect(self.demo_requested)
        self.cancel.clicked.connect(task.cancel)
        task.running_changed.connect(self._show_running)
        task.progressed.connect(self._show_progress)
        task.failed.connect(self.notice.show_error)
        task.cancelled.connect(lambda: self.notice.say("Cancelled. Nothing was kept."))
        self._session.dataset_changed.connect(self._show_dataset)

    def _show_dataset(self) -> None:
        dataset = self._session.studio.dataset
        if dataset is None:
            self.facts.setText(
                "Pick a dataset, import recordings of your device, or make one from the virtual amp."
            )
            return
        self.notice.clear()
        self.facts.setText(describe(dataset))

    def _show_running(self, running: bool) -> None:
        self.busy.setVisible(running)
        self.bar.setRange(0, 0)
        self.busy_text.set_full_text("Starting…")
        for button in (self.open_button, self.import_button, self.demo_button, self.chooser):
            button.setEnabled(not running)
        if running:
            self.notice.clear()

    def _show_progress(self, done: int, total: int, text: str) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.busy_text.set_full_text(text)


def describe(dataset: Dataset) -> str:
    """Knobs, captures, length and rate of a dataset in a line or two."""
    try:
        train, held_out = dataset.captures("train"), dataset.captures("validation")
    except DatasetError as error:
        return error.message
    frames = sum(clip.frames for capture in (*train, *held_out) for clip in capture.clips)
    knobs = ", ".join(knob.title for knob in dataset.knobs) or "no knobs"
    parts = (
        knobs,
        f"{numbers.count(len(train), 'capture')} to train",
        f"{len(held_out)} held out",
        numbers.duration(frames / dataset.sample_rate),
        f"{dataset.sample_rate / 1000:g} kHz",
    )
    return " · ".join(part.replace(" ", "\u00a0") for part in parts)
