"""The library as Qt signals.

Activities: the watch's thread reads files and tells; what it tells is taken over in the window's thread. What
a person says of models is shown at once and written by one worker, in the order it was said.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from vastudio.app.library import own
from vastudio.app.library.own import Own
from vastudio.app.library.search import Entry, Facets, entry, facets
from vastudio.app.library.watch import Snapshot, Watch
from vastudio.errors import StudioError
from vastudio.ui.bridge.work import CLOSE_MILLISECONDS


class _Errand(QRunnable):
    """Something to be written; says what went wrong."""

    def __init__(self, work: Callable[[], object], tell: Callable[[StudioError | None], None]) -> None:
        super().__init__()
        self._work, self._tell = work, tell

    def run(self) -> None:
        """Worker."""
        try:
            self._work()
        except StudioError as error:
            self._tell(error)
        else:
            self._tell(None)


class LibraryBridge(QObject):
    """The models there are, kept up to date once `start` was called.

    Signals
    -------
    changed():
        `entries` or `snapshot` are others than before.
    progressed(int, int):
        Files read and to be read; equal at the end.
    failed(object):
        A StudioError: something could not be written, or the folders not be looked into.
    """

    changed = Signal()
    progressed = Signal(int, int)
    failed = Signal(object)
    _told = Signal(object)
    _counted = Signal(int, int)
    _wrote = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.snapshot = Snapshot()
        self.entries: list[Entry] = []
        self._said: dict[str, Own] = {}
        self._writer = QThreadPool(self)
        self._writer.setMaxThreadCount(1)
        self._watch: Watch | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._told.connect(self._take, queued)
        self._counted.connect(self.progressed, queued)
        self._wrote.connect(self._end_errand, queued)

    @property
    def is_watching(self) -> bool:
        """Whether the folders are looked into."""
        return self._watch is not None

    @property
    def facets(self) -> Facets:
        """What there is to filter by."""
        return self.snapshot.facets

    def start(self) -> None:
        """Look into the folders from now on."""
        if self._watch is None:
            self._watch = Watch(self._told.emit, self._counted.emit)
            self._watch.start()

    def look(self, *, everything: bool = False) -> None:
        """Look now; `everything`: read all files again."""
        if self._watch is not None:
            self._watch.look(everything=everything)

    def close(self) -> None:
        """Wait for what is being written, and look no longer."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._writer.waitForDone(CLOSE_MILLISECONDS)

    # --- what a person says ---------------------------------------------------------------------------

    def say(self, contents: Iterable[str], **changes: Any) -> None:
        """Change fields of `Own` for some contents: shown at once, written soon."""
        wanted = set(contents)
        for place, item in enumerate(self.entries):
            content = item.card.content
            if content in wanted:
                self._said[content] = dataclasses.replace(item.own, **changes)
                self.entries[place] = entry(item.as_file, self._said[content])
        self._count_anew()
        self.run(lambda: own.change(wanted, **changes))

    def run(self, work: Callable[[], object]) -> None:
        """Have the worker do something, and look at the files afterwards; an error comes as `failed`."""
        self._writer.start(_Errand(work, self._wrote.emit))

    def _end_errand(self, error: StudioError | None) -> None:
        if error is not None:
            self.failed.emit(error)
        self.look()

    # --- what the watch says --------------------------------------------------------------------------

    def _take(self, snapshot: Snapshot) -> None:
        """Take over news; what was said here and is not written yet stays on top."""
        if snapshot.problem is not None:
            self.failed.emit(snapshot.problem)
            return
        self.snapshot = snapshot
        self.entries = list(snapshot.entries)
        self._said = {key: said for key, said in self._said.items() if snapshot.memory.of(key) != said}
        if self._said:
            for place, item in enumerate(self.entries):
                said = self._said.get(item.card.content)
                if said is not None:
                    self.entries[place] = entry(item.as_file, said)
            self._count_anew()
        else:
            self.changed.emit()

    def _count_anew(self) -> None:
        self.snapshot = dataclasses.replace(self.snapshot, facets=facets(self.entries))
        self.changed.emit()
