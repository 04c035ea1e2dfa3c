"""A measurement of the engine's speed as signals.

Activities: it runs in a process of its own (`vastudio bench engine`), so that neither window nor sound
waits for it, and neither distorts it; Qt tells this thread when that process has said something or ended.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal

from vastudio.app.bench import progress
from vastudio.errors import StudioError

_END_MILLISECONDS = 5_000


class Measurement(QObject):
    """At most one at a time.

    Signals
    -------
    progressed(int, int, str):
        Steps done, steps in all, and what is at hand.
    done(object):
        The report, as `vastudio bench engine --json` prints it.
    failed(object), cancelled():
        It ended without one: a StudioError, or nothing.
    running_changed(bool):
        Whether one runs.
    """

    progressed = Signal(int, int, str)
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    running_changed = Signal(bool)

    command = (sys.executable, "-m", "vastudio", "bench", "engine", "--json")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._said: list[str] = []
        self._is_cancelled = False
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.close)

    @property
    def is_running(self) -> bool:
        """Whether a measurement goes on."""
        return self._process is not None

    def start(self) -> None:
        """Start one, unless one runs."""
        if self._process is not None:
            return
        process = self._process = QProcess(self)
        self._said, self._is_cancelled = [], False
        process.readyReadStandardError.connect(self._read)
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._fail_to_start)
        self.running_changed.emit(True)
        process.start(self.command[0], list(self.command[1:]))

    def cancel(self) -> None:
        """End it; `cancelled` follows."""
        if self._process is not None:
            self._is_cancelled = True
            self._process.kill()

    def close(self) -> None:
        """End it at once, without a word."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(_END_MILLISECONDS)

    def _read(self) -> None:
        """Take whole lines; what is no progress is kept for the details of a failure."""
        process = self._process
        if process is None:
            return
        process.setReadChannel(QProcess.ProcessChannel.StandardError)
        while process.canReadLine():
            said = bytes(process.readLine().data()).decode(errors="replace")
            step = progress.parse(said)
            if step is None:
                self._said.append(said.rstrip())
            else:
                self.progressed.emit(*step)

    def _finish(self, code: int, _status: object = None) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        out = bytes(process.readAllStandardOutput().data()).decode(errors="replace")
        process.deleteLater()
        self.running_changed.emit(False)
        if self._is_cancelled:
            self.cancelled.emit()
            return
        report = _report(out) if code == 0 else None
        if report is None:
            details = "\n".join(self._said)
            self.failed.emit(StudioError("The speed could not be measured.", "Try again.", details))
        else:
            self.done.emit(report)

    def _fail_to_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finish(-1)


def _report(out: str) -> dict[str, Any] | None:
    """The report in what the process printed, if it is whole."""
    try:
        report = json.loads(out)
    except ValueError:
        return None
    return report if isinstance(report, dict) and "rows" in report else None
