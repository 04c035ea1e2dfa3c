"""Watching the folders in the background.

Activities: one thread looks into the folders every few seconds, or when it is told to, reads what changed,
and tells from that thread; whoever listens brings the news to his own. It lets go of the interpreter between
two files, which take a millisecond or two each.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vastudio.app.library import own
from vastudio.app.library.folders import watched
from vastudio.app.library.index import Index, open_index
from vastudio.app.library.refresh import Refreshed, refresh
from vastudio.app.library.search import Entry, Facets, entries, facets, prepare
from vastudio.errors import StudioError

SECONDS = 5.0
"""Between two looks: ten thousand files take a tenth of a second then."""

_NEWS_SECONDS = 2.0


@dataclass(frozen=True)
class Snapshot:
    """The library at one moment.

    Attributes
    ----------
    reading:
        (read, to be read) while files are read, else None.
    unread:
        Folders that cannot be looked into.
    problem:
        Why the library cannot be kept up to date; None while it can.
    """

    entries: tuple[Entry, ...] = ()
    facets: Facets = field(default_factory=Facets)
    memory: own.Memory = field(default_factory=own.Memory)
    folders: tuple[Path, ...] = ()
    reading: tuple[int, int] | None = None
    unread: tuple[str, ...] = ()
    problem: StudioError | None = None


class Watch:
    """`tell` is called with a Snapshot, `progress` with (read, to be read), both from the watch's thread."""

    def __init__(self, tell: Callable[[Snapshot], None], progress: Callable[[int, int], None]) -> None:
        self._tell, self._progress = tell, progress
        self._awake = threading.Event()
        self._ends = threading.Event()
        self._everything = False
        self._known: own.Memory | None = None
        self._told_at = 0.0
        self._thread = threading.Thread(target=self._run, name="library-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def look(self, *, everything: bool = False) -> None:
        """Look now; `everything`: read all files again."""
        self._everything |= everything
        self._awake.set()

    def close(self) -> None:
        """End, within the time that a file takes."""
        self._ends.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()

    # --- the watch's thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        first = True
        while not self._ends.is_set():
            self._awake.clear()
            try:
                self._once(first)
                first = False
            except StudioError as error:
                self._tell(Snapshot(problem=error))
            self._awake.wait(SECONDS)

    def _once(self, first: bool) -> None:
        """Look once, and tell where something is different from before."""
        everything, self._everything = self._everything, False
        memory = own.load()
        folders = watched(memory)
        with open_index() as index:
            if first:
                self._show(index, memory, folders)
            self._told_at = time.monotonic()
            found = refresh(
                index, folders, lambda done, of: self._report(index, memory, folders, done, of),
                everything=everything,
            )  # fmt: skip
            if not self._ends.is_set() and (found.has_changed or memory != self._known or first):
                self._show(index, memory, folders, found=found)
        self._known = memory

    def _report(
        self, index: Index, memory: own.Memory, folders: tuple[Path, ...], done: int, of: int
    ) -> bool:
        self._progress(done, of)
        if time.monotonic() > self._told_at + _NEWS_SECONDS:
            self._show(index, memory, folders, reading=(done, of))
            self._told_at = time.monotonic()
        return not self._ends.is_set()

    def _show(
        self,
        index: Index,
        memory: own.Memory,
        folders: tuple[Path, ...],
        found: Refreshed | None = None,
        reading: tuple[int, int] | None = None,
    ) -> None:
        all_of_them = tuple(entries(index.cards(), memory))
        prepare(all_of_them)
        unread = found.unread if found else ()
        self._tell(Snapshot(all_of_them, facets(all_of_them), memory, folders, reading, unread))
