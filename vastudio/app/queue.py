"""Training requests one after the other, kept in a file: what waits survives a crash of the studio.

Activities: a `TrainingQueue` is used by one thread at a time, which calls `poll` now and then and waits for
the disk at most; the runs themselves are child processes (`app.jobs`), one at a time. A run that was going
when the studio went is resumed from its checkpoint when the queue is opened again; a run that fails is
noted, and the next one starts.

Several processes may have the same queue open. Each change reads the file, changes it and replaces it as a
whole, under a lock that lasts for a moment (`.NAME.lock`); only one process works the queue off, under a
lock that lasts until nothing waits (`.NAME.running`). Both locks go with the process that holds them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from pydantic import TypeAdapter, ValidationError

from vastudio import atomic
from vastudio.app.jobs import ResumeRequest, TrainingJob, TrainingRequest
from vastudio.app.label import ModelLabel
from vastudio.errors import TrainingError
from vastudio.lock import FolderLock
from vastudio.training.config import TrainingConfig, from_record
from vastudio.training.events import Event, Failed, Finished
from vastudio.training.run_files import CHECKPOINT

SCHEMA_VERSION = 1

_PATIENCE_SECONDS = 5.0
"""Another process holds the file for some milliseconds."""

State: TypeAlias = Literal["waiting", "running", "finished", "failed"]


@dataclass(frozen=True)
class QueueEntry:
    """One request and what became of it.

    Attributes
    ----------
    run_folder:
        The run's folder, None until it has started.
    message:
        Why it failed, or empty.
    """

    id: int
    dataset: Path
    out: Path
    config: TrainingConfig
    label: ModelLabel = field(default_factory=ModelLabel)
    state: State = "waiting"
    run_folder: Path | None = None
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do."""
        return self.state in ("finished", "failed")


class Job(Protocol):
    """What the queue needs of a run; `TrainingJob` is one."""

    run_folder: Path | None

    def start(self) -> None: ...
    def poll(self) -> list[Event]: ...
    def close(self, seconds: float = ...) -> None: ...
    def leave_core_free(self, leave: bool = ...) -> None: ...
    @property
    def running(self) -> bool: ...


Starter: TypeAlias = Callable[[TrainingRequest | ResumeRequest], Job]


