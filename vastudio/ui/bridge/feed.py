"""What the engine says about itself, thirty times a second while the window is visible.

Activities: a timer in the window's thread reads the engine's lock-free meters and counters; it never waits.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from vastudio.engine.stream import Meters
from vastudio.ui.bridge.session import Session

INTERVAL_MILLISECONDS = 33
_STATS_EVERY = 15
_CHECK_EVERY = 30


class EngineFeed(QObject):
    """Polls the player.

    Signals
    -------
    metered(object):
        The newest `Meters`. During a blind test they rest: they would give away what is heard.
    moved(float):
        The playhead, in seconds of the loop; not during a blind test.
    counted(object):
        `StreamStats`, twice a second.
    """

    metered = Signal(object)
    moved = Signal(float)
    counted = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ticks = 0
        self._was_playing = False
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    def set_active(self, active: bool) -> None:
        """Poll only while there is somebody to look."""
        if active:
            self._timer.start()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        player = self._session.studio.player
        meters = player.meters()
        if self._session.is_listening:
            self.metered.emit(Meters())
        else:
            self.metered.emit(meters)
            self.moved.emit(player.position / player.sample_rate)
        if player.playing != self._was_playing:
            self._was_playing = player.playing
            self._session.playing_changed.emit(player.playing)
        if self._ticks % _STATS_EVERY == 0:
            self.counted.emit(player.stats())
        if self._ticks % _CHECK_EVERY == 0:
            self._session.check_device()
        self._ticks += 1
