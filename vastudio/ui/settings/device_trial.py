"""Trying the device from the window: it is borrowed from the player, and given back afterwards.

Activities: what sounds runs in the pool; the window's thread only asks, shows, and may cancel.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from vastudio.app import device_test
from vastudio.app.device_test import OnProgress, RoundTrip
from vastudio.app.settings import AudioSettings
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask, Report


class DeviceTrial(QObject):
    """One tone or one measurement at a time.

    Signals
    -------
    running_changed(bool):
        Whether something sounds.
    measured(object):
        The `RoundTrip` of the device in use, which the settings remember from now on.
    failed(object):
        A StudioError.
    """

    running_changed = Signal(bool)
    measured = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task = LongTask(session.pool, self)
        self._task.done.connect(self._finish)
        self._task.failed.connect(self._fail)
        self._task.cancelled.connect(self._give_back)
        session.closing.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        """Whether something sounds."""
        return self._task.is_running

    def play_tone(self, channel: int, seconds: float = device_test.TONE_SECONDS) -> None:
        """Play a tone on an output, counted from 1."""
        audio = self._audio
        self._run(lambda progress: device_test.play_tone(audio, channel, progress, seconds))

    def measure(self) -> None:
        """Measure how long a signal takes through a cable."""
        audio = self._audio
        self._run(lambda progress: device_test.measure_round_trip(audio, progress))

    def cancel(self) -> None:
        """End what sounds."""
        self._task.cancel()

    @property
    def _audio(self) -> AudioSettings:
        return self._session.studio.settings.audio

    def _run(self, work: Callable[[OnProgress], object]) -> None:
        if self.is_running:
            return
        self._session.release_audio("a test")
        self.running_changed.emit(True)

        def task(report: Report) -> object:
            return work(lambda done, _peak: report(round(100 * done), 100, ""))

        self._task.run(task)

    def _finish(self, result: object) -> None:
        if isinstance(result, RoundTrip):
            studio = self._session.studio
            studio.save_settings(audio=self._audio.changed(latency_samples=result.samples))
        self._give_back()
        if isinstance(result, RoundTrip):
            self.measured.emit(result)

    def _fail(self, error: object) -> None:
        self._give_back()
        self.failed.emit(error)

    def _give_back(self) -> None:
        self._session.restart_audio()
        self.running_changed.emit(False)
