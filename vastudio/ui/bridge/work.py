"""Work that would block the window, done in a thread pool.

Activities: the window's thread submits and receives; pool threads run the work and never touch a widget.
Of every `Latest` at most one job runs and at most one waits: a newer request replaces the one that
waits, and the result of a job that was overtaken is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from vastudio.errors import StudioError

CLOSE_MILLISECONDS = 30_000


@dataclass(frozen=True)
class _Outcome:
    number: int
    result: Any = None
    error: StudioError | None = None


class _Job(QRunnable):
    """One piece of work; says how it ended through `tell`."""

    def __init__(self, number: int, work: Callable[[], Any], tell: Callable[[_Outcome], None]) -> None:
        super().__init__()
        self._number, self._work, self._tell = number, work, tell

    def run(self) -> None:
        """Pool thread."""
        try:
            outcome = _Outcome(self._number, result=self._work())
        except StudioError as error:
            outcome = _Outcome(self._number, error=error)
        except Exception as error:  # noqa: BLE001  a defect in a worker must reach the window, not vanish
            reason = f"{type(error).__name__}: {error}"
            outcome = _Outcome(
                self._number,
                error=StudioError("Something went wrong inside the studio.", "Try again.", reason),
            )
        self._tell(outcome)


class Latest(QObject):
    """Runs work in the pool and delivers the newest result only.

    Signals
    -------
    done(object):
        The result of the newest work.
    failed(object):
        The StudioError it ended with.
    busy_changed(bool):
        Whether there is work to wait for.
    """

    done = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)
    _told = Signal(object)

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._number = 0
        self._running = False
        self._waiting: Callable[[], Any] | None = None
        self._told.connect(self._receive, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Whether a job runs or waits."""
        return self._running

    def submit(self, work: Callable[[], Any]) -> None:
        """Run `work` in the pool as soon as the job that runs now has ended."""
        self._number += 1
        if self._running:
            self._waiting = work
            return
        self._start(work)

    def forget(self) -> None:
        """Let what runs end unheard, and drop what waits."""
        self._number += 1
        self._waiting = None

    def _start(self, work: Callable[[], Any]) -> None:
        self._running = True
        self.busy_changed.emit(True)
        self._pool.start(_Job(self._number, work, self._told.emit))

    def _receive(self, outcome: _Outcome) -> None:
        """Window's thread: deliver, or go on with what came in the meantime."""
        self._running = False
        if self._waiting is not None:
            work, self._waiting = self._waiting, None
            self._start(work)
            return
        self.busy_changed.emit(False)
        if outcome.number != self._number:
            return
        if outcome.error is not None:
            self.failed.emit(outcome.error)
        else:
            self.done.emit(outcome.result)
