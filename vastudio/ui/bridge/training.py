"""Training runs as signals: one run that was started by hand, or those of a queue one after the other.

Activities: a run is a process of its own (`app.jobs`); a timer in the window's thread takes its events and
never waits. A thread of its own starts processes and keeps the queue's file (`ui.bridge.queue_thread`): both
wait for the system. The pool waits for a process to end after its last event.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from vastudio.app.jobs import ResumeRequest, TrainingJob, TrainingRequest
from vastudio.app.queue import QueueEntry
from vastudio.training.events import Event, Failed
from vastudio.ui.bridge.queue_thread import QueueNews, QueueThread

_POLL_MILLISECONDS = 100

Request: TypeAlias = TrainingRequest | ResumeRequest


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
        self._is_starting = self._wants_stop = False
        self._thread = QueueThread(pool, self)
        self._thread.told.connect(self._take_news)
        self._thread.started.connect(self._take_start)
        self._news = QueueNews()
        self._promised: list[Path] = []
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
        return self._own or self._news.job

    # --- one run --------------------------------------------------------------------------------------

    def start(self, request: Request) -> None:
        """Start a run, or go on with one; the one before must have ended. `begun`, then its events follow."""
        self._own = TrainingJob(replace(request, leave_core_free=self._leave_core_free))
        self._is_starting, self._wants_stop = True, False
        self.begun.emit(False)
        self._thread.start(self._own)
        self._announce()

    def _take_start(self, problem: str) -> None:
        """The process of the run has started, or cannot be."""
        self._is_starting = False
        if self._own is None:
            return
        if problem:
            self._own = None
            self.told.emit(Failed("Training cannot start.", problem))
            self._announce()
            return
        if self._own.request.leave_core_free != self._leave_core_free:
            self._own.leave_core_free(self._leave_core_free)
        if self._wants_stop:
            self._own.stop()
        self._timer.start()

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
        self._wants_stop = True
        if self._job is not None:
            self._job.stop()

    def leave_core_free(self, leave: bool) -> None:
        """Have this run, and those after it, leave one core to sound and window, or use all of them."""
        if leave == self._leave_core_free:
            return
        self._leave_core_free = leave
        if self._own is not None:
            self._own.leave_core_free(leave)
        self._thread.use_core(leave)

    def close(self) -> None:
        """End the run now, keeping its best model; one of the queue waits again. Blocks until it is kept."""
        self._timer.stop()
        self._works_off = False
        self._thread.wait()
        if self._own is not None:
            self._own.close()
            self._own = None
        self._news = self._thread.close()

    # --- the queue ------------------------------------------------------------------------------------

    @property
    def entries(self) -> tuple[QueueEntry, ...]:
        """What is in the queue, in its order."""
        return self._news.entries

    @property
    def promised(self) -> frozenset[Path]:
        """The model files that runs of the queue are going to write."""
        return frozenset((*self._promised, *(entry.out for entry in self.entries)))

    @property
    def works_off(self) -> bool:
        """Whether waiting entries are started one after the other."""
        return self._works_off

    def open_queue(self) -> None:
        """Read the queue that was left behind. Nothing is started."""
        self._thread.do(lambda _queue: None)

    def add(self, request: TrainingRequest) -> None:
        """Append a run to the queue, and work it off."""
        self._promised.append(request.out.resolve())
        self._thread.do(lambda queue: queue.add(request.dataset, request.out, request.config, request.label))
        self.work_off()

    def remove(self, entry_id: int) -> None:
        """Take an entry out; the one that runs stays."""
        self._thread.do(lambda queue: queue.remove(entry_id))

    def retry(self, entry_id: int) -> None:
        """Let an entry that failed wait again, and work the queue off."""
        self._thread.do(lambda queue: queue.retry(entry_id))
        self.work_off()

    def work_off(self) -> None:
        """Start what waits, one after the other, once no other run goes on."""
        self._works_off = True
        self._timer.start()
        self.queue_changed.emit()

    # --- events ---------------------------------------------------------------------------------------

    def _poll(self) -> None:
        if self._own is not None:
            if not self._is_starting:
                self._follow(self._own)
        elif self._works_off:
            self._thread.poll()
        else:
            self._timer.stop()

    def _follow(self, job: TrainingJob) -> None:
        events = job.poll()
        self._last_folder = job.run_folder
        if not job.running:
            self._own = None
            self._pool.start(job.close)
        self._tell(events)
        self._announce()

    def _take_news(self, news: QueueNews) -> None:
        """What became of the queue."""
        before, self._news = self._news, news
        if news.error is not None:
            self._works_off = False
            self.problem.emit(news.error)
        elif news.idle and news.is_latest:
            self._works_off = False
        if news.is_latest:
            self._promised.clear()
        if news.folder is not None:
            self._last_folder = news.folder
        if news.job is not None and news.job is not before.job:
            self.begun.emit(True)
        self._tell(list(news.events))
        self._announce()
        if news.entries != before.entries or news.idle != before.idle or news.error is not None:
            self.queue_changed.emit()

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            self.told.emit(event)

    def _announce(self) -> None:
        if self.is_running != self._was_running:
            self._was_running = self.is_running
            self.running_changed.emit(self._was_running)
