"""Hear it while it trains: the best model of a run, loaded into the player each time there is a better one.

Activities: all of this runs in the window's thread; the session reads a model in a worker. A model is
loaded no more often than every few seconds: of several better ones in between, the last.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from vastudio.training.run_files import BEST
from vastudio.ui.bridge.session import Session

PAUSE_MILLISECONDS = 4_000
"""Between two models: time to listen to one, and to read the next."""


class PlayNewest(QObject):
    """Follows a run's best model with the player. Off until `set_enabled`.

    Signals
    -------
    loaded(object):
        The player plays this model file now; the knobs stand where they stood.
    """

    loaded = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._enabled = False
        self._newest: Path | None = None
        self._asked: Path | None = None
        self._knobs = dict(session.studio.knob_values)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._timer.timeout.connect(self._load)
        self._is_due = False
        session.model_changed.connect(self._keep_knobs)
        session.knobs_changed.connect(self._remember_knobs)

    @property
    def enabled(self) -> bool:
        """Whether better models are loaded."""
        return self._enabled

    def set_enabled(self, enabled: bool) -> None:
        """Load the newest best model now, and better ones as they come; or leave what is loaded."""
        self._enabled = enabled
        if enabled and self._newest is not None:
            self.offer(self._newest)

    def begin(self) -> None:
        """Another run begins: it has no model yet."""
        self._newest, self._is_due = None, False

    def improve(self, folder: Path | None) -> None:
        """The run in `folder` has a better model."""
        if folder is not None:
            self.offer(folder / BEST)

    def offer(self, model: Path) -> None:
        """Load this file as soon as the one before has been heard for a while, if that is wanted."""
        self._newest, self._is_due = model, True
        if self._enabled and not self._timer.isActive():
            self._load()

    def _load(self) -> None:
        if not (self._enabled and self._is_due) or self._newest is None:
            return
        self._is_due = False
        if self._newest.is_file():
            self._asked = self._newest
            self._session.open_model(self._newest)
            self._timer.start()

    def _keep_knobs(self) -> None:
        """A model has been loaded with its knobs at rest; turn them back where it is the one asked for."""
        if self._asked is None or self._session.studio.model_path != self._asked:
            return
        model, self._asked = self._asked, None
        values = self._session.studio.knob_values
        self._session.set_knobs({name: self._knobs[name] for name in values if name in self._knobs})
        self.loaded.emit(model)

    def _remember_knobs(self) -> None:
        self._knobs = dict(self._session.studio.knob_values)
