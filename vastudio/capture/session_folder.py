"""The folder of a session: beginning in it, one process at a time, and clearing up after one that ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from vastudio import lock
from vastudio.capture import plan_file, session_file
from vastudio.capture.plan_file import CapturePlan
from vastudio.capture.stimuli import signal_for
from vastudio.capture.takes_folder import TakesFolder
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.takes import AUDIO_FOLDER
from vastudio.errors import CaptureError, OutputError
from vastudio.lock import FolderLock

PLAN_NAME = "plan.toml"


def locked(folder: Path) -> FolderLock:
    """Take the folder's lock and remove what is half-written in it. Raises CaptureError, OutputError."""
    held = FolderLock(folder)
    held.acquire(
        CaptureError(f"The session {folder} goes on in another process.", "Close it there, or wait for it.")
    )
    for leftover in _leftovers(folder):
        leftover.unlink(missing_ok=True)
    TakesFolder(folder).sweep()
    return held


def begin(folder: Path, plan: CapturePlan, rate: int) -> tuple[FolderLock, CapturePlan]:
    """Lock a new or empty folder and put the plan there; its stimulus file is copied, at `rate` Hz.

    What a session that was killed while it began left there is replaced. Returns the lock and the plan with
    its own stimulus.

    Raises
    ------
    OutputError
        When the folder holds something else, or cannot be written.
    """
    _refuse_full(folder)
    held = locked(folder)
    plan_file.write_plan(plan, folder / PLAN_NAME)
    if plan.stimulus.file is not None:
        signal = signal_for(plan.stimulus, plan.positions[0], rate)
        copy = TakesFolder(folder).clean(signal, rate)
        plan = dataclasses.replace(plan, stimulus=dataclasses.replace(plan.stimulus, file=copy))
        plan_file.write_plan(plan, folder / PLAN_NAME)
    return held, plan


def _refuse_full(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = {path.name for path in folder.iterdir()} - {path.name for path in _leftovers(folder)}
    except OSError as error:
        raise OutputError(
            f"Cannot write {folder}: {error.strerror}.", "Choose a folder you may write to."
        ) from error
    if found - {PLAN_NAME, lock.NAME, AUDIO_FOLDER} or (AUDIO_FOLDER in found and PLAN_NAME not in found):
        raise OutputError(f"{folder} already exists.", "Choose a new folder, or remove that one first.")


def _leftovers(folder: Path) -> Iterator[Path]:
    """A session's own files that were being written when a process was killed (`atomic.atomic_file`)."""
    for name in (PLAN_NAME, session_file.NAME, manifest_file.MANIFEST_NAME):
        yield from folder.glob(f".{Path(name).stem}-*{Path(name).suffix}")
