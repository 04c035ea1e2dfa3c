"""Presets of the rack as Qt signals: banks, which preset plays, and going back.

Activities: files are read and written in the pool; the window's thread only asks and shows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from vastudio.app import rack_bank, rack_bank_file, rack_preset
from vastudio.app.rack import Rig
from vastudio.app.rack_bank import BankEntry
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.play.rig_bridge import RigBridge

_MOST_UNDONE = 20


@dataclass(frozen=True)
class _Bank:
    """What was read of a bank, and which banks there are."""

    name: str
    banks: list[str]
    entries: list[BankEntry]


def _read_bank(name: str) -> _Bank:
    """Read a bank; the first one where it is gone."""
    banks = rack_bank.banks()
    name = name if name in banks else rack_bank.FIRST
    return _Bank(name, banks, rack_bank.entries(name))


class PresetBridge(QObject):
    """The presets of one bank at a time.

    Attributes
    ----------
    bank, banks:
        The bank that is chosen from, and all there are (`rack_bank.FIRST` at first).
    entries, current:
        Its presets in their order, and the one that plays, of whatever bank.

    Signals
    -------
    bank_changed():
        There are other presets or banks, another bank is chosen from, or another preset plays.
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
        self.bank = rack_bank.FIRST
        self.banks: list[str] = [rack_bank.FIRST]
        self.entries: list[BankEntry] = []
        self.current: BankEntry | None = None
        self._recalled: Rig | None = None
        self._known: dict[tuple[Path, int], tuple[Rig, int]] = {}
        self._before: list[tuple[BankEntry | None, Rig | None, Rig]] = []
        self._edited = False
        self._next_bank = rack_bank.FIRST
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
        rig, bank = self._rig.rig, self.bank
        self._recalled = rig
        self._change(lambda: rack_bank.save(name, rig, bank))

    def rename(self, name: str, entry: BankEntry | None = None) -> None:
        """Call a preset, the one that plays if nothing is said, something else."""
        chosen = entry or self.current
        if chosen is not None:
            self._edit(chosen, lambda: rack_bank.rename(chosen, name))

    def delete(self, entry: BankEntry | None = None) -> None:
        """Take a preset, the one that plays if nothing is said, out of its bank; its sound stays."""
        chosen = entry or self.current
        if chosen is None:
            return

        def act() -> None:
            rack_bank.delete(chosen)

        self._edit(chosen, act)

    def duplicate(self, entry: BankEntry) -> None:
        """Put a copy behind a preset."""
        self._keeping(lambda: rack_bank.duplicate(entry))

    def move(self, entry: BankEntry, bank: str) -> None:
        """Put a preset into another bank."""
        self._edit(entry, lambda: rack_bank.move(entry, bank))

    def reorder(self, order: Sequence[BankEntry]) -> None:
        """Have the presets of this bank in another order."""
        bank = self.bank
        self._keeping(lambda: rack_bank.reorder(bank, order))

    def add(self, path: Path) -> None:
        """Take a preset's file into the bank and play through it; a bank's file becomes a new bank."""
        bank = self.bank
        if path.suffix.lower() == rack_bank_file.SUFFIX:
            self._go_to(lambda: rack_bank_file.add(path))
        else:
            self._change(lambda: rack_bank.add(path, bank), then=self.recall)

    # --- banks ----------------------------------------------------------------------------------------

    def choose_bank(self, bank: str) -> None:
        """Choose from another bank; what plays goes on."""
        self._go_to(lambda: bank)

    def add_bank(self, name: str) -> None:
        """Make an empty bank and choose from it."""
        self._go_to(lambda: rack_bank.add_bank(name))

    def rename_bank(self, name: str) -> None:
        """Call the bank something else."""
        bank = self.bank
        self._go_to(lambda: rack_bank.rename_bank(bank, name))

    def delete_bank(self) -> None:
        """Take the bank away with all its presets."""
        bank = self.bank
        self._go_to(lambda: str(rack_bank.delete_bank(bank) and rack_bank.FIRST))

    def export_bank(self, path: Path) -> None:
        """Write the bank to a file for other people."""
        bank = self.bank
        self._keeping(lambda: rack_bank_file.export(bank, path))

    def _go_to(self, act: Callable[[], str]) -> None:
        """Choose from the bank that `act` returns."""

        def go() -> BankEntry | None:
            self._next_bank = act()
            return self.current

        self._change(go)

    def _keeping(self, act: Callable[[], object]) -> None:
        """Do something that changes nothing about the preset that plays."""

        def go() -> BankEntry | None:
            act()
            return self.current

        self._change(go)

    def _edit(self, entry: BankEntry, act: Callable[[], BankEntry | None]) -> None:
        """Change a preset; where it plays, it goes on as what `act` returns."""
        plays = entry == self.current

        def go() -> BankEntry | None:
            changed = act()
            return changed if plays else self.current

        self._change(go)

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

        def work() -> tuple[BankEntry | None, _Bank, Any]:
            self._next_bank = self.bank
            entry = act()
            return entry, _read_bank(self._next_bank), then

        self._waiting.append(work)
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and not self._writing.is_busy:
            self._writing.submit(self._waiting.popleft())

    def _fail(self, error: object) -> None:
        self.failed.emit(error)
        self._go_on()

    def _take_bank(self, result: tuple[BankEntry | None, _Bank, Any]) -> None:
        entry, read, then = result
        self.bank, self.banks, self.entries = read.name, read.banks, read.entries
        self.current = entry if entry is not None and entry.path.is_file() else None
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

    def recall_number(self, bank: int, number: int) -> None:
        """Play through a preset by the place of its bank and its place in it, both counted from 0."""
        if bank != self.banks.index(self.bank) and 0 <= bank < len(self.banks):
            name = self.banks[bank]
            self._change(lambda: self._in_bank(name, number), then=self.recall)
        elif 0 <= number < len(self.entries):
            self.recall(self.entries[number])

    def _in_bank(self, bank: str, number: int) -> BankEntry:
        entry = rack_bank.by_number(bank, number)
        self._next_bank = bank
        return entry

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
