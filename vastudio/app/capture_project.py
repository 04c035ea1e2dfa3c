"""A capture as a person walks through it: choose a source, its knobs, a plan; record; look at what came out.

What is chosen before the first take is a `Draft`, a value. From the first take on a `CaptureProject` holds
the session and its source, and says in a `SessionView` where it stands and what is to be done next.

Activities: one thread at a time calls a project's methods, most of which read or write files and belong into
a worker. Drafts and views are values and go anywhere.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import statistics
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from vastudio import paths
from vastudio.app.capture import Bench, set_up, source_for, worst_positions
from vastudio.app.library import free_path
from vastudio.app.runs import read_runs
from vastudio.audio import io
from vastudio.capture import planning, session_file
from vastudio.capture.plan import SECONDS_PER_KNOB, Position
from vastudio.capture.plan_file import CapturePlan, Dial, StimulusChoice
from vastudio.capture.record import RecordingEvent, SessionFinished, TakeFinished, capturing
from vastudio.capture.session_file import SourceChoice
from vastudio.capture.session_state import Phase, SessionState, Slot, Status
from vastudio.capture.source import OnProgress, OptionValue, ignore_progress, source_kinds
from vastudio.dataset.manifest import Finding, Manifest, Split
from vastudio.errors import CaptureError, KnobError, StudioError
from vastudio.types import Audio, Knob, KnobValues

TELLS_KNOBS = ("virtual", "plugin")
"""Kinds of source that know their knobs themselves."""

NEEDS_LEVELS = ("hardware",)
"""Kinds of source whose levels a person sets."""

USES_DEVICE = ("hardware",)
"""Kinds of source that need an audio device for themselves."""

_PLACEHOLDER = re.compile(r"\{([^{}:]+)(?::[^{}]*)?\}")
_FILES = ("input", "output")


@dataclass(frozen=True)
class Draft:
    """What is chosen before the first take.

    Attributes
    ----------
    kind, options:
        The source, and what is chosen about it.
    device:
        What the device is called; empty for the source's own name.
    positions, validation:
        How many to plan; None leaves it to the planner.
    plan:
        Made from all this, and edited since; None as long as nothing is planned.
    send_dbu, return_dbu:
        Levels at the device of a sine at full scale, in dBu; None where nobody measured them.
    """

    kind: str = "virtual"
    options: dict[str, OptionValue] = field(default_factory=dict)
    device: str = ""
    dials: tuple[Dial, ...] = ()
    positions: int | None = None
    validation: int | None = None
    stimulus: StimulusChoice = field(default_factory=StimulusChoice)
    plan: CapturePlan | None = None
    send_dbu: float | None = None
    return_dbu: float | None = None

    @property
    def source(self) -> SourceChoice:
        """The source as a session remembers it."""
        return SourceChoice(self.kind, dict(self.options))

    @property
    def is_for_later(self) -> bool:
        """Whether the recordings are still to be made elsewhere: a plan is all there can be now."""
        return self.kind == "files" and not self.options.get("recordings")

    def planned(self) -> Draft:
        """Return the draft with a plan made anew. Raises KnobError where the dials do not allow one."""
        if not self.dials:
            raise KnobError("There is no knob to plan for.", "Add the knobs of the device.")
        plan = planning.plan_capture(
            self.dials,
            positions=self.positions,
            validation=self.validation,
            stimulus=self.stimulus,
            device=self.device,
            seed=self.stimulus.seed,
        )
        return replace(self, plan=plan)


def find_dials(draft: Draft) -> tuple[Dial, ...]:
    """The knobs to begin with: the source's own, those that a command names, or one.

    Loads a plug-in: call it in a worker. Raises CaptureError where the source cannot be used.
    """
    if draft.kind in TELLS_KNOBS:
        source = source_for(draft.source)
        source.open()
        try:
            return tuple(Dial(knob) for knob in source.knobs)
        finally:
            source.close()
    named = _PLACEHOLDER.findall(str(draft.options.get("command", "")))
    names = [name for name in dict.fromkeys(named) if name not in _FILES] or ["gain"]
    dials = tuple(Dial(Knob(name, minimum=0.0, maximum=10.0, default=5.0), steps=20) for name in names)
    check_source(replace(draft, dials=dials) if draft.kind == "command" else draft)
    return dials


def check_source(draft: Draft) -> str:
    """Return the name of the source with what is chosen, empty for recordings that are still to be made.

    Raises CaptureError, KnobError, DeviceError.
    """
    if draft.is_for_later:
        return ""
    source = source_for(draft.source, [dial.knob for dial in draft.dials], draft.device)
    source.open()
    try:
        return source.name
    finally:
        source.close()


def with_plan(draft: Draft, plan: CapturePlan) -> Draft:
    """Return the draft with a plan that was made elsewhere: its dials, its stimulus, its device's name.

    Raises CaptureError, KnobError or DeviceError where the draft's source cannot follow it.
    """
    made = replace(
        draft, device=plan.device or draft.device, dials=plan.dials, stimulus=plan.stimulus, plan=plan,
        positions=None, validation=None,
    )  # fmt: skip
    check_source(made)
    return made


def with_position(plan: CapturePlan, index: int, values: KnobValues, split: Split) -> CapturePlan:
    """Return the plan with other values at `index`, on the dials' steps. Raises KnobError."""
    longer = planning.insert(plan, index, values, split)
    return planning.remove(longer, index + 1)


