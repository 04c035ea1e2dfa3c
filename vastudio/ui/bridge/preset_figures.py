"""What the presets cost on this computer, as a signal; measured where it is not known yet.

Activities: a thread of its own reads what is known and waits for a child process, `vastudio presets`, which
measures. It is asked for only while nothing else works or sounds, and ended as soon as something does.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from vastudio.app.presets import Cost, known_costs
from vastudio.errors import TrainingError
from vastudio.training.presets import PRESETS
from vastudio.ui.bridge.work import Latest

QUIET_MILLISECONDS = 1_500
"""The page has been shown for so long, or something has stopped working, before anything is measured."""


class PresetFigures(QObject):
    """Figures of the presets, `look` having been called.

    Parameters
    ----------
    is_quiet:
        Whether the cores are free to be measured, and nothing is heard that measuring might disturb.

    Signals
    -------
    changed():
        `costs` or `is_measuring` is another now.
    failed(object):
        A StudioError: it could not be measured.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, is_quiet: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.costs: dict[str, Cost] = {}
        self.is_measuring = False
        self._is_quiet = is_quiet
        self._child = _Child()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._work = Latest(self._pool, self)
        self._work.done.connect(self._take)
        self._work.failed.connect(self._fail)
        self._timer = QTimer(self, singleShot=True, interval=QUIET_MILLISECONDS)
        self._timer.timeout.connect(self._measure_when_quiet)

    def look(self) -> None:
        """Read what is known, and measure the rest once it is quiet."""
        if not self._work.is_busy:
            self._work.submit(known_costs)

    def look_away(self) -> None:
        """Nobody looks: begin no measurement."""
        self._timer.stop()

    def measure(self, *, again: bool = False) -> None:
        """Measure now; `again`: also what is known."""
        self._timer.stop()
        self.is_measuring = True
        self.changed.emit()
        self._work.submit(lambda: self._child.measure(again=again))

    def interrupt(self) -> None:
        """Something begins to work or to sound: let go of the cores."""
        self._timer.stop()
        self._child.end()

    def close(self) -> None:
        """End, and wait for the thread."""
        self.interrupt()
        self._work.forget()
        self._pool.waitForDone()

    def _measure_when_quiet(self) -> None:
        if self._work.is_busy or len(self.costs) == len(PRESETS):
            return
        if self._is_quiet():
            self.measure()
        else:
            self._timer.start()

    def _take(self, costs: dict[str, Cost]) -> None:
        was_measuring, self.is_measuring = self.is_measuring, False
        self.costs = costs
        self.changed.emit()
        if len(costs) < len(PRESETS) and not was_measuring:
            self._timer.start()

    def _fail(self, error: object) -> None:
        self.is_measuring = False
        self.changed.emit()
        self.failed.emit(error)


class _Child:
    """The process that measures. `measure` runs in the pool, `end` in the window's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ended = False

    def measure(self, *, again: bool) -> dict[str, Cost]:
        """Have it measured; return what is known then. Raises TrainingError when the process fails."""
        command = [sys.executable, "-m", "vastudio", "presets", "--json", *(["--again"] if again else [])]
        with self._lock:
            self._ended = False
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        said = self._process.communicate()[1]
        with self._lock:
            failed, self._process = self._process.returncode != 0 and not self._ended, None
        if failed:
            raise TrainingError("The presets could not be measured.", "Training works without that.", said)
        return known_costs()

    def end(self) -> None:
        """Have the process end, if there is one."""
        with self._lock:
            if self._process is not None:
                self._ended = True
                self._process.terminate()
