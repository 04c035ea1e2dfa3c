"""The transport's button for what is looped: any audio file, the last ones, the demo phrase, loop points.

Activities: files are read and made ready in the pool.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from vastudio.app.practice.phrases import SUFFIXES, Phrase, read_phrase
from vastudio.errors import StudioError
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.practice.bridge import PracticeBridge
from vastudio.ui.widgets import dialogs

_FILTER = f"Audio ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"
_SHORTEST_SECONDS = 0.05


class PhraseMenu(QObject):
    """Fills the menu of a button, and takes files that are dropped on a widget.

    Signals
    -------
    failed(object):
        A StudioError of a file.
    """

    failed = Signal(object)

    def __init__(
        self, session: Session, practice: PracticeBridge, button: QPushButton, drops_on: QWidget
    ) -> None:
        super().__init__(button)
        self._session, self._practice, self._button = session, practice, button
        self._reading = Latest(session.pool, self)
        self._reading.done.connect(self._play)
        self._reading.failed.connect(self._fail)
        self._wanted: Path | None = None
        self._is_comparing = False
        session.comparing_changed.connect(self._set_comparing)
        self.menu = QMenu(button)
        self.menu.aboutToShow.connect(self._fill)
        button.setMenu(self.menu)
        drops_on.setAcceptDrops(True)
        drops_on.installEventFilter(self)
        self._fill()

    def open(self, path: Path) -> None:
        """Loop a file, as soon as a worker has made it ready."""
        self._wanted = path
        rate = self._session.studio.player.sample_rate
        self._reading.submit(lambda: read_phrase(path, rate))

    def _play(self, phrase: Phrase) -> None:
        session = self._session
        if phrase.loop.rate != session.studio.player.sample_rate:
            self.open(phrase.path)  # the device has changed its rate in the meantime
            return
        self._practice.remember_phrase(phrase.path, found=True)
        session.use_loop(phrase.loop.clean, phrase.loop.target, phrase.loop.rate, phrase.title)
        session.set_source("loop")

    def _fail(self, error: StudioError) -> None:
        if self._wanted is not None:
            self._practice.remember_phrase(self._wanted, found=False)
        self.failed.emit(error)

    # --- the menu -------------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.menu.clear()
        self._add("Open an audio file…", self._ask)
        self._add("Demo phrase", self._demo)
        self.menu.addSection("Played last")
        for text in self._practice.settings.recent:
            path = Path(text)
            action = self._add(path.name, partial(self.open, path))
            action.setToolTip(text)
            action.setEnabled(path.is_file())
        if not self._practice.settings.recent:
            self._add("Nothing yet", lambda: None).setEnabled(False)
        self.menu.addSeparator()
        has_part, is_free = self._session.studio.excerpt is not None, not self._is_comparing
        self._add("Begin the loop at the playhead", self._begin_here).setEnabled(is_free)
        self._add("End the loop at the playhead", self._end_here).setEnabled(is_free)
        self._add("Loop the whole phrase", self._loop_all).setEnabled(is_free and has_part)

    def _add(self, text: str, act: object) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(lambda _checked=False: act())  # type: ignore[operator]
        return action

    def _ask(self) -> None:
        dialogs.ask_for_file(self._button, "Play through the rack", (_FILTER, dialogs.ALL_FILTER), self.open)

    def _demo(self) -> None:
        self._session.use_demo_phrase()
        self._session.set_source("loop")

    # --- loop points ----------------------------------------------------------------------------------

    def _here(self) -> tuple[float, float, float]:
        """Playhead, beginning and end of what is looped, in seconds."""
        studio = self._session.studio
        rate = studio.player.sample_rate
        length = 0.0 if studio.clean is None else studio.clean.size / rate
        start, stop = studio.excerpt or (0.0, length)
        return studio.player.position / rate, start, stop

    def _begin_here(self) -> None:
        here, _start, stop = self._here()
        self.choose(here, stop)

    def _end_here(self) -> None:
        here, start, _stop = self._here()
        self.choose(start, here)

    def choose(self, start: float, stop: float) -> None:
        """Loop the stretch between two seconds; one that is too short is none.

        While recordings are compared their own views choose it.
        """
        start, stop = sorted((start, stop))
        if stop - start >= _SHORTEST_SECONDS and not self._is_comparing:
            self._session.set_excerpt(start, stop)
        else:
            self._session.excerpt_changed.emit()

    def _loop_all(self) -> None:
        self._session.set_excerpt(None)

    def _set_comparing(self, comparing: bool) -> None:
        self._is_comparing = comparing

    # --- dropping -------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take an audio file that is dropped."""
        if isinstance(event, QDragEnterEvent) and _audio_in(event.mimeData()) is not None:
            event.acceptProposedAction()
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            path = _audio_in(event.mimeData())
            if path is not None:
                event.acceptProposedAction()
                self.open(path)
                return True
        return super().eventFilter(watched, event)


def _audio_in(data: QMimeData) -> Path | None:
    """The first audio file of what is dragged."""
    paths = [Path(url.toLocalFile()) for url in data.urls()]
    return next((path for path in paths if path.suffix.lower() in SUFFIXES), None)
