"""Which folders the library looks into."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vastudio import paths
from vastudio.app.library.own import Memory


def usual() -> tuple[Path, ...]:
    """The folders that are always looked into: factory models and, once it is there, the person's own."""
    return tuple(folder for folder in (paths.factory_models(), paths.user_models()) if folder.is_dir())


def watched(memory: Memory) -> tuple[Path, ...]:
    """Every folder that is looked into; those within others, and those named twice, only once."""
    return _outermost([*usual(), *(Path(folder) for folder in memory.folders)])


def _outermost(folders: Iterable[Path]) -> tuple[Path, ...]:
    kept = list(dict.fromkeys(folders))
    return tuple(folder for folder in kept if not any(folder.is_relative_to(o) for o in kept if o != folder))