# --- sessions on the disk -----------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredSession:
    """A session that can be opened: how many of its positions are done, and when it was last worked on."""

    folder: Path
    device: str
    done: int
    total: int
    changed: float

    @property
    def is_finished(self) -> bool:
        """Whether no position is open."""
        return self.done == self.total


def stored_sessions() -> list[StoredSession]:
    """The sessions among the user's datasets, the newest first; those that cannot be read are left out."""
    found = []
    for path in paths.user_datasets().glob(f"*/{session_file.NAME}"):
        with contextlib.suppress(StudioError, OSError):
            record = session_file.read(path.parent)
            if record.setup.source.kind in source_kinds():
                slots = record.state.slots
                done = sum(slot.status != "open" for slot in slots)
                found.append(
                    StoredSession(path.parent, record.setup.device, done, len(slots), path.stat().st_mtime)
                )
    return sorted(found, key=lambda session: session.changed, reverse=True)


# --- a session that goes on ---------------------------------------------------------------------------


@dataclass(frozen=True)
class TakeRow:
    """A position and what became of it.

    Attributes
    ----------
    file, clean:
        The newest take, and what was played for it; None before the first.
    """

    place: int
    values: KnobValues
    split: Split
    status: Status
    peak_db: float | None = None
    findings: tuple[Finding, ...] = ()
    file: Path | None = None
    clean: Path | None = None
    attempts: int = 0

    @property
    def trouble(self) -> tuple[Finding, ...]:
        """The findings that ask for something, the worst first."""
        wrong = [finding for finding in self.findings if finding.severity != "info"]
        return tuple(sorted(wrong, key=lambda finding: finding.severity != "error"))


