"""The person's presets: a folder of preset files, in the order of their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from vastudio import paths
from vastudio.app import rack_preset
from vastudio.app.library import free_path
from vastudio.app.rack import Rig
from vastudio.app.rack_preset import SUFFIX
from vastudio.errors import OutputError, PresetError

_DELETED = "deleted"


@dataclass(frozen=True)
class BankEntry:
    """A preset of the bank: its name and its file."""

    name: str
    path: Path


def folder() -> Path:
    """Where the presets are."""
    return paths.user_data() / "presets"


def entries() -> list[BankEntry]:
    """Every preset that can be read, by name."""
    found = []
    for path in folder().glob(f"*{SUFFIX}"):
        try:
            found.append(BankEntry(rack_preset.name_of(path), path))
        except PresetError:
            continue
    return sorted(found, key=lambda entry: (entry.name.casefold(), entry.path.name))


def save(name: str, rig: Rig) -> BankEntry:
    """Keep `rig` under a name; a preset of the same name is replaced. Errors as `rack_preset.write`."""
    name = rack_preset.checked_name(name)
    same = [entry.path for entry in entries() if entry.name.casefold() == name.casefold()]
    path = same[0] if same else free_path(folder(), name, SUFFIX)
    rack_preset.write(path, name, rig)
    return BankEntry(name, path)


def rename(entry: BankEntry, name: str) -> BankEntry:
    """Call a preset something else. Raises PresetError when another one has that name, OutputError."""
    name = rack_preset.checked_name(name)
    others = [other for other in entries() if other.path != entry.path]
    if any(other.name.casefold() == name.casefold() for other in others):
        raise PresetError(f"There is a preset '{name}' already.", "Choose another name.")
    contents = rack_preset.read(entry.path)
    rack_preset.write_contents(entry.path, replace(contents, name=name))
    return BankEntry(name, entry.path)


def delete(entry: BankEntry) -> Path:
    """Take a preset out of the bank; return where it lies now, from where `add` takes it back.

    Raises OutputError.
    """
    target = free_path(folder() / _DELETED, entry.path.stem, SUFFIX)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        entry.path.replace(target)
    except OSError as error:
        raise OutputError(f"The preset '{entry.name}' cannot be deleted.", "Check its folder.") from error
    return target


def add(path: Path) -> BankEntry:
    """Take a preset's file into the bank, after everything in it was checked.

    Its name gets a number where there is one of that name. Raises PresetError, ModelFileError,
    AudioFileError, OutputError; the bank is as before then.
    """
    rack_preset.unpack(path)
    contents = rack_preset.read(path)
    taken = {entry.name.casefold() for entry in entries()}
    name, count = contents.name, 2
    while name.casefold() in taken:
        name, count = f"{contents.name} {count}", count + 1
    target = free_path(folder(), name, SUFFIX)
    rack_preset.write_contents(target, replace(contents, name=name))
    return BankEntry(name, target)


def export(entry: BankEntry, path: Path) -> None:
    """Write a preset to `path`, for other people: it does not say where the model lay here.

    Raises PresetError, OutputError.
    """
    contents = rack_preset.read(entry.path)
    rig = replace(contents.rig, model=contents.model[0] if contents.model else "")
    rack_preset.write_contents(path, replace(contents, rig=rig))
