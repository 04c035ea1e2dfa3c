"""The person's presets: banks, each a folder of preset files in an order of the person's own.

The first bank is the folder `presets` itself, the others are folders in it. `order.json` of a folder names
its files in their order; what it does not name comes after that, by name.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from vastudio import atomic, paths
from vastudio.app import rack_preset
from vastudio.app.library import free_path
from vastudio.app.rack import Rig
from vastudio.app.rack_preset import SUFFIX
from vastudio.errors import OutputError, PresetError

FIRST = ""
"""The bank that is always there."""

_DELETED = "deleted"
_ORDER = "order.json"


@dataclass(frozen=True)
class BankEntry:
    """A preset of a bank: its name and its file."""

    name: str
    path: Path

    @property
    def bank(self) -> str:
        """The name of its bank."""
        return FIRST if self.path.parent == folder() else self.path.parent.name


def folder(bank: str = FIRST) -> Path:
    """Where the presets of a bank are."""
    return paths.user_data() / "presets" / bank if bank else paths.user_data() / "presets"


# --- banks ------------------------------------------------------------------------------------------------


def banks() -> list[str]:
    """The names of all banks, the first at first, the others by name."""
    found = [path.name for path in folder().glob("*") if path.is_dir() and path.name != _DELETED]
    return [FIRST, *sorted((name for name in found if not name.startswith(".")), key=str.casefold)]


def add_bank(name: str) -> str:
    """Make an empty bank; return its name, which has a number where there is one of that name.

    Raises PresetError for an empty or too long name, OutputError.
    """
    path = _free_folder(name)
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"The bank '{name}' cannot be made.", "Check the folder of presets.") from error
    return path.name


def rename_bank(bank: str, name: str) -> str:
    """Call a bank something else; return its name. Raises PresetError for the first one, OutputError."""
    _refuse_first(bank)
    target = _free_folder(name)
    _move(folder(bank), target, f"The bank '{bank}' cannot be renamed.")
    return target.name


def delete_bank(bank: str) -> Path:
    """Take a bank away with all its presets; return where its folder lies now. Errors as `rename_bank`."""
    _refuse_first(bank)
    target = free_path(folder(_DELETED), bank)
    _move(folder(bank), target, f"The bank '{bank}' cannot be deleted.")
    return target


def _free_folder(name: str) -> Path:
    """The folder of a new bank."""
    name = rack_preset.checked_name(name)
    return free_path(folder(), f"{name} bank" if name.casefold() == _DELETED else name)


def _refuse_first(bank: str) -> None:
    if bank == FIRST or bank not in banks():
        raise PresetError("This bank stays where it is.", "Choose another bank.")


def _move(path: Path, target: Path, problem: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    except OSError as error:
        raise OutputError(problem, "Check the folder of presets.") from error


# --- what is in a bank ------------------------------------------------------------------------------------


def entries(bank: str = FIRST) -> list[BankEntry]:
    """Every preset of a bank that can be read, in the bank's order."""
    found = []
    for path in folder(bank).glob(f"*{SUFFIX}"):
        try:
            state = path.stat()
            found.append(BankEntry(_name(path, state.st_mtime_ns, state.st_size), path))
        except (PresetError, OSError):
            continue
    order = {name: place for place, name in enumerate(_order(bank))}
    last = len(order)
    return sorted(
        found, key=lambda entry: (order.get(entry.path.name, last), entry.name.casefold(), entry.path.name)
    )


@lru_cache(maxsize=4096)
def _name(path: Path, _modified: int, _size: int) -> str:
    return rack_preset.name_of(path)


def by_number(bank: str, number: int) -> BankEntry:
    """The preset at a place of a bank, counted from 0, as program changes do. Raises PresetError."""
    there = entries(bank)
    if not 0 <= number < len(there):
        raise PresetError(f"There is no preset {number + 1} in this bank.", f"It holds {len(there)} presets.")
    return there[number]


def search(text: str) -> list[BankEntry]:
    """Presets of all banks whose names hold every word of `text`, whatever the case; by bank and place."""
    words = text.casefold().split()
    everything = [entry for bank in banks() for entry in entries(bank)]
    return [entry for entry in everything if all(word in entry.name.casefold() for word in words)]


