"""Hearing models while moving through the list.

Activities: the window's thread asks for the newest choice only; one worker reads it, another reads the
neighbours ahead, so that the next step down is heard at once. What was read is kept for a while, the oldest
is given up first. The player fades over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal

from vastudio.app.studio import OpenedModel, read_model
from vastudio.errors import StudioError
from vastudio.types import KnobValues
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import CLOSE_MILLISECONDS, Latest

MOST_KEPT = 16
"""Models that are kept ready: some megabytes each."""


@dataclass(frozen=True)
class Wish:
    """A file as it was last changed, and which of its sizes (None: the largest)."""

    path: Path
    modified_ns: int
    size: float | None = None


@dataclass(frozen=True)
class _Read:
    """What came of a wish."""

    wish: Wish
    opened: OpenedModel | None = None
    error: StudioError | None = None


class Preview(QObject):
    """Signals
    -------
    heard(object):
        The Wish that sounds now.
    refused(object, object):
        A Wish and the StudioError why it cannot be heard.
    """

    heard = Signal(object)
    refused = Signal(object, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._reading, self._ahead = Latest(self._pool, self), Latest(self._pool, self)
        self._reading.done.connect(self._take)
        self._ahead.done.connect(self._take_ahead)
        self._kept: OrderedDict[Wish, OpenedModel] = OrderedDict()
        self._wish: Wish | None = None
        self._coming: list[Wish] = []
        self._before: tuple[OpenedModel, KnobValues] | None = None
        self._sounding: OpenedModel | None = None
        session.model_changed.connect(self._look_who_plays)
        session.closing.connect(self.close)

    @property
    def is_under_way(self) -> bool:
        """Whether another model is heard than the one that was opened before."""
        return self._before is not None

    @property
    def is_busy(self) -> bool:
        """Whether a model is being read."""
        return self._reading.is_busy or self._ahead.is_busy

    def hear(self, wish: Wish, coming: Sequence[Wish] = ()) -> None:
        """Play through a model as soon as it is read; then read those of `coming` ahead, in their order."""
        self._wish, self._coming = wish, list(coming)
        ready = self._kept.get(wish)
        if ready is None:
            self._reading.submit(lambda: _read(wish))
        else:
            self._reading.forget()
            self._play(wish, ready)

    def read_ahead(self, coming: Sequence[Wish]) -> None:
        """Read models that may be wanted next, while nothing else is to be read."""
        self._coming = list(coming)
        self._go_on()

    def back(self) -> None:
        """Go back to the model that was opened before, its knobs where they stood."""
        self._forget()
        if self._before is not None:
            (opened, knobs), self._before = self._before, None
            self._session.hear_model(opened, knobs)
            self._session.keep_model()

    def keep(self) -> None:
        """Stay with the model that is heard: it is the one that is open from now on."""
        self._forget()
        if self._before is not None:
            self._before = None
            self._session.keep_model()

    def opened(self, wish: Wish) -> OpenedModel | None:
        """A model that is ready, if it is."""
        return self._kept.get(wish)

    def close(self) -> None:
        """Wait for what is being read."""
        self._forget()
        self._pool.waitForDone(CLOSE_MILLISECONDS)
        self._kept.clear()

    def _forget(self) -> None:
        self._wish, self._coming = None, []
        self._reading.forget()
        self._ahead.forget()

    # --- what was read --------------------------------------------------------------------------------

    def _take(self, read: _Read) -> None:
        if read.opened is not None:
            self._keep(read.wish, read.opened)
        if read.wish != self._wish:
            return
        if read.opened is not None:
            self._play(read.wish, read.opened)
        elif read.error is not None:
            self.refused.emit(read.wish, read.error)

    def _play(self, wish: Wish, opened: OpenedModel) -> None:
        self._kept.move_to_end(wish)
        studio = self._session.studio
        if self._before is None and studio.model and studio.playable and studio.model_path:
            before = OpenedModel(studio.model_path, studio.model, studio.playable, studio.model_size)
            self._before = before, dict(studio.knob_values)
        self._sounding = opened
        self._session.hear_model(opened)
        self.heard.emit(wish)
        self._go_on()

    def _look_who_plays(self) -> None:
        """A model that was opened elsewhere stays: there is nothing to go back to any more."""
        if self._sounding is None or self._session.studio.playable is not self._sounding.playable:
            self._before = None

    def _take_ahead(self, read: _Read) -> None:
        if read.opened is not None:
            self._keep(read.wish, read.opened)
        self._go_on()

    def _go_on(self) -> None:
        """Read the next one ahead that is not there yet."""
        while self._coming:
            wish = self._coming.pop(0)
            if wish not in self._kept:
                self._ahead.submit(partial(_read, wish))
                return

    def _keep(self, wish: Wish, opened: OpenedModel) -> None:
        self._kept[wish] = opened
        self._kept.move_to_end(wish)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def _read(wish: Wish) -> _Read:
    """Worker: read a model and warm it up."""
    try:
        return _Read(wish, read_model(wish.path, wish.size))
    except StudioError as error:
        return _Read(wish, error=error)
