"""The head of the Probe tab: what is probed, where its knobs stand, and how far the probe is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vastudio.ui.compare.probe.position_choice import PositionChoice
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.text import ElidedLabel, label

INVITATION = (
    "The probe plays sines, sweeps, a phrase and silence through the model and tells how it behaves: "
    "delay, noise, aliasing, distortion, pops and load. It takes some seconds."
)


class HeadCard(Card):
    """Signals
    -------
    probe_requested(), cancel_requested(), json_requested():
        The person pressed the button.
    model_chosen(int):
        The person chose the model of this column.
    """

    probe_requested = Signal()
    cancel_requested = Signal()
    json_requested = Signal()
    model_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Probe", parent)
        self.model = ElidedCombo("Model to probe")
        self.summary = label("", "heading", wrap=True)
        self.text = label(INVITATION, "quiet", wrap=True)
        self.position = PositionChoice()
        self.start = QPushButton("Probe")
        self.start.setProperty("kind", "primary")
        self.start.setToolTip("Measure the model with its knobs at this position")
        self.save = QPushButton("Save as JSON…")
        self.save.setToolTip("Write everything that was measured, as vastudio probe --json does")
        self.busy = QWidget()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress of the probe")
        self.step = ElidedLabel("", "note")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End the probe; what was measured before stays")
        self._arrange()
        self.start.clicked.connect(self.probe_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.save.clicked.connect(self.json_requested)
        self.model.activated.connect(self.model_chosen)
        self.show_running(False)
        self.save.setEnabled(False)

    def _arrange(self) -> None:
        self.model.setMaximumWidth(320)
        self.header.addWidget(self.model)
        self.header.addWidget(self.position.names)
        self.header.addWidget(self.save)
        self.header.addWidget(self.start)
        busy = QHBoxLayout(self.busy)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.setSpacing(10)
        busy.addWidget(self.bar, 1)
        busy.addWidget(self.step)
        busy.addWidget(self.cancel)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.summary)
        words.addWidget(self.text)
        words.addStretch(1)
        words.addWidget(self.busy)
        row = QHBoxLayout()
        row.setSpacing(32)
        row.addLayout(words, 1)
        row.addWidget(self.position, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)

    def show_models(self, names: Sequence[str], index: int) -> None:
        """List the models of the columns; nothing to choose where there is only one."""
        self.model.clear()
        self.model.addItems(list(names))
        self.model.setCurrentIndex(index)
        self.model.setVisible(len(names) > 1)
        self.start.setEnabled(bool(names))

    def show_summary(self, heading: str, text: str) -> None:
        """Say what is shown below."""
        self.summary.setText(heading)
        self.summary.setVisible(bool(heading))
        self.text.setText(text)

    def show_running(self, running: bool) -> None:
        """Show progress, and nothing to start, while a probe runs."""
        self.busy.setVisible(running)
        self.start.setEnabled(not running)
        if running:
            self.bar.setRange(0, 0)
            self.step.set_full_text("Starting…")

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Say how far it is, in words too."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.step.set_full_text(f"{text} · {done} of {total}")
