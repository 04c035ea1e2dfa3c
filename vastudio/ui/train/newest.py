"""Hear it while it trains: the best model of a run, loaded into the player each time there is a better one.

Activities: all of this runs in the window's thread; a worker reads a model and makes it ready. A model is
loaded no more often than every few seconds: of several better ones in between, the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from vastudio.app.studio import OpenedModel, read_model
from vastudio.errors import StudioError
from vastudio.training.run_files import BEST
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest

PAUSE_MILLISECONDS = 4_000
"""Between two models: time to listen to one, and to read the next."""


@dataclass(frozen=True)
class Heard:
    """A model file that a run wrote, and what it is: `update 4 200 · 2 min 51 s`."""

    path: Path
    title: str


class PlayNewest(QObject):
    """Follows a run's best model with the player. Off until `set_enabled`.

    Signals
    -------
    loaded(object):
        The player plays this `Heard` now; the knobs stand where they stood.
    offered():
        There is a model to hear, or there is none any more.
    """

    loaded = Signal(object)
    offered = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._enabled = False
        self._newest: Heard | None = None
        self._asked: Heard | None = None
        self._is_due = False
        self._reading = Latest(session.pool, self)
        self._reading.done.connect(self._use)
        self._reading.failed.connect(session.failed)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._timer.timeout.connect(self._load)

    @property
    def enabled(self) -> bool:
        """Whether better models are loaded."""
        return self._enabled

    @property
    def newest(self) -> Heard | None:
        """What there is to hear."""
        return self._newest

    @property
    def is_overtaken(self) -> bool:
        """Whether the person has opened another model since."""
        return self._asked is not None and self._session.studio.model_path != self._asked.path

    def set_enabled(self, enabled: bool) -> None:
        """Load the newest best model now, and better ones as they come; or leave what is loaded."""
        self._enabled = enabled
        if enabled and self._newest is not None:
            self._is_due = True
            self._load()

    def begin(self) -> None:
        """Another run: it has no model yet."""
        self._newest, self._is_due = None, False
        self._reading.forget()
        self._timer.stop()
        self.offered.emit()

    def improve(self, folder: Path | None, title: str) -> None:
        """The run in `folder` has a better model."""
        if folder is not None:
            self.offer(folder / BEST, title)

    def offer(self, model: Path, title: str) -> None:
        """Load this file as soon as the one before has been heard for a while, if that is wanted."""
        self._newest, self._is_due = Heard(model, title), True
        self.offered.emit()
        if self._enabled and not self._timer.isActive():
            self._load()

    def _load(self) -> None:
        if not (self._enabled and self._is_due) or self._newest is None:
            return
        self._is_due = False
        if self._newest.path.is_file():
            asked = self._asked = self._newest
            self._reading.submit(lambda: read_model(asked.path))
            self._timer.start()

    def _use(self, opened: OpenedModel) -> None:
        """Play it from where the knobs stand. A state of a run is nothing to open the studio with."""
        studio = self._session.studio
        if self._asked is None or not self._enabled:
            return
        try:
            remember = self._asked.path.name != BEST
            studio.use_model(opened, knobs=studio.knob_values, remember=remember)
        except StudioError as error:
            self._session.failed.emit(error)
            return
        self._session.model_changed.emit()
        self._session.knobs_changed.emit()
        self.loaded.emit(self._asked)
