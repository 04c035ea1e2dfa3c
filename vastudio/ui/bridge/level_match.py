"""Keeps clean, target and model equally loud while the person wants it so.

Activities: changes arrive in the window's thread and restart a short timer, so that a knob that is being
turned is measured once it rests; the measuring (it renders the loop) runs in the pool.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from vastudio.app.comparison.comparing import MatchGains
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest

_REST_MILLISECONDS = 250


class LevelMatch(QObject):
    """Listens to a session and sets the player's monitor gains."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._work = Latest(session.pool, self)
        self._work.done.connect(self._apply)
        self._work.failed.connect(session.failed)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MILLISECONDS)
        self._rest.timeout.connect(lambda: self._work.submit(session.studio.loudness_match))
        for changed in (session.model_changed, session.knobs_changed, session.loop_changed):
            changed.connect(self._refresh)
        session.level_match_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        if self._session.studio.settings.level_match:
            self._rest.start()
        else:
            self._rest.stop()
            self._work.forget()
            self._apply(MatchGains(0.0, 0.0, 0.0))

    def _apply(self, gains: MatchGains) -> None:
        self._session.studio.player.set_monitor_gains_db(gains.clean, gains.target, gains.model)