class TrainingQueue:
    """The queue in the file at `path`, which need not exist yet.

    Parameters
    ----------
    leave_core_free:
        Whether runs leave one core to sound and window; can be changed at any time.
    job:
        Makes a run from a request.

    Raises
    ------
    TrainingError
        When the file is damaged, or was written by a newer version; every change may raise it as well.
    """

    def __init__(self, path: Path, *, leave_core_free: bool = False, job: Starter = TrainingJob) -> None:
        self._path = path
        self._make_job = job
        self._leave_core_free = leave_core_free
        self._changing = FolderLock(path.parent, f".{path.name}.lock")
        self._working = FolderLock(path.parent, f".{path.name}.running")
        self._works = False
        self._entries = _read(path)
        self._job: Job | None = None

    @property
    def entries(self) -> tuple[QueueEntry, ...]:
        """All requests, in their order, as they were at the latest change or poll."""
        return tuple(self._entries)

    @property
    def job(self) -> Job | None:
        """The run that goes on, to pause or to stop it."""
        return self._job

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return self._job is None and all(entry.over for entry in self._entries)

    # --- changing it ----------------------------------------------------------------------------------

    def add(
        self, dataset: Path, out: Path, config: TrainingConfig, label: ModelLabel | None = None
    ) -> QueueEntry:
        """Append a request. Raises OutputError when the file cannot be written."""

        def append(entries: list[QueueEntry]) -> list[QueueEntry]:
            number = 1 + max((entry.id for entry in entries), default=0)
            new = QueueEntry(number, dataset.resolve(), out.resolve(), config, label or ModelLabel())
            return [*entries, new]

        self._change(append)
        return self._entries[-1]

    def remove(self, entry_id: int) -> None:
        """Take an entry out. The one that runs stays: stop its job."""
        self._change(lambda entries: [e for e in entries if e.id != entry_id or e.state == "running"])

    def move(self, entry_id: int, place: int) -> None:
        """Put an entry at another place, 0 being the first."""

        def reorder(entries: list[QueueEntry]) -> list[QueueEntry]:
            moved = [entry for entry in entries if entry.id == entry_id]
            others = [entry for entry in entries if entry.id != entry_id]
            return [*others[:place], *moved, *others[place:]]

        self._change(reorder)

    def retry(self, entry_id: int) -> None:
        """Let an entry that failed wait again: it is resumed where it has a checkpoint."""

        def renewed(entry: QueueEntry) -> QueueEntry:
            if entry.id != entry_id or entry.state != "failed":
                return entry
            return dataclasses.replace(entry, state="waiting", message="")

        self._change(lambda entries: [renewed(entry) for entry in entries])

    # --- working it off -------------------------------------------------------------------------------

    def poll(self) -> list[tuple[QueueEntry, Event]]:
        """Start what is next, and return the events since the last call with the entry each belongs to.

        Raises
        ------
        TrainingError
            When another process works this queue off.
        """
        if self._job is None:
            return self._start_next()
        return self._follow(self._job)

    def use_core(self, leave_free: bool) -> None:
        """Leave one core to sound and window from now on, or use it again."""
        self._leave_core_free = leave_free
        if self._job is not None:
            self._job.leave_core_free(leave_free)

    def close(self) -> None:
        """Stop the run that goes on, keeping its best model. It waits again; so do the others. Blocks."""
        job, entry = self._job, self._current
        try:
            if job is not None and entry is not None:
                job.close()
                self._job = None
                self._replace(dataclasses.replace(entry, state="waiting", run_folder=job.run_folder))
        finally:
            self._let_go()

    @property
    def _current(self) -> QueueEntry | None:
        """The entry that runs, or ran when the studio went."""
        return next((entry for entry in self._entries if entry.state == "running"), None)

    def _start_next(self) -> list[tuple[QueueEntry, Event]]:
        self._entries = _read(self._path)  # another process may have added to it
        if self.idle:
            self._let_go()
            return []
        self._take_over()
        entry = self._current or next(entry for entry in self._entries if not entry.over)
        entry = self._replace(dataclasses.replace(entry, state="running"))
        job = self._make_job(self._request(entry))
        try:
            job.start()
        except OSError as error:
            failure = Failed("Training cannot start.", str(error))
            return [(self._end(entry, failure), failure)]
        self._job = job
        return []

    def _take_over(self) -> None:
        """Become the one that works the queue off."""
        if self._works:
            return
        self._working.acquire(
            TrainingError(
                f"The queue {self._path} is worked off by another VA Studio.",
                "Its runs go on there: wait for them, or close that one.",
            )
        )
        self._works = True

    def _let_go(self) -> None:
        self._working.release()
        self._works = False

    def _request(self, entry: QueueEntry) -> TrainingRequest | ResumeRequest:
        """Go on with a run that has a checkpoint; begin the others."""
        folder = entry.run_folder
        if folder is not None and (folder / CHECKPOINT).is_file():
            return ResumeRequest(folder, entry.out, leave_core_free=self._leave_core_free)
        return TrainingRequest(
            entry.dataset, entry.out, entry.config, entry.label, leave_core_free=self._leave_core_free
        )

    def _follow(self, job: Job) -> list[tuple[QueueEntry, Event]]:
        told: list[tuple[QueueEntry, Event]] = []
        entry = self._current
        assert entry is not None  # a job belongs to the entry that runs
        for event in job.poll():
            if entry.run_folder != job.run_folder:
                entry = self._replace(dataclasses.replace(entry, run_folder=job.run_folder))
            if isinstance(event, Finished | Failed):
                entry = self._end(entry, event)
            told.append((entry, event))
        if entry.over:
            job.close()
            self._job = None
            if self.idle:
                self._let_go()
        return told

    def _end(self, entry: QueueEntry, event: Finished | Failed) -> QueueEntry:
        if isinstance(event, Finished):
            return self._replace(dataclasses.replace(entry, state="finished"))
        message = f"{event.message} {event.hint}".rstrip()
        return self._replace(dataclasses.replace(entry, state="failed", message=message))

    # --- the file -------------------------------------------------------------------------------------

    def _replace(self, entry: QueueEntry) -> QueueEntry:
        self._change(lambda entries: [entry if old.id == entry.id else old for old in entries])
        return entry

    def _change(self, change: Callable[[list[QueueEntry]], list[QueueEntry]]) -> None:
        """Change what the file holds now, which may be more than this process knows of."""
        in_use = TrainingError(f"The queue {self._path} is in use.", "Try again.")
        self._changing.acquire(in_use, _PATIENCE_SECONDS)
        try:
            entries = change(_read(self._path))
            record = {"schema_version": SCHEMA_VERSION, "entries": [_to_record(entry) for entry in entries]}
            atomic.write_text(self._path, json.dumps(record, indent=2) + "\n")
            self._entries = entries
        finally:
            self._changing.release()


def _to_record(entry: QueueEntry) -> dict[str, Any]:
    record = dataclasses.asdict(entry)
    paths = ("dataset", "out", "run_folder")
    return {**record, **{name: str(record[name]) if record[name] else None for name in paths}}


@dataclass(frozen=True)
class _Record:
    """An entry as a person may write it: everything but dataset and model can be left out."""

    dataset: Path
    out: Path
    id: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    label: ModelLabel = field(default_factory=ModelLabel)
    state: State = "waiting"
    run_folder: Path | None = None
    message: str = ""


@dataclass(frozen=True)
class _File:
    schema_version: int
    entries: Sequence[_Record]


def _read(path: Path) -> list[QueueEntry]:
    """The entries of the file; none where there is no file."""
    try:
        file = TypeAdapter(_File).validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (ValidationError, OSError) as error:
        raise TrainingError(
            f"{path} is no training queue, or it is damaged.", "Correct it, or remove it.", str(error)
        ) from error
    if file.schema_version > SCHEMA_VERSION:
        raise TrainingError(f"{path} was written by a newer VA Studio.", "Update VA Studio.")
    base = path.resolve().parent
    named = [record.id for record in file.entries]
    numbers = named if None not in named and len(set(named)) == len(named) else range(1, len(named) + 1)
    return [_entry(number or 0, record, base) for number, record in zip(numbers, file.entries, strict=True)]


def _entry(number: int, record: _Record, base: Path) -> QueueEntry:
    """Relative paths belong to the folder of the file."""
    return QueueEntry(
        number,
        base / record.dataset,
        base / record.out,
        from_record(record.config),
        record.label,
        record.state,
        base / record.run_folder if record.run_folder else None,
        record.message,
    )
