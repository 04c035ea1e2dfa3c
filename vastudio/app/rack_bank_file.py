"""A whole bank of presets as one file: a zip of preset files, in their order.

Before anything of it is used, every preset is checked as one that comes alone (`rack_preset`).
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vastudio.app import rack_bank, rack_preset
from vastudio.app.rack_bank import BankEntry
from vastudio.atomic import atomic_file
from vastudio.errors import PresetError, StudioError

SUFFIX = ".vabank"
SCHEMA = 1
MOST_PRESETS = 1024
LARGEST_PRESET = 512 << 20
LARGEST_BANK = 4 << 30

_SETTINGS = "bank.json"
_LARGEST_SETTINGS = 1 << 20
_AGAIN = "Ask for the bank once more: it was changed, or damaged on its way."


def export(bank: str, path: Path, title: str = "") -> None:
    """Write all presets of a bank to `path`, for other people. Raises PresetError, OutputError."""
    there = rack_bank.entries(bank)
    if not there:
        raise PresetError("This bank is empty.", "Save a preset in it before you export it.")
    names = [f"{place:04d}{rack_preset.SUFFIX}" for place, _ in enumerate(there, 1)]
    record = {"schema": SCHEMA, "name": title or bank or "Presets", "presets": names}
    with (
        tempfile.TemporaryDirectory() as part,
        atomic_file(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive,
    ):
        archive.writestr(_SETTINGS, json.dumps(record, indent=1))
        for name, entry in zip(names, there, strict=True):
            rack_bank.export(entry, Path(part) / name)
            archive.write(Path(part) / name, name)


def add(path: Path) -> str:
    """Take a bank's file in as a new bank; return its name.

    Raises what `rack_bank.add` raises, and OutputError; no bank is made then.
    """
    try:
        with zipfile.ZipFile(path) as archive, _unpacked(archive, path.name) as (name, files):
            for file in files:
                rack_preset.read(file)
            return _made(name, files)
    except FileNotFoundError as error:
        raise PresetError(f"There is no bank {path}.", "Choose another file.") from error
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise PresetError(
            f"{path.name} is no bank, or damaged.", f"Choose a {SUFFIX} file.", str(error)
        ) from error


def _made(name: str, files: list[Path]) -> str:
    """All of the presets in a new bank, or none."""
    bank = rack_bank.add_bank(name)
    try:
        order: list[BankEntry] = [rack_bank.add(file, bank) for file in files]
        rack_bank.reorder(bank, order)
    except StudioError:
        shutil.rmtree(rack_bank.folder(bank), ignore_errors=True)
        raise
    return bank


@contextmanager
def _unpacked(archive: zipfile.ZipFile, file: str) -> Iterator[tuple[str, list[Path]]]:
    """The bank's name, and its presets as files, for as long as the block lasts."""
    name, wanted = _settings(archive, file)
    left = LARGEST_BANK
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for place, entry in enumerate(wanted):
            content = _bytes(archive, entry, min(LARGEST_PRESET, left), file)
            left -= len(content)
            part = Path(folder) / f"{place}{rack_preset.SUFFIX}"
            part.write_bytes(content)
            files.append(part)
        yield name, files


def _settings(archive: zipfile.ZipFile, file: str) -> tuple[str, list[str]]:
    """The bank's name and its entries in their order; every entry of the file is one of them."""
    names = [entry.filename for entry in archive.infolist()]
    if _SETTINGS not in names:
        raise PresetError(f"{file} holds no bank.", f"Choose a {SUFFIX} file.")
    try:
        record = json.loads(_bytes(archive, _SETTINGS, _LARGEST_SETTINGS, file))
        schema, name, wanted = record["schema"], str(record["name"]), list(record["presets"])
    except (KeyError, TypeError, ValueError) as error:
        raise PresetError(f"{file} holds no settings of a bank.", _AGAIN, str(error)) from error
    if schema != SCHEMA:
        raise PresetError(f"{file} was made by another version of VA Studio.", "Update VA Studio.")
    if sorted([_SETTINGS, *map(str, wanted)]) != sorted(names) or not 1 <= len(wanted) <= MOST_PRESETS:
        raise PresetError(f"{file} holds files that belong to no bank.", _AGAIN)
    return rack_preset.checked_name(name), wanted


def _bytes(archive: zipfile.ZipFile, name: str, most: int, file: str) -> bytes:
    """Read an entry, whose size may be a lie, up to what it may have."""
    with archive.open(name) as entry:
        content = entry.read(most + 1)
    if len(content) > most:
        raise PresetError(f"{file} holds a file that is too large: {name[:60]}.", _AGAIN)
    return content
