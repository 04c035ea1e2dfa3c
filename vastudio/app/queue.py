"""Training requests one after the other, kept in a file: what waits survives a crash of the studio.

Activities: `TrainingQueue` is only ever used by one thread, which calls `poll` now and then and never
waits; the runs themselves are child processes (`app.jobs`), one at a time. The file is replaced as a whole
at every change. A run that was going when the studio went is resumed from its checkpoint when the queue is
opened again; a run that fails is noted, and the next one starts.
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
from vastudio.training.config import TrainingConfig, from_record
from vastudio.training.events import Event, Failed, Finished
from vastudio.training.run_files import CHECKPOINT

SCHEMA_VERSION = 1

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
        When the file is damaged, or was written by a newer version.
    """

    def __init__(self, path: Path, *, leave_core_free: bool = False, job: Starter = TrainingJob) -> None:
        self._path = path
        self._make_job = job
        self._leave_core_free = leave_core_free
        self._entries = _read(path) if path.is_file() else []
        self._job: Job | None = None

    @property
    def entries(self) -> tuple[QueueEntry, ...]:
        """All requests, in their order."""
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
        number = 1 + max((entry.id for entry in self._entries), default=0)
        entry = QueueEntry(number, dataset.resolve(), out.resolve(), config, label or ModelLabel())
        self._entries.append(entry)
        self._write()
        return entry

    def remove(self, entry_id: int) -> None:
        """Take an entry out. The one that runs stays: stop its job."""
        self._entries = [e for e in self._entries if e.id != entry_id or e is self._current]
        self._write()

    def move(self, entry_id: int, place: int) -> None:
        """Put an entry at another place, 0 being the first."""
        moved = [entry for entry in self._entries if entry.id == entry_id]
        others = [entry for entry in self._entries if entry.id != entry_id]
        self._entries = [*others[:place], *moved, *others[place:]]
        self._write()

    def retry(self, entry_id: int) -> None:
        """Let an entry that failed wait again: it is resumed where it has a checkpoint."""
        for entry in self._entries:
            if entry.id == entry_id and entry.state == "failed":
                self._replace(dataclasses.replace(entry, state="waiting", message=""))

    # --- working it off -------------------------------------------------------------------------------

    def poll(self) -> list[tuple[QueueEntry, Event]]:
        """Start what is next, and return the events since the last call with the entry each belongs to."""
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
        if job is None or entry is None:
            return
        job.close()
        self._job = None
        self._replace(dataclasses.replace(entry, state="waiting", run_folder=job.run_folder))

    @property
    def _current(self) -> QueueEntry | None:
        """The entry that runs, or ran when the studio went."""
        return next((entry for entry in self._entries if entry.state == "running"), None)

    def _start_next(self) -> list[tuple[QueueEntry, Event]]:
        waiting = (entry for entry in self._entries if entry.state == "waiting")
        entry = self._current or next(waiting, None)
        if entry is None:
            return []
        entry = self._replace(dataclasses.replace(entry, state="running"))
        job = self._make_job(self._request(entry))
        try:
            job.start()
        except OSError as error:
            failure = Failed("Training cannot start.", str(error))
            return [(self._end(entry, failure), failure)]
        self._job = job
        return []

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
        return told

    def _end(self, entry: QueueEntry, event: Finished | Failed) -> QueueEntry:
        if isinstance(event, Finished):
            return self._replace(dataclasses.replace(entry, state="finished"))
        message = f"{event.message} {event.hint}".rstrip()
        return self._replace(dataclasses.replace(entry, state="failed", message=message))

    # --- the file -------------------------------------------------------------------------------------

    def _replace(self, entry: QueueEntry) -> QueueEntry:
        self._entries = [entry if old.id == entry.id else old for old in self._entries]
        self._write()
        return entry

    def _write(self) -> None:
        record = {"schema_version": SCHEMA_VERSION, "entries": [_to_record(e) for e in self._entries]}
        atomic.write_text(self._path, json.dumps(record, indent=2) + "\n")


def _to_record(entry: QueueEntry) -> dict[str, Any]:
    record = dataclasses.asdict(entry)
    paths = ("dataset", "out", "run_folder")
    return {**record, **{name: str(record[name]) if record[name] else None for name in paths}}


@dataclass(frozen=True)
class _Record:
    """An entry as a person may write it: everything but dataset and model can be left out."""

    dataset: Path
    out: Path
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
    try:
        file = TypeAdapter(_File).validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise TrainingError(
            f"{path} is no training queue, or it is damaged.", "Correct it, or remove it.", str(error)
        ) from error
    if file.schema_version > SCHEMA_VERSION:
        raise TrainingError(f"{path} was written by a newer VA Studio.", "Update VA Studio.")
    base = path.resolve().parent
    return [_entry(number, record, base) for number, record in enumerate(file.entries, 1)]


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
