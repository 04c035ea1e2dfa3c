"""The curve card: the run that goes on, or the one that was chosen, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from vastudio.app.library import esr_text
from vastudio.training.events import Event, Finished, Progress, Started, Validated
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label
from vastudio.ui.widgets.training_curve import TrainingCurve


class CurveCard(Card):
    """Signals
    -------
    stop_requested():
        Stop, and keep the best model.
    play_requested(object), compare_requested(object):
        Play or compare this model file.
    """

    stop_requested = Signal()
    play_requested = Signal(object)
    compare_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Error-to-signal ratio", parent)
        self.model: Path | None = None
        self.curve = TrainingCurve()
        self.stop = QPushButton("Stop and keep best")
        self.play = QPushButton("Play it")
        self.compare = QPushButton("Compare it")
        self.notice = Notice()
        self.result = label("", "quiet", wrap=True)
        self._stack = QStackedWidget()
        self._arrange()
        self.stop.clicked.connect(self._stop)
        self.play.clicked.connect(lambda: self.play_requested.emit(self.model))
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self.model))
        self.show_idle()

    def _arrange(self) -> None:
        for button in (self.stop, self.play):
            button.setProperty("kind", "primary")
        for button in (self.play, self.compare, self.stop):
            self.header.addWidget(button)
        empty = label(
            "Choose a dataset, then start training.\nThe error appears here while it falls.", "quiet"
        )
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(empty)
        self._stack.addWidget(self.curve)
        legend = QHBoxLayout()
        legend.addWidget(self.result, 1)
        legend.addWidget(label("● training", "note", "clean"))
        legend.addWidget(label("● validation", "note", "model"))
        legend.addWidget(label("┄ goal 0.01", "note", "good"))
        self.body.addWidget(self.notice)
        self.body.addWidget(self._stack, 1)
        self.body.addLayout(legend)

    def show_idle(self) -> None:
        """No run."""
        self._offer(None, running=False)

    def begin(self) -> None:
        """A run is being started."""
        self.notice.clear()
        self.result.setText("")
        self.curve.clear()
        self._stack.setCurrentWidget(self.curve)
        self.set_note("starting: reading the dataset")
        self.stop.setText("Stop and keep best")
        self._offer(None, running=True)

    def take(self, event: Event) -> None:
        """Show what a run says, live or from its file."""
        if isinstance(event, Started):
            self.curve.clear(event.seconds_planned)
            self.set_note(f"{event.parameters:,} parameters".replace(",", " "))
        elif isinstance(event, Progress):
            self.curve.add_training(event.seconds, event.train_esr)
            left = f" · about {numbers.duration(event.seconds_left)} left" if event.seconds_left > 0 else ""
            self.set_note(f"epoch {event.epoch} · {numbers.duration(event.seconds)}{left}")
        elif isinstance(event, Validated):
            self.curve.add_validation(event.seconds, event.esr)
            if event.is_best:
                self.result.setText(_best(event))
        elif isinstance(event, Finished):
            self.curve.end()
            how = "stopped" if event.reason == "stopped" else "finished"
            self.set_note(f"{how} after {numbers.duration(event.seconds)}")

    def finish(self, model: Path | None) -> None:
        """The run has ended; `model` is what it kept."""
        self._offer(model, running=False)

    def show_run(self, events: Sequence[Event], model: Path | None) -> None:
        """Show a run that ended earlier."""
        self.begin()
        self.set_note("")
        for event in events:
            self.take(event)
        self.finish(model)

    def _offer(self, model: Path | None, *, running: bool) -> None:
        self.model = model
        self.stop.setVisible(running)
        self.stop.setEnabled(running)
        self.play.setVisible(model is not None)
        self.compare.setVisible(model is not None)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.stop.setText("Stopping…")
        self.stop_requested.emit()


def _best(event: Validated) -> str:
    return (
        f"Best: {esr_text(event.esr)} over all held-out captures, "
        f"{esr_text(event.median_esr)} median, {esr_text(event.worst_esr)} at worst."
    )
