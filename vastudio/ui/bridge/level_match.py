"""Keeps clean, target and model equally loud while the person wants it so, and every pass as it is measured.

Activities: changes arrive in the window's thread and restart a short timer, so that a knob that is being
turned is measured once it rests; the measuring (it renders the stretch that is looped) runs in the pool. What
was measured is remembered for a while: changing between models that were heard already matches at once.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer

from vastudio.app.comparison.comparing import MatchGains
from vastudio.app.loudness_match import Loop, LoudnessMatch, measure
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest

_REST_MILLISECONDS = 250
_REMEMBERED = 8
_AS_THEY_ARE = MatchGains(0.0, 0.0, 0.0)

_Key: TypeAlias = tuple[object, ...]


class LevelMatch(QObject):
    """Listens to a session, sets the player's gains and tells it the model's state where the loop begins.

    Attributes
    ----------
    newest:
        What was measured of what is looped now; None until it is.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._known: OrderedDict[_Key, LoudnessMatch] = OrderedDict()
        self.newest: LoudnessMatch | None = None
        self._work = Latest(session.pool, self)
        self._work.done.connect(self._remember)
        self._work.failed.connect(session.failed)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MILLISECONDS)
        self._rest.timeout.connect(self._measure)
        session.loop_changed.connect(self._known.clear)
        for changed in (
            session.loop_changed, session.excerpt_changed, session.model_changed, session.knobs_changed,
            session.shaping_changed,
        ):  # fmt: skip
            changed.connect(self._refresh)
        session.level_match_changed.connect(self._apply)
        session.null_gain_changed.connect(self._apply)
        self._refresh()

    def _refresh(self) -> None:
        """Something else is heard: what is known of it, or soon will be."""
        loop = self._session.studio.loop
        self.newest = None if loop is None else self._known.get(_key(loop))
        if self.newest is not None:
            self._rest.stop()
            self._work.forget()
            self._apply()
        else:
            self._session.matched.emit(None)
            self._rest.start()

    def _measure(self) -> None:
        loop = self._session.studio.loop
        if loop is not None:
            self._work.submit(partial(measure, loop))

    def _remember(self, match: LoudnessMatch) -> None:
        self._known[_key(match.loop)] = match
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        self._refresh()

    def _apply(self) -> None:
        """Have the player do as it was measured."""
        session, match = self._session, self.newest
        player = session.studio.player
        if match is None:
            if not session.studio.settings.level_match:
                self._set_gains(_AS_THEY_ARE)
            return
        self._set_gains(match.gains if session.studio.settings.level_match else _AS_THEY_ARE)
        player.set_null_gain_db(min(session.null_gain_db, match.null_gain_db))
        if match.entry is not None:
            player.set_entry(match.loop.model, match.loop.values, match.entry)
        session.matched.emit(match)

    def _set_gains(self, gains: MatchGains) -> None:
        self._session.studio.player.set_monitor_gains_db(gains.clean, gains.target, gains.model)


def _key(loop: Loop) -> _Key:
    """The same for the same signals, stretch, model and knobs; what it names lives as long as the loop."""
    values = tuple(sorted(loop.values.items()))
    signals = (id(loop.clean), id(loop.target), loop.start, loop.stop, loop.rate)
    around = replace(loop.shaping, cabinet=None)
    return (*signals, id(loop.model.network), values, around, id(loop.shaping.cabinet))
