"""A long task that says how far it is and can be cancelled.

Activities: the task runs in the pool and calls `report` from there; the call raises once the person has
cancelled, which ends the task at that point. Signals arrive in the window's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from PySide6.QtCore import QObject, QThreadPool, Signal

from vastudio.ui.bridge.work import Latest

Report: TypeAlias = Callable[[int, int, str], None]
"""Called with (done, total, what is at hand); total 0 where it is not known."""


class _CancelledError(Exception):
    """Raised inside the task by `report`."""


_CANCELLED = object()


class LongTask(QObject):
    """One task at a time.

    Signals
    -------
    progressed(int, int, str):
        Done, total and what is at hand.
    done(object), failed(object), cancelled():
        How the task ended: its result, a StudioError, or nothing.
    running_changed(bool):
        Whether a task runs.
    """

    progressed = Signal(int, int, str)
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    running_changed = Signal(bool)

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wants_cancel = False
        self._work = Latest(pool, self)
        self._work.done.connect(self._finish)
        self._work.failed.connect(self.failed)
        self._work.busy_changed.connect(self.running_changed)

    @property
    def is_running(self) -> bool:
        """Whether a task runs."""
        return self._work.is_busy

    def run(self, task: Callable[[Report], Any]) -> None:
        """Start `task` in the pool."""
        self._wants_cancel = False
        self._work.submit(lambda: self._guarded(task))

    def cancel(self) -> None:
        """End the task at its next report."""
        self._wants_cancel = True

    def _guarded(self, task: Callable[[Report], Any]) -> Any:
        try:
            return task(self._report)
        except _CancelledError:
            return _CANCELLED

    def _report(self, done: int, total: int, text: str) -> None:
        if self._wants_cancel:
            raise _CancelledError
        self.progressed.emit(done, total, text)

    def _finish(self, result: object) -> None:
        if result is _CANCELLED:
            self.cancelled.emit()
        else:
            self.done.emit(result)