def reorder(bank: str, order: Sequence[BankEntry]) -> None:
    """Have the presets of a bank in this order. Raises OutputError."""
    atomic.write_text(folder(bank) / _ORDER, json.dumps([entry.path.name for entry in order], indent=1))


def _order(bank: str) -> list[str]:
    """A file that cannot be read costs the order only."""
    with contextlib.suppress(OSError, ValueError):
        record = json.loads((folder(bank) / _ORDER).read_text(encoding="utf-8"))
        return [name for name in record if isinstance(name, str)] if isinstance(record, list) else []
    return []


# --- one preset -------------------------------------------------------------------------------------------


def save(name: str, rig: Rig, bank: str = FIRST) -> BankEntry:
    """Keep `rig` under a name; one of the same name in the bank is replaced. As `rack_preset.write`."""
    name = rack_preset.checked_name(name)
    same = [entry.path for entry in entries(bank) if entry.name.casefold() == name.casefold()]
    path = same[0] if same else free_path(folder(bank), name, SUFFIX)
    rack_preset.write(path, name, rig)
    return BankEntry(name, path)


def rename(entry: BankEntry, name: str) -> BankEntry:
    """Call a preset something else. Raises PresetError when another one has that name, OutputError."""
    name = rack_preset.checked_name(name)
    others = [other for other in entries(entry.bank) if other.path != entry.path]
    if any(other.name.casefold() == name.casefold() for other in others):
        raise PresetError(f"There is a preset '{name}' already.", "Choose another name.")
    contents = rack_preset.read(entry.path)
    rack_preset.write_contents(entry.path, replace(contents, name=name))
    return BankEntry(name, entry.path)


def duplicate(entry: BankEntry) -> BankEntry:
    """Put a copy with a number right behind a preset. Raises PresetError, OutputError."""
    made = _write_new(rack_preset.read(entry.path), entry.bank)
    order = [other for other in entries(entry.bank) if other != made]
    if entry in order:
        order.insert(order.index(entry) + 1, made)
        reorder(entry.bank, order)
    return made


def move(entry: BankEntry, bank: str) -> BankEntry:
    """Put a preset into another bank; its name gets a number where it is taken. Errors as `duplicate`."""
    if bank == entry.bank:
        return entry
    made = _write_new(rack_preset.read(entry.path), bank)
    delete(entry)
    return made


def delete(entry: BankEntry) -> Path:
    """Take a preset out of its bank; return where it lies now, from where `add` takes it back.

    Raises OutputError.
    """
    target = free_path(folder(_DELETED), entry.path.stem, SUFFIX)
    _move(entry.path, target, f"The preset '{entry.name}' cannot be deleted.")
    return target


def add(path: Path, bank: str = FIRST) -> BankEntry:
    """Take a preset's file into a bank, after everything in it was checked.

    Its name gets a number where there is one of that name. Raises PresetError, ModelFileError,
    AudioFileError, OutputError; the bank is as before then.
    """
    rack_preset.unpack(path)
    return _write_new(rack_preset.read(path), bank)


def _write_new(contents: rack_preset.Contents, bank: str) -> BankEntry:
    """Write a preset beside those that are there."""
    taken = {entry.name.casefold() for entry in entries(bank)}
    name, count = contents.name, 2
    while name.casefold() in taken:
        name, count = f"{contents.name} {count}", count + 1
    target = free_path(folder(bank), name, SUFFIX)
    rack_preset.write_contents(target, replace(contents, name=name))
    return BankEntry(name, target)


def export(entry: BankEntry, path: Path) -> None:
    """Write a preset to `path`, for other people: it does not say where the model lay here.

    Raises PresetError, OutputError.
    """
    rack_preset.write_contents(path, for_others(rack_preset.read(entry.path)))


def for_others(contents: rack_preset.Contents) -> rack_preset.Contents:
    """The same without a word about this computer."""
    return replace(contents, rig=replace(contents.rig, model=contents.model[0] if contents.model else ""))
