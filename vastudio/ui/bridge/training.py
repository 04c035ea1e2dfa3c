"""Training runs as signals: one run that was started by hand, or those of a queue one after the other.

Activities: a run is a process of its own (`app.jobs`); a timer in the window's thread takes its events from
a queue and never waits. The pool waits for a process to end after its last event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from vastudio import paths
from vastudio.app.jobs import GRACE_SECONDS, ResumeRequest, TrainingJob, TrainingRequest
from vastudio.app.queue import QueueEntry, TrainingQueue
from vastudio.errors import StudioError
from vastudio.training.events import Event, Failed

_POLL_MILLISECONDS = 100
_QUEUE_FILE = "queue.json"

Request: TypeAlias = TrainingRequest | ResumeRequest


class _QueuedJob(TrainingJob):
    """A run of the queue. The queue closes a run that has ended: the pool waits for that, not the window."""

    def __init__(self, request: Request, pool: QThreadPool) -> None:
        super().__init__(request)
        self._pool = pool

    def close(self, seconds: float = GRACE_SECONDS) -> None:
        if self.running:
            super().close(seconds)
        else:
            self._pool.start(super().close)


class TrainingBridge(QObject):
    """At most one run at a time.

    Signals
    -------
    told(object):
        An event of the run, as `training.events` defines them. `Finished` or `Failed` is the last one.
    running_changed(bool):
        Whether there is a run.
    begun(bool):
        A run is being started, and its events follow; whether it comes from the queue.
    queue_changed():
        The entries of the queue, or their states, are others now.
    problem(object):
        A StudioError of the queue's file.
    """

    told = Signal(object)
    running_changed = Signal(bool)
    begun = Signal(bool)
    queue_changed = Signal()
    problem = Signal(object)

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._own: TrainingJob | None = None
        self._queue: TrainingQueue | None = None
        self._works_off = False
        self._leave_core_free = False
        self._was_running = False
        self._last_folder: Path | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_running(self) -> bool:
        """Whether a run goes on."""
        return self._job is not None

    @property
    def is_paused(self) -> bool:
        """Whether there is a run, and it rests."""
        return self._job is not None and self._job.paused

    @property
    def run_folder(self) -> Path | None:
        """The folder of the run that goes on, once it is known."""
        return self._job.run_folder if self._job is not None else None

    @property
    def last_folder(self) -> Path | None:
        """The folder of the run that goes on, or of the latest one."""
        return self.run_folder or self._last_folder

    @property
    def _job(self) -> TrainingJob | None:
        if self._own is not None:
            return self._own
        job = self._queue.job if self._queue is not None else None
        return job if isinstance(job, TrainingJob) else None

    # --- one run --------------------------------------------------------------------------------------

    def start(self, request: Request) -> bool:
        """Start a run, or go on with one; the one before must have ended. Returns whether it started."""
        job = TrainingJob(replace(request, leave_core_free=self._leave_core_free))
        self.begun.emit(False)
        try:
            job.start()
        except OSError as error:
            self.told.emit(Failed("Training cannot start.", str(error)))
            return False
        self._own = job
        self._timer.start()
        self._announce()
        return True

    def pause(self) -> None:
        """Ask the run to rest; `Paused` follows."""
        if self._job is not None:
            self._job.pause()

    def proceed(self) -> None:
        """Ask a run that rests to go on; `Unpaused` follows."""
        if self._job is not None:
            self._job.proceed()

    def stop(self) -> None:
        """Ask the run to keep its best model and end; `Finished` follows."""
        if self._job is not None:
            self._job.stop()

    def leave_core_free(self, leave: bool) -> None:
        """Have this run, and those after it, leave one core to sound and window, or use all of them."""
        if leave == self._leave_core_free:
            return
        self._leave_core_free = leave
        if self._own is not None:
            self._own.leave_core_free(leave)
        if self._queue is not None:
            self._queue.use_core(leave)

    def close(self) -> None:
        """End the run now, keeping its best model; one of the queue waits again. Blocks until it is kept."""
        self._timer.stop()
        self._works_off = False
        if self._own is not None:
            self._own.close()
            self._own = None
        if self._queue is not None:
            self._queue.close()

    # --- the queue ------------------------------------------------------------------------------------

    @property
    def entries(self) -> tuple[QueueEntry, ...]:
        """What is in the queue, in its order."""
        return self._queue.entries if self._queue is not None else ()

    @property
    def works_off(self) -> bool:
        """Whether waiting entries are started one after the other."""
        return self._works_off

    def open_queue(self) -> None:
        """Read the queue that was left behind. Nothing is started."""
        self._with_queue(lambda _queue: None)

    def add(self, request: TrainingRequest) -> None:
        """Append a run to the queue, and work it off."""
        self._with_queue(lambda queue: queue.add(request.dataset, request.out, request.config, request.label))
        self.work_off()

    def remove(self, entry_id: int) -> None:
        """Take an entry out; the one that runs stays."""
        self._with_queue(lambda queue: queue.remove(entry_id))

    def retry(self, entry_id: int) -> None:
        """Let an entry that failed wait again, and work the queue off."""
        self._with_queue(lambda queue: queue.retry(entry_id))
        self.work_off()

    def work_off(self) -> None:
        """Start what waits, one after the other, once no other run goes on."""
        self._works_off = True
        self._timer.start()
        self.queue_changed.emit()

    # --- events ---------------------------------------------------------------------------------------

    def _poll(self) -> None:
        if self._own is not None:
            self._follow(self._own)
        elif self._works_off:
            self._with_queue(self._follow_queue)
        if self._own is None and not self._works_off:
            self._timer.stop()

    def _follow(self, job: TrainingJob) -> None:
        events = job.poll()
        self._last_folder = job.run_folder
        if not job.running:
            self._own = None
            self._pool.start(job.close)
        self._tell(events)
        self._announce()

    def _follow_queue(self, queue: TrainingQueue) -> None:
        if queue.idle:
            self._works_off = False
            self.queue_changed.emit()
            return
        had_run = queue.job is not None
        told = queue.poll()
        if told:
            self._last_folder = told[-1][0].run_folder
        if queue.job is not None and not had_run:
            self.begun.emit(True)
        self._tell([event for _, event in told])
        self._announce()

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            self.told.emit(event)

    def _announce(self) -> None:
        if self.is_running != self._was_running:
            self._was_running = self.is_running
            self.running_changed.emit(self._was_running)

    def _with_queue(self, act: Callable[[TrainingQueue], Any]) -> None:
        """Do something with the queue, and say what became of it."""
        before = self.entries
        try:
            act(self._opened())
        except StudioError as error:
            self._works_off = False
            self.problem.emit(error)
        if self.entries != before:
            self.queue_changed.emit()

    def _opened(self) -> TrainingQueue:
        if self._queue is None:
            self._queue = TrainingQueue(
                paths.user_data() / _QUEUE_FILE,
                leave_core_free=self._leave_core_free,
                job=lambda request: _QueuedJob(request, self._pool),
            )
        return self._queue
