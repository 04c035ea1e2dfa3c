"""The Train page: choose a dataset and a size, start, watch the error fall, play what came out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vastudio import paths
from vastudio.app.jobs import ResumeRequest, TrainingRequest
from vastudio.app.library import free_path
from vastudio.app.runs import RunRecord, best_validation, read_run, read_runs
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError
from vastudio.modelfile.store import SUFFIX
from vastudio.training.events import Event, Failed, Finished, Resumed, Started, Validated
from vastudio.ui.bridge.preset_figures import PresetFigures
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask
from vastudio.ui.bridge.training import TrainingBridge
from vastudio.ui.bridge.work import Latest
from vastudio.ui.train.curve_card import CurveCard
from vastudio.ui.train.dataset_card import DatasetCard
from vastudio.ui.train.error_picture import read_picture
from vastudio.ui.train.errors_card import ErrorsCard
from vastudio.ui.train.export import make_exportable
from vastudio.ui.train.findings_card import FindingsCard
from vastudio.ui.train.hear_card import HearCard
from vastudio.ui.train.import_dialog import ImportDialog, ImportRequest
from vastudio.ui.train.making import import_recordings, make_demo_dataset
from vastudio.ui.train.model_card import ModelCard
from vastudio.ui.train.newest import PlayNewest
from vastudio.ui.train.queue_card import QueueCard
from vastudio.ui.train.runs_card import RunsCard
from vastudio.ui.widgets import dialogs, numbers
from vastudio.ui.widgets.scroll import scrolling

_WIDE = 1200
"""From this width on there is a third column."""

_COLUMN = 300
_CURVE_HEIGHT, _ERRORS_HEIGHT = 270, 300


class TrainPage(QWidget):
    """Signals
    -------
    play_requested(object), compare_requested(object):
        Open this model file and show the Play or the Compare page.
    """

    play_requested = Signal(object)
    compare_requested = Signal(object)

    def __init__(self, session: Session, training: TrainingBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._training = session, training
        self._task = LongTask(session.pool, self)
        self._history = Latest(session.pool, self)
        self._resuming = Latest(session.pool, self)
        self._picturing = Latest(session.pool, self)
        self.dataset = DatasetCard(session, self._task)
        self.model = ModelCard()
        self.curve = CurveCard()
        self.queue = QueueCard()
        self.runs = RunsCard()
        self.errors = ErrorsCard()
        self.findings = FindingsCard()
        self.newest = PlayNewest(session, self)
        self.hear = HearCard(session, self.newest)
        self.figures = PresetFigures(self._is_quiet, self)
        self._is_wide: bool | None = None
        self._wanted_run: Path | None = None
        self._arrange()
        self._connect()
        make_exportable(self.curve, self.errors, self.hear)
        self._show_dataset()
        self._share_cores()
        training.open_queue()

    def _arrange(self) -> None:
        left = QWidget()
        self._column = _stacked(QVBoxLayout(left))
        self._column.addWidget(self.dataset)
        self._column.addWidget(self.model)
        self._column.addWidget(self.queue)
        self._column.addWidget(self.runs, 1)
        area = scrolling(left, "Dataset, model and runs")
        area.setFixedWidth(_COLUMN)
        middle = QWidget()
        self._middle = _stacked(QVBoxLayout(middle))
        self._middle.addWidget(self.curve, 1)
        self._middle.addWidget(self.hear)
        self.curve.setMinimumHeight(_CURVE_HEIGHT)
        self._side = QWidget()
        self._side.setFixedWidth(_COLUMN)
        _stacked(QVBoxLayout(self._side))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 16)
        row.setSpacing(12)
        row.addWidget(area)
        row.addWidget(scrolling(middle, "Curve, hearing and errors"), 1)
        row.addWidget(self._side)
        self._arrange_side(wide=True)

    def _arrange_side(self, *, wide: bool) -> None:
        """Errors and checks stand beside the curve where there is room, otherwise below and at the left."""
        if self._is_wide == wide:
            return
        self._is_wide = wide
        side = self._side.layout()
        assert isinstance(side, QVBoxLayout)
        if wide:
            side.addWidget(self.errors, 4)
            side.addWidget(self.findings, 1)
        else:
            self._middle.addWidget(self.errors)
            self._column.addWidget(self.findings)
        self._side.setVisible(wide)
        self.errors.set_wide(not wide)
        self.errors.setMinimumHeight(0 if wide else _ERRORS_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the arrangement for the width."""
        self._arrange_side(wide=event.size().width() >= _WIDE)
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for runs that came to be elsewhere, and at what the presets cost."""
        super().showEvent(event)
        self._look_for_runs()
        self.figures.look()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self.figures.look_away()
        super().hideEvent(event)

    def _connect(self) -> None:
        session = self._session
        session.dataset_changed.connect(self._show_dataset)
        self.dataset.open_requested.connect(self.open_dataset)
        self.dataset.import_requested.connect(self.ask_for_recordings)
        self.dataset.demo_requested.connect(self.make_demo)
        self._task.done.connect(self._take_dataset)
        self.model.start_requested.connect(self.start)
        self.model.queue_requested.connect(self.enqueue)
        self._connect_training()
        self._history.done.connect(self._show_runs)
        self._history.failed.connect(self.curve.notice.show_error)
        self._resuming.done.connect(self._resume)
        self._picturing.done.connect(self.errors.show_picture)
        self._picturing.failed.connect(lambda error: self.errors.say(f"{error.message} {error.hint}"))
        self.runs.chosen.connect(self._show_run)
        self.runs.compared.connect(self.curve.compare_with)
        self.model.measure_requested.connect(lambda: self.figures.measure(again=True))
        self.figures.changed.connect(self._show_figures)
        session.playing_changed.connect(self._share_cores)
        session.audio_changed.connect(self._share_cores)
        self.curve.play_requested.connect(self.play_requested)
        self.curve.compare_requested.connect(self.compare_requested)

    def _connect_training(self) -> None:
        training = self._training
        training.begun.connect(self._begin)
        training.told.connect(self._take)
        training.running_changed.connect(self._show_running)
        self.curve.pause_requested.connect(training.pause)
        self.curve.proceed_requested.connect(training.proceed)
        self.curve.stop_requested.connect(training.stop)
        self.curve.resume_requested.connect(self.resume)
        self.curve.continue_requested.connect(self.resume)
        training.queue_changed.connect(self._show_queue)
        training.problem.connect(self.model.notice.show_error)
        self.queue.remove_requested.connect(training.remove)
        self.queue.retry_requested.connect(training.retry)
        self.queue.work_off_requested.connect(training.work_off)

    # --- dataset --------------------------------------------------------------------------------------

    def open_dataset(self) -> None:
        """Ask for a dataset folder."""
        dialogs.ask_for_folder(self, "Open a dataset folder", self._session.open_dataset)

    def ask_for_recordings(self) -> None:
        """Open the import dialog."""
        dialog = ImportDialog(self)
        dialog.import_requested.connect(self.import_recordings)
        dialog.open()

    def import_recordings(self, request: ImportRequest) -> None:
        """Import in the background; the new dataset is opened when it is there."""
        self._task.run(partial(import_recordings, request))

    def make_demo(self) -> None:
        """Capture the virtual amp in the background; the dataset is opened when it is there."""
        self._task.run(make_demo_dataset)

    def cancel_task(self) -> None:
        """End an import, a demo capture or a measurement that goes on; load no more models."""
        self._task.cancel()
        self.figures.close()
        self.hear.hearing.close()

    def _take_dataset(self, dataset: Dataset) -> None:
        self._session.open_dataset(dataset.path)
        self._session.library_changed.emit()

    def _show_dataset(self) -> None:
        dataset = self._session.studio.dataset
        self.findings.show_dataset(dataset)
        self.model.show_positions(None if dataset is None else _positions(dataset))
        self._update_start()

    def _show_figures(self) -> None:
        self.model.show_costs(self.figures.costs, measuring=self.figures.is_measuring)

    def _is_quiet(self) -> bool:
        """Whether nothing is trained, and nothing comes out of a device that measuring could disturb."""
        player = self._session.studio.player
        return not self._training.is_running and (player.is_silent or not player.playing)

    def _update_start(self) -> None:
        has_dataset = self._session.studio.dataset is not None
        if not has_dataset:
            reason = "Choose a dataset first"
        elif self._training.is_running:
            reason = "A run is going on: add this one to the queue"
        else:
            reason = "Train in the background; you can go on playing"
        can_start = has_dataset and not self._training.is_running
        self.model.set_available(can_start, reason, can_queue=has_dataset)

    # --- training -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start a run with what is set on the cards."""
        dataset = self._session.studio.dataset
        if dataset is None or self._training.is_running:
            return
        self._training.start(self._request(dataset))

    def enqueue(self) -> None:
        """Add a run with what is set on the cards to the queue, which starts it when its turn comes."""
        dataset = self._session.studio.dataset
        if dataset is not None:
            self._training.add(self._request(dataset))

    def _request(self, dataset: Dataset) -> TrainingRequest:
        config = self.model.config
        out = self._free_model(f"{dataset.name} {config.label}")
        return TrainingRequest(dataset.path, out, config)

    def _free_model(self, stem: str) -> Path:
        """A model file that does not exist yet, and that nothing in the queue is going to write."""
        promised = self._training.promised
        path, number = free_path(paths.user_models(), stem, SUFFIX), 2
        while path.resolve() in promised:
            path = free_path(paths.user_models(), f"{stem} {number}", SUFFIX)
            number += 1
        return path

    def _show_queue(self) -> None:
        self.queue.show_entries(self._training.entries, works_off=self._training.works_off)

    def resume(self, folder: Path, minutes: float | None = None) -> None:
        """Go on with an interrupted run; with `minutes`, train one that long beyond its end."""
        self._resuming.submit(lambda: (read_run(folder), minutes))

    def _resume(self, found: tuple[RunRecord | None, float | None]) -> None:
        run, minutes = found
        if run is None or self._training.is_running:
            return
        self._training.start(ResumeRequest(run.folder, self._model_of(run), minutes))
        best = best_validation(run)
        self.curve.replay(run)
        self._picture(run.folder, best)
        if best is not None:
            self.newest.improve(run.folder, _state(best))

    def _model_of(self, run: RunRecord) -> Path:
        """Where the model of a run goes that goes on: over the one it wrote, or into a new file."""
        if run.model is not None and run.model.parent != run.folder:
            return run.model
        return self._free_model(f"{run.dataset} {run.title}")

    def _show_running(self, running: bool) -> None:
        self._update_start()
        self._look_for_runs()
        if running:
            self.figures.interrupt()
        elif self.isVisible():
            self.figures.look()

    def _picture(self, folder: Path | None, event: Validated | None) -> None:
        """Show the error over the knobs of a run, as soon as a worker has read its dataset."""
        if folder is None or event is None:
            self._picturing.forget()
            self.errors.show_picture(None)
        else:
            self._picturing.submit(partial(read_picture, folder, event))

    def _begin(self, is_queued: bool) -> None:
        self._picture(None, None)
        self.newest.begin()
        self.curve.begin(keep_notice=is_queued)
        self.runs.deselect()

    def _take(self, event: Event) -> None:
        self.curve.take(event)
        if isinstance(event, Started | Resumed):
            self._look_for_runs()
        elif isinstance(event, Validated) and event.is_best:
            self._picture(self._training.last_folder, event)
            self.newest.improve(self._training.last_folder, _state(event))
        elif isinstance(event, Finished):
            self.curve.finish(event, self._training.last_folder)
            self._session.library_changed.emit()
            if event.model:
                self.newest.offer(Path(event.model), "the finished model")
        elif isinstance(event, Failed):
            self.curve.fail(event)

    def _share_cores(self) -> None:
        """While sound comes out of a device, training leaves one core to it."""
        player = self._session.studio.player
        sounds = player.playing and not player.is_silent
        self._training.leave_core_free(sounds)
        if sounds:
            self.figures.interrupt()

    def _look_for_runs(self) -> None:
        self._history.submit(read_runs)

    def choose_run(self, folder: Path) -> None:
        """Choose the run in a folder and show it, as soon as the runs are read."""
        self._wanted_run = folder
        self._look_for_runs()

    def _show_runs(self, runs: Sequence[RunRecord]) -> None:
        self.runs.show_runs(runs, self._training.run_folder)
        if self._wanted_run is not None:
            self.runs.choose(self._wanted_run)
            self._wanted_run = None

    def _show_run(self, run: RunRecord) -> None:
        if not self._training.is_running:
            best = best_validation(run)
            self.curve.show_run(run)
            self._picture(run.folder, best)
            self.newest.begin()
            if run.model is not None and best is not None:
                self.newest.offer(run.model, _state(best))


def _stacked(column: QVBoxLayout) -> QVBoxLayout:
    """A column of cards."""
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    return column


def _positions(dataset: Dataset) -> int | None:
    """Knob positions to learn from."""
    try:
        return len(dataset.captures("train"))
    except DatasetError:
        return None


def _state(event: Validated) -> str:
    """Which state of a run that is."""
    updates = f"{event.update:,}".replace(",", "\u202f")
    return f"update {updates} · {numbers.duration(event.seconds)}"
