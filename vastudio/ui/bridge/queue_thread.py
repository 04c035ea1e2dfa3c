"""The training queue on a thread of its own: it synchronises its file with the disk, and starts processes.

Activities: the window's thread hands over what to do and gets the outcome as a signal; one thread does it,
in order. Nothing else touches the queue, except `close` once that thread has nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

from vastudio import paths
from vastudio.app.jobs import GRACE_SECONDS, ResumeRequest, TrainingJob, TrainingRequest
from vastudio.app.queue import QueueEntry, TrainingQueue
from vastudio.errors import StudioError
from vastudio.training.events import Event

QUEUE_FILE = "queue.json"


@dataclass(frozen=True)
class QueueNews:
    """The queue after something was done.

    Attributes
    ----------
    job:
        The run that goes on.
    idle:
        Whether nothing runs and nothing waits.
    events, folder:
        What runs said, and the folder of the last of them.
    error:
        Why it was not done.
    number, is_latest:
        How many things had been done by then, and whether nothing had been handed over since.
    """

    entries: tuple[QueueEntry, ...] = ()
    job: TrainingJob | None = None
    idle: bool = True
    events: tuple[Event, ...] = ()
    folder: Path | None = None
    error: StudioError | None = None
    number: int = 0
    is_latest: bool = True


class _QueuedJob(TrainingJob):
    """A run of the queue. The queue closes a run that has ended: the pool waits for that."""

    def __init__(self, request: TrainingRequest | ResumeRequest, pool: QThreadPool) -> None:
        super().__init__(request)
        self._pool = pool

    def close(self, seconds: float = GRACE_SECONDS) -> None:
        if self.running:
            super().close(seconds)
        else:
            self._pool.start(super().close)


class QueueThread(QObject):
    """Signals
    -------
    told(object):
        `QueueNews`, after each thing that was done.
    started(str):
        A job outside the queue has started; or why it could not.
    """

    told = Signal(object)
    started = Signal(str)
    _done = Signal(object)

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._thread = QThreadPool(self)
        self._thread.setMaxThreadCount(1)
        self._queue: TrainingQueue | None = None
        self._leave_core_free = False
        self._asked = 0
        self._is_polling = self._is_closed = False
        self._done.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    # --- the window's thread --------------------------------------------------------------------------

    def do(self, act: Callable[[TrainingQueue], Any]) -> None:
        """Do something with the queue, after what was asked for before; `told` follows."""
        self._asked += 1
        number = self._asked
        self._thread.start(lambda: self._done.emit(self._news(act, number)))

    def poll(self) -> None:
        """Start what is next, collect what the run says; at once, or not at all while that goes on."""
        if not self._is_polling:
            self._is_polling = True
            self.do(TrainingQueue.poll)

    def start(self, job: TrainingJob) -> None:
        """Start a job that is not in the queue; `started` follows."""
        self._thread.start(lambda: self.started.emit(_problem(job)))

    def use_core(self, leave_free: bool) -> None:
        """Leave one core to sound and window from now on, or use it again."""
        self._leave_core_free = leave_free
        if self._asked:
            self.do(lambda queue: queue.use_core(leave_free))

    def wait(self) -> None:
        """Wait until everything that was asked for is done."""
        self._thread.waitForDone()

    def close(self) -> QueueNews:
        """End the run of the queue, keeping its best model, and say no more. Blocks."""
        self.wait()
        self._is_closed = True
        if self._queue is not None:
            self._queue.close()
        return self._news(lambda _queue: None, self._asked)

    def _tell(self, news: QueueNews) -> None:
        self._is_polling = False
        if not self._is_closed:
            self.told.emit(replace(news, is_latest=news.number == self._asked))

    # --- the other thread -----------------------------------------------------------------------------

    def _news(self, act: Callable[[TrainingQueue], Any], number: int) -> QueueNews:
        error, told = None, None
        try:
            told = act(self._opened())
        except StudioError as problem:
            error = problem
        if self._queue is None:
            return QueueNews(error=error, number=number)
        said = told if isinstance(told, list) else []
        job = self._queue.job
        return QueueNews(
            self._queue.entries,
            job if isinstance(job, TrainingJob) else None,
            self._queue.idle,
            tuple(event for _, event in said),
            said[-1][0].run_folder if said else None,
            error,
            number,
        )

    def _opened(self) -> TrainingQueue:
        if self._queue is None:
            self._queue = TrainingQueue(
                paths.user_data() / QUEUE_FILE,
                leave_core_free=self._leave_core_free,
                job=lambda request: _QueuedJob(request, self._pool),
            )
        return self._queue


def _problem(job: TrainingJob) -> str:
    """Start a job; say what was in the way, or nothing."""
    try:
        job.start()
    except OSError as error:
        return str(error) or type(error).__name__
    return ""
