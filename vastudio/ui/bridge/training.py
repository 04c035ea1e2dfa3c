"""A training run as signals.

Activities: training runs in a process of its own (`app.jobs`); a timer in the window's thread takes its
events from a queue and never waits. The pool waits for the process to end after its last event.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from vastudio.app.jobs import TrainingJob, TrainingRequest
from vastudio.errors import StudioError, TrainingError
from vastudio.training.events import Failed, Finished, Progress, Started, Validated

_POLL_MILLISECONDS = 100


class TrainingBridge(QObject):
    """At most one run at a time.

    Signals
    -------
    started(object), progressed(object), validated(object):
        The events of the run, as `training.events` defines them.
    finished(object):
        The run ended with a model: `Finished`.
    failed(object):
        The run ended without one: a StudioError.
    running_changed(bool):
        Whether there is a run.
    """

    started = Signal(object)
    progressed = Signal(object)
    validated = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    running_changed = Signal(bool)

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._job: TrainingJob | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_running(self) -> bool:
        """Whether a run goes on."""
        return self._job is not None

    def start(self, request: TrainingRequest) -> None:
        """Start a run; the one before must have ended."""
        job = TrainingJob(request)
        try:
            job.start()
        except (OSError, StudioError) as error:
            self.failed.emit(
                error
                if isinstance(error, StudioError)
                else TrainingError("Training cannot start.", str(error))
            )
            return
        self._job = job
        self._timer.start()
        self.running_changed.emit(True)

    def stop(self) -> None:
        """Ask the run to keep its best model and end; `finished` follows."""
        if self._job is not None:
            self._job.stop()

    def close(self) -> Path | None:
        """End the run now, keeping its best model; returns it. Blocks until it is written."""
        job = self._job
        if job is None:
            return None
        self._timer.stop()
        job.close()
        self._job = None
        return job.model_path

    def _poll(self) -> None:
        job = self._job
        if job is None:
            return
        for event in job.poll():
            self._tell(event)
        if not job.running:
            self._timer.stop()
            self._job = None
            self._pool.start(job.close)
            self.running_changed.emit(False)

    def _tell(self, event: object) -> None:
        if isinstance(event, Started):
            self.started.emit(event)
        elif isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, Validated):
            self.validated.emit(event)
        elif isinstance(event, Finished):
            self.finished.emit(event)
        elif isinstance(event, Failed):
            self.failed.emit(TrainingError(event.message, event.hint))
