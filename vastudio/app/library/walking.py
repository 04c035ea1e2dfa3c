"""Looking for model files in folders: fast, and not to be stopped by what lies there.

Folders that lead back into themselves are entered once; folders that cannot be read, or are not there at the
moment (a drive that was unplugged), are named, so that nobody takes their files for deleted.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

Stamp = tuple[int, int]
"""Size in bytes, and time of the last change in nanoseconds."""

_DEEPEST = 40


@dataclass
class Found:
    """What lies in the folders. `unread`: the folders that could not be looked into."""

    files: dict[str, Stamp] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def may_hold(self, path: str) -> bool:
        """Whether a file that was not found may still be there, in a folder that could not be read."""
        return any(path.startswith(folder.rstrip(os.sep) + os.sep) for folder in self.unread)


def walk(folders: Sequence[Path], suffixes: Sequence[str]) -> Found:
    """Find the files with these suffixes (in small letters) in `folders` and all folders within them.

    Hidden files and folders (a dot in front) are left out: temporary files are among them.
    """
    found = Found()
    entered: set[tuple[int, int]] = set()
    waiting = [(os.path.abspath(folder), 0) for folder in reversed(folders)]  # noqa: PTH100
    endings = tuple(suffixes)
    while waiting:
        folder, depth = waiting.pop()
        try:
            _look_into(folder, depth, endings, found, entered, waiting)
        except OSError:
            found.unread.append(folder)
    return found


def _look_into(
    folder: str,
    depth: int,
    endings: tuple[str, ...],
    found: Found,
    entered: set[tuple[int, int]],
    waiting: list[tuple[str, int]],
) -> None:
    about = os.stat(folder)  # noqa: PTH116
    if (about.st_dev, about.st_ino) in entered:
        return
    entered.add((about.st_dev, about.st_ino))
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    if depth < _DEEPEST:
                        waiting.append((entry.path, depth + 1))
                elif entry.name.lower().endswith(endings) and entry.is_file():
                    about = entry.stat()
                    found.files[entry.path] = about.st_size, about.st_mtime_ns
            except OSError:
                continue
