"""Recording without a person: one take after the other until every position is done.

Activities: the generators run in the thread that iterates them and block for the length of one take at a
time. Closing `capturing` leaves a session that can go on; closing `recording` leaves nothing behind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vastudio.atomic import atomic_folder
from vastudio.audio import io
from vastudio.capture.plan import KnobPlan, Position
from vastudio.capture.plan_file import CapturePlan, Dial, StimulusChoice
from vastudio.capture.session import Session
from vastudio.capture.session_file import Setup, SourceChoice
from vastudio.capture.session_state import Slot
from vastudio.capture.source import OnProgress, Source, ignore_progress, refuse_foreign_knobs
from vastudio.dataset.manifest import Capture
from vastudio.dataset.store import Dataset
from vastudio.errors import CaptureError
from vastudio.types import Audio


@dataclass(frozen=True)
class TakeStarted:
    """Position `index` (from 0) of `total` is being recorded."""

    index: int
    total: int
    position: Position


@dataclass(frozen=True)
class TakeFinished:
    """The take is measured and stored; `capture` holds its findings."""

    index: int
    total: int
    capture: Capture

    @property
    def is_good(self) -> bool:
        """Whether the take can be used."""
        return bool(self.capture.usable_clips)


@dataclass(frozen=True)
class SessionFinished:
    """All positions are recorded, or passed over; the dataset can be used."""

    dataset: Dataset


RecordingEvent = TakeStarted | TakeFinished | SessionFinished

Ask = Callable[[int, Slot], bool]
"""Called before every take with the position's number and what is there; False passes the position over."""


def always(_place: int, _slot: Slot) -> bool:
    """Record everything, ask nobody."""
    return True


def capturing(
    session: Session,
    source: Source,
    *,
    ask: Ask = always,
    tries: int = 1,
    on_progress: OnProgress = ignore_progress,
) -> Iterator[RecordingEvent]:
    """Record every open position of `session`; yield what happens, `SessionFinished` last.

    A take with an error is recorded up to `tries` times; then the session goes on, and the position stays
    marked. The source is opened and closed here.

    Raises
    ------
    CaptureError, DeviceError, OutputError
        When the source fails or a take cannot be written. What was recorded before is safe.
    DatasetError
        When no take can be used.
    """
    source.open()
    try:
        yield from _takes(session, source, ask, tries, on_progress)
    finally:
        source.close()
    yield SessionFinished(session.dataset())


def _takes(
    session: Session, source: Source, ask: Ask, tries: int, on_progress: OnProgress
) -> Iterator[TakeStarted | TakeFinished]:
    total, failures = len(session.state.slots), 0
    while session.state.phase not in ("finished", "paused"):
        place, slot = session.state.current, session.state.slot
        if not ask(place, slot):
            session.skip()
            continue
        yield TakeStarted(place, total, slot.position)
        yield TakeFinished(place, total, session.record(source, on_progress))
        stays = session.state.current == place and session.state.phase == "waiting"
        failures = failures + 1 if stays else 0
        if failures >= tries:
            session.skip()
            failures = 0


def recording(source: Source, plan: KnobPlan, signal: Audio, out: Path) -> Iterator[RecordingEvent]:
    """Record every position of `plan` into the new dataset folder `out`; yield what happens.

    Parameters
    ----------
    signal:
        What is played, at the source's sample rate.
    out:
        It appears with the last event, `SessionFinished`, whole or not at all.

    Raises
    ------
    CaptureError
        When the plan is empty, or the source fails.
    DatasetError
        When no take can be used.
    KnobError
        When the plan turns a knob that the source does not have.
    OutputError
        When `out` exists already or cannot be written.
    """
    if not plan.positions:
        raise CaptureError("The plan holds no position to record.", "Plan at least one.")
    refuse_foreign_knobs(source, plan.knobs)
    with atomic_folder(out) as folder, _session(source, plan, signal, folder) as session:
        for event in capturing(session, source):
            if not isinstance(event, SessionFinished):
                yield event
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
    raise AssertionError("recording ends with SessionFinished")


def _session(source: Source, plan: KnobPlan, signal: Audio, folder: Path) -> Session:
    """Begin a session that plays `signal` at every position."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "clean.wav"
        io.write(file, signal, source.sample_rate)
        dials = tuple(Dial(knob) for knob in plan.knobs)
        whole = CapturePlan(dials, plan.positions, StimulusChoice(file=file), source.name)
        return Session.create(folder, whole, Setup.of(source, SourceChoice("")))
