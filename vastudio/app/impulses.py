"""The impulse responses in use: copies in the user's folder, which outlive the files they came from.

A copy is named after its file and its content: the same response is kept once.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from vastudio import paths
from vastudio.app.rack import CabinetSettings
from vastudio.atomic import atomic_file
from vastudio.engine import cabinet
from vastudio.engine.cabinet_mix import CabinetMix, Microphone
from vastudio.errors import AudioFileError

LARGEST_FILE = 64 * 1024 * 1024
_DIGITS = 8


def folder() -> Path:
    """Where the copies are."""
    return paths.user_data() / "impulses"


def path_of(name: str) -> Path:
    """The file of a response. Raises AudioFileError for what is no plain file name, or no longer there."""
    path = folder() / name
    if not name or Path(name).name != name or not path.is_file():
        raise AudioFileError(
            f"The impulse response '{title(name)}' is gone.", "Load it again, from where it came."
        )
    return path


def title(name: str) -> str:
    """What the person called it: the name without its mark."""
    stem, mark, rest = name.rpartition("~")
    return f"{stem}{Path(rest).suffix}" if mark else name


def keep(path: Path) -> str:
    """Take a response into use; return its name.

    Raises
    ------
    AudioFileError
        When the file is no impulse response (`engine.cabinet.load`), or larger than 64 MiB.
    OutputError
        When the user's folder cannot be written.
    """
    path = Path(path)
    if path.is_file() and path.stat().st_size > LARGEST_FILE:
        raise AudioFileError(
            f"{path.name} is too large for an impulse response.", "Choose a file of at most 64 MiB."
        )
    cabinet.load(path)
    return keep_bytes(path.name, path.read_bytes())


def keep_bytes(name: str, content: bytes) -> str:
    """Take the content of a response's file into use; return its name."""
    plain = Path(title(name))
    kept = f"{plain.stem[:80]}~{digest(content)}{plain.suffix.lower()}"
    target = folder() / kept
    if not target.is_file():
        with atomic_file(target) as temporary:
            temporary.write_bytes(content)
    return kept


def digest(content: bytes) -> str:
    """Mark of a content: the start of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


@lru_cache(maxsize=8)
def _response(name: str, trimmed: bool, minimum_phase: bool) -> cabinet.Cabinet:
    return cabinet.load(path_of(name), trimmed=trimmed, minimum_phase=minimum_phase)


@lru_cache(maxsize=8)
def mix(settings: CabinetSettings, sample_rate: int) -> CabinetMix | None:
    """Read and prepare what the settings name: in a worker, takes up to a second; None for nothing.

    Raises AudioFileError.
    """
    microphones = tuple(
        Microphone(
            _response(item.response, settings.trimmed, settings.minimum_phase),
            item.level_db,
            item.delay_ms,
            item.inverted,
        )
        for item in settings.microphones
    )
    if not microphones:
        return None
    made = CabinetMix(microphones)
    made.packed(sample_rate)
    return made
