"""The curve card: the run that goes on, or the one that was chosen, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.library import esr_text
from vastudio.app.runs import RunRecord
from vastudio.training.events import (
    Event,
    Failed,
    Finished,
    Floor,
    Paused,
    Progress,
    Restarted,
    Resumed,
    Started,
    Unpaused,
    Validated,
)
from vastudio.ui.train.happenings import ending, happening
from vastudio.ui.train.legend import Legend
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.run_plot import OtherRun, RunPlot
from vastudio.ui.widgets.text import ElidedLabel, label


class CurveCard(Card):
    """Signals
    -------
    pause_requested(), proceed_requested(), stop_requested():
        Let the run rest or go on; stop it and keep the best model.
    resume_requested(object), continue_requested(object, float):
        Go on with the interrupted run in this folder; train a finished one for so many minutes more.
    play_requested(object), compare_requested(object):
        Play or compare this model file.
    """

    pause_requested = Signal()
    proceed_requested = Signal()
    stop_requested = Signal()
    resume_requested = Signal(object)
    continue_requested = Signal(object, float)
    play_requested = Signal(object)
    compare_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Error-to-signal ratio", parent)
        self.model: Path | None = None
        self.folder: Path | None = None
        self.curve = RunPlot()
        self.drawing = QWidget()
        self.pause = QPushButton("Pause")
        self.pause.setToolTip("Stand still; the computer is free meanwhile")
        self.stop = QPushButton("Stop and keep best")
        self.stop.setToolTip("End the run; its best model is kept")
        self.resume = QPushButton("Resume")
        self.resume.setToolTip("Go on where the run was interrupted")
        self.play = QPushButton("Play it")
        self.play.setToolTip("Open the model of this run on the Play page")
        self.compare = QPushButton("Compare it")
        self.compare.setToolTip("Open the model of this run on the Compare page")
        self.more = QPushButton("Continue for")
        self.minutes = QDoubleSpinBox(minimum=0.1, maximum=24 * 60, value=5.0, decimals=1, suffix=" min")
        self.notice = Notice()
        self.happened = ElidedLabel("", "quiet")
        self.result = label("", "quiet", wrap=True)
        self.legend = Legend()
        self._stack = QStackedWidget()
        self._is_paused = False
        self._kept_at = self._now = 0.0
        self._arrange()
        self._connect()
        self.show_idle()

    def _arrange(self) -> None:
        for button in (self.stop, self.play, self.resume):
            button.setProperty("kind", "primary")
        for button in (self.pause, self.compare, self.play, self.resume, self.stop):
            self.header.addWidget(button)
        self.more.setToolTip("Train this run longer; its best model is kept if it gets no better")
        self.minutes.setAccessibleName("Minutes to continue for")
        self.minutes.setToolTip("How much longer the run trains")
        empty = label(
            "Choose a dataset, then start training.\nThe error appears here while it falls.", "quiet"
        )
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(empty)
        self._stack.addWidget(self.curve)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.result, 1)
        foot.addWidget(self.more)
        foot.addWidget(self.minutes)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.happened)
        drawing = QVBoxLayout(self.drawing)
        drawing.setContentsMargins(0, 0, 0, 0)
        drawing.setSpacing(self.body.spacing())
        drawing.addWidget(self._stack, 1)
        drawing.addWidget(self.legend)
        self.body.addWidget(self.drawing, 1)
        self.body.addLayout(foot)

    def _connect(self) -> None:
        self.pause.clicked.connect(self._pause)
        self.stop.clicked.connect(self._stop)
        self.resume.clicked.connect(lambda: self.resume_requested.emit(self.folder))
        self.more.clicked.connect(lambda: self.continue_requested.emit(self.folder, self.minutes.value()))
        self.play.clicked.connect(lambda: self.play_requested.emit(self.model))
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self.model))

    # --- what is shown --------------------------------------------------------------------------------

    def show_idle(self) -> None:
        """No run."""
        self.legend.hide()
        self._offer()

    def begin(self, *, keep_notice: bool = False) -> None:
        """A run is being started. `keep_notice`: nobody has seen yet how the one before ended."""
        self._reset("starting: reading the dataset", keep_notice=keep_notice)
        self._offer(running=True)

    def show_run(self, run: RunRecord) -> None:
        """Show a run that ended earlier, or was interrupted."""
        self._reset("")
        self._replay(run.events)
        if run.interrupted:
            self.curve.plan(0.0)
            self.set_note(f"interrupted after {numbers.duration(self._now)}")
            self._say("It was interrupted. Resume it to go on from its last checkpoint.")
        self._offer(
            model=run.model,
            resumable=run.folder if run.interrupted else None,
            extensible=run.folder if run.resumable and not run.interrupted else None,
        )

    def replay(self, run: RunRecord) -> None:
        """The run goes on: show what it did so far, then wait for its events."""
        self.begin()
        self._replay(run.events)
        self._say("")
        self.set_note("starting: reading its checkpoint")

    def compare_with(self, runs: Sequence[OtherRun]) -> None:
        """Draw the curves of other runs behind this one."""
        self.curve.show_others(runs)
        self.legend.show_others(runs)
        self.legend.setVisible(bool(runs) or bool(self.curve.train_points))
        if runs:
            self._stack.setCurrentWidget(self.curve)

    def take(self, event: Event) -> None:
        """Show what a run says, live or from its file."""
        match event:
            case Started():
                self.curve.clear()
                self.curve.plan(event.seconds_planned)
                self.set_note(f"{event.parameters:,} parameters".replace(",", "\u202f"))
            case Resumed():
                self._now = self._kept_at = event.seconds
                self.curve.go_back(event.seconds)
                self.curve.plan(event.seconds_planned)
            case Floor():
                self.curve.set_floor(event.esr)
                self.legend.show_floor(event.esr)
            case Progress():
                self._take_progress(event)
            case Validated():
                self._take_validation(event)
            case Paused() | Unpaused():
                self._kept_at = event.seconds
                self._show_paused(isinstance(event, Paused))
            case Restarted():
                self._kept_at = self._now
            case Finished():
                self.curve.plan(0.0)
                how = "stopped" if event.reason == "stopped" else "finished"
                self.set_note(f"{how} after {numbers.duration(event.seconds)}")
                self._say("")
        if text := happening(event):
            self._say(text)

    def finish(self, event: Finished, folder: Path | None) -> None:
        """The run has ended with a model."""
        self._offer(model=Path(event.model) if event.model else None, extensible=folder)

    def fail(self, event: Failed) -> None:
        """The run has ended without a model; one with a checkpoint can be resumed."""
        self._offer(resumable=Path(event.folder) if event.folder else None)
        self.curve.plan(0.0)
        self._say("")
        self.set_note(
            f"ended after {numbers.duration(self._now)}" if event.folder else "ended without a model"
        )
        message, hint = ending(event, self._now - self._kept_at)
        self.notice.say(message, hint, severity="error")

    # --- parts ----------------------------------------------------------------------------------------

    def _reset(self, note: str, *, keep_notice: bool = False) -> None:
        if not keep_notice:
            self.notice.clear()
        self.result.clear()
        self._say("")
        self.curve.clear()
        self.legend.show_floor(None)
        self.legend.show()
        self._stack.setCurrentWidget(self.curve)
        self.set_note(note)
        self.stop.setText("Stop and keep best")
        self._kept_at = self._now = 0.0
        self._show_paused(False)

    def _replay(self, events: Sequence[Event]) -> None:
        """Take the events of a run at once. Of thousands of points only the last has its text set."""
        last = {type(event): event for event in events}
        with self.curve.drawn_once():
            for event in events:
                if isinstance(event, Progress) and event is not last[Progress]:
                    self._add_progress(event)
                elif isinstance(event, Validated) and not event.is_best:
                    self._add_validation(event)
                else:
                    self.take(event)

    def _add_progress(self, event: Progress) -> None:
        self._now = event.seconds
        self.curve.add_training(event.seconds, event.train_esr)

    def _add_validation(self, event: Validated) -> None:
        self._now = self._kept_at = event.seconds
        self.curve.add_validation(event.seconds, event.esr)

    def _take_progress(self, event: Progress) -> None:
        self._add_progress(event)
        left = f" · about {numbers.duration(event.seconds_left)} left" if event.seconds_left > 0 else ""
        self.set_note(f"epoch {event.epoch} · {numbers.duration(event.seconds)}{left}")

    def _take_validation(self, event: Validated) -> None:
        self._add_validation(event)
        if event.is_best:
            self.result.setText(_best(event))

    def _say(self, text: str) -> None:
        self.happened.set_full_text(text)
        self.happened.setVisible(bool(text))

    def _offer(
        self,
        *,
        running: bool = False,
        model: Path | None = None,
        resumable: Path | None = None,
        extensible: Path | None = None,
    ) -> None:
        self.model, self.folder = model, resumable or extensible
        for widget, offered in (
            (self.pause, running),
            (self.stop, running),
            (self.resume, resumable is not None),
            (self.more, extensible is not None),
            (self.minutes, extensible is not None),
            (self.play, model is not None),
            (self.compare, model is not None),
        ):
            widget.setVisible(offered)
            widget.setEnabled(offered)

    def _show_paused(self, paused: bool) -> None:
        self._is_paused = paused
        self.pause.setText("Continue" if paused else "Pause")
        self.pause.setEnabled(True)

    def _pause(self) -> None:
        self.pause.setEnabled(False)
        if self._is_paused:
            self.proceed_requested.emit()
        else:
            self.pause.setText("Pausing…")
            self.pause_requested.emit()

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.pause.setEnabled(False)
        self.stop.setText("Stopping…")
        self.stop_requested.emit()


def _best(event: Validated) -> str:
    return (
        f"Best: {esr_text(event.esr)} over all held-out captures, "
        f"{esr_text(event.median_esr)} median, {esr_text(event.worst_esr)} at worst."
    )
