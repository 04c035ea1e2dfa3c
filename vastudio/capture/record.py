"""Recording a plan: one take after the other, into a dataset folder that appears whole or not at all.

Activities: the generator runs in the thread that iterates it and blocks for the length of one take at a time.
Closing it cancels the session and leaves nothing behind.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vastudio.atomic import atomic_folder
from vastudio.audio import io
from vastudio.capture.plan import KnobPlan, Position
from vastudio.capture.source import Source
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.manifest import Capture, Manifest
from vastudio.dataset.planned import PlannedClip
from vastudio.dataset.store import Dataset
from vastudio.dataset.takes import AudioFolder, measure_take
from vastudio.errors import DatasetError
from vastudio.types import Audio


@dataclass(frozen=True)
class TakeStarted:
    """Take `index` (from 0) of `total` is being recorded at `position`."""

    index: int
    total: int
    position: Position


@dataclass(frozen=True)
class TakeFinished:
    """Take `index` of `total` is measured and stored; `capture` holds its findings."""

    index: int
    total: int
    capture: Capture


@dataclass(frozen=True)
class SessionFinished:
    """All takes are recorded; the dataset can be used."""

    dataset: Dataset


RecordingEvent = TakeStarted | TakeFinished | SessionFinished


def recording(source: Source, plan: KnobPlan, signal: Audio, out: Path) -> Iterator[RecordingEvent]:
    """Record every position of `plan`; yield what happens, `SessionFinished` last.

    Parameters
    ----------
    signal:
        What is played, at the source's sample rate.
    out:
        The new dataset folder. It appears with the last event.

    Raises
    ------
    DatasetError
        When the plan is empty, or no take can be used.
    KnobError
        When the plan turns a knob that the source does not have.
    OutputError
        When `out` exists already or cannot be written.
    """
    if not plan.positions:
        raise DatasetError("The plan holds no position to record.", "Plan at least one.")
    total = len(plan.positions)
    with atomic_folder(out) as folder, tempfile.TemporaryDirectory() as scratch:
        session = _Session(source, signal, Path(scratch), AudioFolder(folder))
        captures = []
        for index, position in enumerate(plan.positions):
            yield TakeStarted(index, total, position)
            captures.append(session.take(index, position))
            yield TakeFinished(index, total, captures[-1])
        manifest = Manifest(
            source.name, source.knobs, source.sample_rate, tuple(captures), session.store.records
        )
        manifest_file.write(manifest, folder)
        Dataset(folder, manifest).captures()  # raises when every take failed
    yield SessionFinished(Dataset.open(out))


def record_plan(
    source: Source,
    plan: KnobPlan,
    signal: Audio,
    out: Path,
    on_progress: Callable[[RecordingEvent], None] | None = None,
) -> Dataset:
    """Record every position of `plan` and return the dataset; errors as `recording`.

    `on_progress` is called in the caller's thread; an exception from it cancels and leaves nothing behind.
    """
    for event in recording(source, plan, signal, out):
        if on_progress:
            on_progress(event)
        if isinstance(event, SessionFinished):
            return event.dataset
    raise AssertionError("a recording session ends with SessionFinished")


class _Session:
    """The files of a session in progress."""

    def __init__(self, source: Source, signal: Audio, scratch: Path, store: AudioFolder) -> None:
        self.source = source
        self.signal = signal
        self.scratch = scratch
        self.store = store
        self.clean = scratch / "clean.wav"
        io.write(self.clean, signal, source.sample_rate)

    def take(self, index: int, position: Position) -> Capture:
        """Record, store and measure one position."""
        identity = f"{index:03d}"
        target = self.scratch / f"take-{identity}.wav"
        io.write(target, self.source.record(self.signal, position.values), self.source.sample_rate)
        take = measure_take(PlannedClip(self.clean, target, f"take {identity}"), self.store)
        target.unlink()
        findings = tuple(dataclasses.replace(found, capture=identity, clip=0) for found in take.findings)
        return Capture(identity, dict(position.values), position.split, (take.clip,), findings)
