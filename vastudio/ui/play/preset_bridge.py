"""Presets of the rack as Qt signals: the bank, which of them plays, and going back.

Activities: files are read and written in the pool; the window's thread only asks and shows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from vastudio.app import rack_bank, rack_preset
from vastudio.app.rack import Rig
from vastudio.app.rack_bank import BankEntry
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.play.rig_bridge import RigBridge

_MOST_UNDONE = 20


class PresetBridge(QObject):
    """The bank of presets.

    Signals
    -------
    bank_changed():
        There are other presets, or another one plays.
    edited_changed(bool):
        Whether what plays differs from the preset that was recalled.
    undo_changed(bool):
        Whether there is a recall to take back.
    failed(object):
        A StudioError.
    """

    bank_changed = Signal()
    edited_changed = Signal(bool)
    undo_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, session: Session, rig: RigBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._rig = session, rig
        self.entries: list[BankEntry] = []
        self.current: BankEntry | None = None
        self._recalled: Rig | None = None
        self._known: dict[tuple[Path, int], tuple[Rig, int]] = {}
        self._before: list[tuple[BankEntry | None, Rig | None, Rig]] = []
        self._edited = False
        self._reading = Latest(session.pool, self)
        self._reading.done.connect(self._recall)
        self._reading.failed.connect(self.failed)
        self._writing = Latest(session.pool, self)
        self._writing.done.connect(self._take_bank)
        self._writing.failed.connect(self._fail)
        self._waiting: deque[Callable[[], Any]] = deque()
        for signal in (rig.changed, session.knobs_changed, session.model_changed):
            signal.connect(self._compare)
        rig.slot_changed.connect(lambda _slot: self._forget())
        self.refresh()

    # --- the bank -------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the bank again."""
        self._change(lambda: self.current)

    def save(self, name: str) -> None:
        """Keep what plays under a name; that of the same name is replaced."""
        rig = self._rig.rig
        self._recalled = rig
        self._change(lambda: rack_bank.save(name, rig))

    def rename(self, name: str) -> None:
        """Call the preset that plays something else."""
        entry = self.current
        if entry is not None:
            self._change(lambda: rack_bank.rename(entry, name))

    def delete(self) -> None:
        """Take the preset that plays out of the bank; its sound stays."""
        entry = self.current
        if entry is None:
            return

        def act() -> None:
            rack_bank.delete(entry)

        self._change(act)

    def add(self, path: Path) -> None:
        """Take a preset's file into the bank and play through it."""
        self._change(lambda: rack_bank.add(path), then=self.recall)

    def export(self, path: Path) -> None:
        """Write the preset that plays to a file for other people."""
        entry = self.current
        if entry is None:
            return

        def act() -> BankEntry:
            rack_bank.export(entry, path)
            return entry

        self._change(act)

    def _change(
        self, act: Callable[[], BankEntry | None], then: Callable[[BankEntry], None] | None = None
    ) -> None:
        """Do one thing after the other: nothing that was asked for is left out."""
        self._waiting.append(lambda: (act(), rack_bank.entries(), then))
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and not self._writing.is_busy:
            self._writing.submit(self._waiting.popleft())

    def _fail(self, error: object) -> None:
        self.failed.emit(error)
        self._go_on()

    def _take_bank(self, result: tuple[BankEntry | None, list[BankEntry], Any]) -> None:
        entry, self.entries, then = result
        self.current = entry if entry in self.entries else None
        self.bank_changed.emit()
        self._compare()
        if then is not None and entry is not None:
            then(entry)
        self._go_on()

    # --- playing --------------------------------------------------------------------------------------

    def recall(self, entry: BankEntry) -> None:
        """Play through a preset: at once where it was played before, else as soon as a worker has read it."""
        known = self._known.get(_state(entry))
        if known is not None and known[1] == _modified(known[0].model_path):
            self._reading.forget()
            self._recall((entry, known[0]))
        else:
            self._reading.submit(lambda: (entry, rack_preset.unpack(entry.path)[1]))

    def step(self, by: int) -> None:
        """Play through the next preset of the bank, or the one before."""
        if not self.entries:
            return
        at = self.entries.index(self.current) + by if self.current in self.entries else 0
        self.recall(self.entries[at % len(self.entries)])

    def _recall(self, read: tuple[BankEntry, Rig]) -> None:
        entry, rig = read
        self._known[_state(entry)] = rig, _modified(rig.model_path)
        self._before = [*self._before, (self.current, self._recalled, self._rig.rig)][-_MOST_UNDONE:]
        self.undo_changed.emit(True)
        self._play(entry, rig, rig)

    def undo(self) -> None:
        """Go back to what played before the last recall."""
        if self._before:
            entry, recalled, rig = self._before.pop()
            self.undo_changed.emit(bool(self._before))
            self._play(entry, recalled, rig)

    def _play(self, entry: BankEntry | None, recalled: Rig | None, rig: Rig) -> None:
        self.current, self._recalled = entry, recalled
        self._rig.recall(rig)
        self.bank_changed.emit()

    def _forget(self) -> None:
        self.current = self._recalled = None
        self.bank_changed.emit()
        self._compare()

    def _compare(self) -> None:
        edited = self._recalled is not None and self.current is not None and self._rig.rig != self._recalled
        if edited != self._edited:
            self._edited = edited
            self.edited_changed.emit(edited)


def _state(entry: BankEntry) -> tuple[Path, int]:
    """A preset's file and when it was written."""
    return entry.path, _modified(entry.path)


def _modified(path: Path | None) -> int:
    """When a file was written; 0 where there is none."""
    return path.stat().st_mtime_ns if path is not None and path.is_file() else 0
