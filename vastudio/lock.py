"""One process at a time works in a folder.

The lock belongs to the operating system, which lets go of it when the process ends, however it ends: work
that was killed can go on at once.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from vastudio.errors import OutputError, StudioError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = ".lock"
_LOOK_AGAIN_SECONDS = 0.2


class FolderLock:
    """Held from `acquire` to `release`, or as long as the object lives. `name`: of the file in `folder`."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        self._folder = folder
        self._name = name
        self._handle: int | None = None

    def acquire(self, refusal: StudioError, patience: float = 0.0) -> None:
        """Take the lock, waiting up to `patience` seconds for another process that is just ending.

        Raises
        ------
        StudioError
            `refusal`, when another process keeps it.
        OutputError
            When the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._folder / self._name, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(
                f"Cannot write {self._folder}: {error.strerror}.", "Choose a folder you may write to."
            ) from error
        deadline = time.monotonic() + patience
        while not _try_to_lock(self._handle):
            if time.monotonic() >= deadline:
                self.release()
                raise refusal
            time.sleep(_LOOK_AGAIN_SECONDS)

    def release(self) -> None:
        """Let go of the lock; nothing where it is not held."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __del__(self) -> None:
        self.release()


def _try_to_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
