"""Bringing the index up to date: only files that changed are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vastudio.app.library.cards import read_card
from vastudio.app.library.index import Index
from vastudio.app.library.walking import walk
from vastudio.modelfile import reading

BATCH = 250
"""Files that are written in one go: what was read before an interruption is kept."""

Report = Callable[[int, int], bool]
"""Called with (read, to be read); False ends the work."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh found: files in the folders, how many were read and forgotten, unreadable folders."""

    files: int
    read: int
    gone: int
    unread: tuple[str, ...] = ()

    @property
    def has_changed(self) -> bool:
        """Whether the index is another one than before."""
        return bool(self.read or self.gone)


def refresh(
    index: Index, folders: Sequence[Path], report: Report | None = None, *, everything: bool = False
) -> Refreshed:
    """Read what is new or changed in `folders`, and forget what is gone or lies elsewhere.

    Parameters
    ----------
    everything:
        Read all files again, changed or not.

    Raises
    ------
    OutputError
        When the index cannot be written.
    """
    found = walk(folders, reading.suffixes())
    known = index.stamps()
    changed = [path for path, stamp in found.files.items() if everything or known.get(path) != stamp]
    gone = [path for path in known if path not in found.files and not found.may_hold(path)]
    if gone:
        index.drop(gone)
    done = 0
    for begin in range(0, len(changed), BATCH):
        cards = []
        for path in changed[begin : begin + BATCH]:
            card = read_card(path)
            if card is not None:
                cards.append(card)
            done += 1
            if report is not None and done % 25 == 0 and not report(done, len(changed)):
                index.put(cards)
                return Refreshed(len(found.files), done, len(gone), tuple(found.unread))
        index.put(cards)
        if report is not None and not report(done, len(changed)):
            break
    return Refreshed(len(found.files), done, len(gone), tuple(found.unread))