@dataclass(frozen=True)
class SessionView:
    """Where a session stands.

    Attributes
    ----------
    current:
        The position at hand; the number of positions when finished.
    moved:
        The knobs to turn from where the last take left them; all of them where nobody knows that.
    last:
        The position recorded last since the session was opened, None before.
    seconds_left:
        About how long the open positions take; None where only the first take will tell.
    """

    folder: Path
    device: str
    kind: str
    knobs: tuple[Knob, ...]
    plan: CapturePlan
    rows: tuple[TakeRow, ...]
    current: int
    phase: Phase
    needs_hands: bool
    moved: frozenset[str]
    last: int | None
    take_seconds: float
    seconds_left: float | None
    options: dict[str, OptionValue] = field(default_factory=dict)
    news: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def row(self) -> TakeRow | None:
        """The position at hand, None when every one is done."""
        return self.rows[self.current] if self.current < len(self.rows) else None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to record."""
        return self.phase == "finished"

    @property
    def draft(self) -> Draft:
        """What was chosen for this session."""
        plan = self.plan
        return Draft(
            self.kind, dict(self.options), self.device, plan.dials, stimulus=plan.stimulus, plan=plan
        )

    def count(self, status: Status) -> int:
        """How many positions have that status."""
        return sum(row.status == status for row in self.rows)


class CaptureProject:
    """A session and its source. Make one with `begin` or `reopen`; close it at the end."""

    def __init__(self, bench: Bench) -> None:
        self._session, self._source = bench.session, bench.source
        self._last: int | None = None
        self._took: list[float] = []

    @classmethod
    def begin(cls, draft: Draft, folder: Path | None = None) -> CaptureProject:
        """Begin a session with the draft's plan, by default in a new folder among the user's datasets.

        Raises
        ------
        CaptureError, KnobError
            When the source cannot be used, or lacks a knob.
        OutputError
            When the folder cannot be written.
        """
        if draft.plan is None:
            raise CaptureError("Nothing is planned yet.", "Make a plan first.")
        if draft.is_for_later:
            raise CaptureError(
                "There are no recordings yet.",
                "Export what to play, record it, then choose the recordings on the Source step.",
            )
        name = check_source(draft)
        plan = replace(draft.plan, device=draft.device or name)
        out = folder or free_path(paths.user_datasets(), plan.device)
        bench = set_up(plan, out, draft.kind, draft.options)
        if draft.send_dbu is not None or draft.return_dbu is not None:
            bench.session.calibrate(draft.send_dbu, draft.return_dbu)
        return cls(bench)

    @classmethod
    def reopen(cls, folder: Path) -> CaptureProject:
        """Go on with the session in `folder`. Raises CaptureError where that cannot be."""
        return cls(set_up(None, folder))

    @property
    def folder(self) -> Path:
        """The dataset's folder."""
        return self._session.folder

    def view(self) -> SessionView:
        """Where the session stands."""
        session, state = self._session, self._session.state
        manifest = session.manifest
        rows = tuple(_row(place, slot, manifest, session.folder) for place, slot in enumerate(state.slots))
        opened = state.count("open")
        take_seconds = session.seconds_left / opened if opened else session.plan.stimulus.seconds
        return SessionView(
            session.folder,
            session.setup.device,
            session.setup.source.kind,
            session.plan.knobs,
            replace(session.plan, positions=tuple(slot.position for slot in state.slots)),
            rows,
            state.current,
            state.phase,
            self._source.needs_hands,
            self._moved(state),
            self._last,
            take_seconds,
            self._seconds_left(state, take_seconds),
            dict(session.setup.source.options),
            session.news,
            manifest.findings,
        )

    def takes(
        self,
        *,
        only_one: bool = False,
        wants_pause: Callable[[], bool] = lambda: False,
        on_progress: OnProgress = ignore_progress,
    ) -> Iterator[RecordingEvent]:
        """Record open positions; yield what happens, each take when it is on the disk and checked.

        It ends after one take, where `wants_pause` says so between two, or when none is open. An exception
        from `on_progress` ends it, too, and costs the take in progress. Errors as `capturing`.
        """
        events = capturing(self._session, self._source, on_progress=on_progress)
        begun = time.monotonic()
        with contextlib.closing(cast(Generator[RecordingEvent, None, None], events)):
            for event in events:
                if isinstance(event, TakeFinished):
                    self._last = event.index
                    self._took.append(time.monotonic() - begun)
                    begun = time.monotonic()
                yield event
                if isinstance(event, TakeFinished) and (only_one or wants_pause()):
                    return
                if isinstance(event, SessionFinished):
                    return

    def skip(self) -> None:
        """Pass the position at hand over. Raises CaptureError."""
        self._session.skip()

    def choose(self, place: int) -> None:
        """Go to a position, to record it once more. Raises CaptureError."""
        self._session.choose(place)

    def reopen_rejected(self) -> None:
        """Have every position recorded once more whose take cannot be used. Raises CaptureError."""
        self._session.reopen()

    def add(self, values: KnobValues, split: Split = "train") -> None:
        """Add a position at the end, on the dials' steps. Raises KnobError."""
        longer = planning.insert(self._session.plan, 0, values, split)
        self._session.append([longer.positions[0]])

    def add_worst(self, count: int = 3) -> int:
        """Add the positions at which the newest model of this dataset is worst; return how many.

        Raises CaptureError where there is none, or where it does not tell.
        """
        mine = self._session.folder.resolve()
        run = next(
            (run for run in read_runs() if run.dataset_path and run.dataset_path.resolve() == mine), None
        )
        if run is None:
            raise CaptureError("Nothing was trained on this dataset yet.", "Train on it first.")
        positions = worst_positions(self._session, run.folder, count)
        self._session.append(positions)
        return len(positions)

    def close(self) -> None:
        """Let go of the folder."""
        self._session.close()

    def _moved(self, state: SessionState) -> frozenset[str]:
        if state.current >= len(state.slots):
            return frozenset()
        values = state.slot.position.values
        if self._last is None:
            return frozenset(values)
        return _differing(state.slots[self._last].position, state.slot.position)

    def _seconds_left(self, state: SessionState, take_seconds: float) -> float | None:
        """Hands turn knobs and wait for the sound; a source by itself goes on as fast as it did."""
        places = [slot.position for slot in state.slots if slot.status == "open"]
        if self._source.needs_hands:
            moves = sum(len(_differing(a, b)) for a, b in itertools.pairwise(places))
            return len(places) * take_seconds + moves * SECONDS_PER_KNOB
        return len(places) * statistics.median(self._took) if self._took else None


@dataclass(frozen=True)
class ReadTake:
    """A take as it was recorded, and what was played for it, both at `rate` Hz."""

    place: int
    target: Audio
    clean: Audio
    rate: int


def read_take(row: TakeRow) -> ReadTake:
    """Read the newest take of a position. Raises AudioFileError, CaptureError where there is none."""
    if row.file is None or row.clean is None:
        raise CaptureError(f"Position {row.place + 1} has no take yet.", "Record it.")
    target, rate = io.read(row.file)
    return ReadTake(row.place, target, io.read(row.clean)[0], rate)


def _differing(before: Position, after: Position) -> frozenset[str]:
    return frozenset(name for name, value in after.values.items() if before.values.get(name) != value)


def _row(place: int, slot: Slot, manifest: Manifest, folder: Path) -> TakeRow:
    capture = next((each for each in manifest.captures if each.id == f"{place:03d}"), None)
    row = TakeRow(place, dict(slot.position.values), slot.position.split, slot.status)
    if capture is None or slot.take is None:
        return row
    return replace(
        row,
        peak_db=capture.clips[0].peak_db,
        findings=capture.findings,
        file=folder / slot.take.clip.output,
        clean=folder / slot.take.clip.input,
        attempts=len(slot.attempts),
    )
