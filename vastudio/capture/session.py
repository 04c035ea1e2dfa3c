"""A capture session: a folder that is a dataset from its first take on, and that survives everything.

Each step is on the disk before the next begins: the take's file (atomic, synced), then `session.json`, then
`manifest.json`. A process that is killed, a full disk or a device that is pulled out cost at most the take
in progress; opening the folder again puts right what was left half-done. Raw takes are never touched: a
retake gets a file of its own.

Activities: one thread at a time calls a session's methods; `record` blocks for the length of a take. The
folder is locked against other processes.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from vastudio.audio import io
from vastudio.capture import plan_file, session_file, session_folder, session_manifest
from vastudio.capture.last_take import LastTake
from vastudio.capture.nam_input import NamInput, recognised
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import CapturePlan
from vastudio.capture.session_beside import SessionBeside
from vastudio.capture.session_file import SessionRecord, Setup
from vastudio.capture.session_state import (
    Append,
    Choose,
    Event,
    Lost,
    Measured,
    Pause,
    Record,
    Reopen,
    Resume,
    SessionState,
    Skip,
    Slot,
    Stored,
    StoredTake,
    after,
    begin,
)
from vastudio.capture.source import OnProgress, Recording, Source, ignore_progress
from vastudio.capture.stimuli import signal_for
from vastudio.capture.takes_folder import TakesFolder
from vastudio.dataset import beside
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.checks import Evidence
from vastudio.dataset.manifest import AudioRecord, Capture, Finding, Manifest
from vastudio.dataset.planned import PlannedClip
from vastudio.dataset.store import Dataset
from vastudio.dataset.takes import AudioFolder, Take, measure_take
from vastudio.errors import AudioFileError, CaptureError, DatasetError, OutputError, StudioError
from vastudio.lock import FolderLock
from vastudio.types import Audio, knob_vector


class Session:
    """A session in a folder. Make one with `Session.create` or `Session.open`; close it at the end."""

    def __init__(self, folder: Path, plan: CapturePlan, record: SessionRecord, lock: FolderLock) -> None:
        self.folder = folder
        self.plan = plan
        self.setup = record.setup
        self.state = record.state
        self.news: tuple[str, ...] = ()
        self._lock = lock
        self._takes = TakesFolder(folder)
        self._store = AudioFolder(folder)
        self._last = LastTake()
        self._beside = SessionBeside(folder, plan.knobs, self.setup.sample_rate)
        self._compares = False

    @classmethod
    def create(cls, folder: Path, plan: CapturePlan, setup: Setup) -> Session:
        """Begin a session in a new or empty folder.

        Raises
        ------
        CaptureError
            When the plan holds no position.
        OutputError
            When the folder holds something already, or cannot be written.
        """
        if not plan.positions:
            raise CaptureError("The plan holds no position to record.", "Plan at least one.")
        held, plan = session_folder.begin(folder, plan, setup.sample_rate)
        session = cls(folder, plan, SessionRecord(setup, begin(plan.positions)), held)
        session._save()
        return session

    @classmethod
    def open(cls, folder: Path) -> Session:
        """Go on where a session was left, however it ended; `news` says what was put right.

        Raises
        ------
        CaptureError
            When there is no session, it is damaged, or another process works on it.
        """
        if not session_file.is_session(folder):
            session_file.read(folder)  # raises
        held = session_folder.locked(folder)
        plan = plan_file.read_plan(folder / session_folder.PLAN_NAME)
        session = cls(folder, plan, session_file.read(folder), held)
        session._beside.recall()
        session._recover()
        return session

    @property
    def manifest(self) -> Manifest:
        """The dataset so far, as `manifest.json` has it."""
        return self._manifest(self.state)

    def _manifest(self, state: SessionState) -> Manifest:
        manifest = session_manifest.manifest_of(self.setup, self.plan.knobs, state)
        notes = () if self._nam_input is None else (_nam_finding(self._nam_input),)
        captures = beside.noted(manifest.captures, self._beside.findings)
        return dataclasses.replace(manifest, captures=captures, findings=(*notes, *manifest.findings))

    @cached_property
    def _nam_input(self) -> NamInput | None:
        """What of the stimulus is used, where it is NAM's standard input."""
        if self.plan.stimulus.file is None:
            return None
        return recognised(self._signal(self.state.slots[0].position), self.setup.sample_rate)

    @property
    def seconds_left(self) -> float:
        """How long the open positions sound, in seconds."""
        length = self._signal(self.state.slots[0].position).size / self.setup.sample_rate
        return length * self.state.count("open")

    @property
    def bytes_left(self) -> int:
        """What the open positions take on the disk at most: clean signals as float, and the takes."""
        per_frame = 4 + (4 if self.setup.coding == "FLOAT" else 3)
        return round(self.seconds_left * self.setup.sample_rate) * per_frame

    def dataset(self) -> Dataset:
        """Open what is recorded. Raises DatasetError when no take can be used."""
        dataset = Dataset.open(self.folder)
        dataset.captures()
        return dataset

    def record(self, source: Source, on_progress: OnProgress = ignore_progress) -> Capture:
        """Record the position at hand, store the take and check it; go on to the next where it is good.

        An exception, also one from `on_progress`, costs this take only: the session waits at the same
        position again. A take that could be stored but not noted or checked, because the disk was full, is
        not recorded again: the next call goes on with it.

        Raises
        ------
        CaptureError, DeviceError
            When the source fails.
        OutputError
            When the take cannot be written.
        """
        place, slot = self.state.current, self.state.slot
        self._compares = source.needs_hands
        self._note_stored()
        if self.state.phase == "checking":
            return self._check()
        signal = self._signal(slot.position)
        self._takes.clean(signal, self.setup.sample_rate)
        self._step(Record())
        try:
            recording = source.record(signal, slot.position.values, place, on_progress)
            stored = self._keep(place, slot, recording)
        except BaseException:
            self._takes.take(place, len(slot.attempts)).unlink(missing_ok=True)
            with contextlib.suppress(OutputError):  # opening the folder again puts that right, too
                self._step(Lost())
            raise
        self._step(Stored(stored))
        return self._check()

    def skip(self) -> None:
        """Pass the position at hand over. Raises CaptureError when the session does not wait."""
        self._step(Skip())

    def choose(self, place: int) -> None:
        """Go to position `place` (from 0), to record it once more. Raises CaptureError."""
        self._step(Choose(place))

    def reopen(self, places: Sequence[int] = ()) -> None:
        """Have positions (from 0) recorded once more, or every rejected one. Raises CaptureError."""
        if places or self.state.count("rejected"):
            self._step(Reopen(tuple(places)))

    def pause(self) -> None:
        """Stop for now. Raises CaptureError while a take is recorded."""
        self._step(Pause())

    def resume(self) -> None:
        """Go on after a pause. Raises CaptureError where there is none."""
        self._step(Resume())

    def append(self, positions: Sequence[Position]) -> None:
        """Add positions to record, with values for every knob.

        Raises
        ------
        KnobError
            When a position names an unknown knob, or a value outside its dial.
        """
        for position in positions:
            knob_vector(self.plan.knobs, position.values)
        complete = [
            dataclasses.replace(
                position,
                values={knob.name: position.values.get(knob.name, knob.default) for knob in self.plan.knobs},
            )
            for position in positions
        ]
        self._step(Append(tuple(complete)))

    def calibrate(self, send_dbu: float | None = None, return_dbu: float | None = None) -> None:
        """Note the levels at the device, in dBu of a sine at full scale; one that is None stays as it is.

        Parameters
        ----------
        send_dbu:
            At the device's input, of a sine at full scale of what is played.
        return_dbu:
            At the device's output, of a sine recorded at full scale.
        """
        self.setup = dataclasses.replace(
            self.setup,
            send_dbu=self.setup.send_dbu if send_dbu is None else send_dbu,
            return_dbu=self.setup.return_dbu if return_dbu is None else return_dbu,
        )
        self._save()
        if self.manifest.captures:
            manifest_file.write(self.manifest, self.folder)

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.release()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _signal(self, position: Position) -> Audio:
        return signal_for(self.plan.stimulus, position, self.setup.sample_rate)

    def _keep(self, place: int, slot: Slot, recording: Recording) -> StoredTake:
        path = self._takes.take(place, len(slot.attempts))
        self._takes.write(path, recording.audio, self.setup.sample_rate, self.setup.coding)
        return StoredTake(self._relative(path), recording.dropouts)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _check(self) -> Capture:
        """Measure the stored take at hand and write the manifest. The file is safe whatever happens here."""
        place, slot = self.state.current, self.state.slot
        stored = slot.attempts[-1].stored
        signal = self._signal(slot.position)
        clean = self._takes.clean(signal, self.setup.sample_rate)
        target = self.folder / stored.file
        first, stop = (0, signal.size) if self._nam_input is None else self._nam_input.span
        planned = PlannedClip(
            clean, target, f"take {place + 1}", first, self.setup.lead + first, frames=stop - first
        )
        try:
            take = measure_take(planned, self._store)
        except StudioError:
            self._step(Lost())
            raise
        odd = self._beside_the_last(planned, slot.position) if self._compares else ()
        take = dataclasses.replace(take, findings=(*take.findings, *_dropout_findings(stored), *odd))
        found = Measured(take, self._records(take), is_good=True)
        state = after(self.state, found)
        self._beside.judge(state)
        tried = self._manifest(state)
        is_good = bool(session_manifest.capture_at(place, tried).usable_clips)
        self._step(dataclasses.replace(found, is_good=is_good))
        manifest_file.write(tried, self.folder)
        return session_manifest.capture_at(place, tried)

    def _beside_the_last(self, planned: PlannedClip, position: Position) -> tuple[Finding, ...]:
        clean, rate = io.read(planned.clean, planned.clean_start, planned.frames or -1)
        target, _ = io.read(planned.target, planned.target_start, planned.frames or -1)
        return self._last.compare(Evidence(clean, target, rate, planned.target_start), position.values)

    def _records(self, take: Take) -> tuple[AudioRecord, ...]:
        used = (take.clip.input, take.clip.output)
        return tuple(record for record in self._store.records if record.path in used)

    def _step(self, event: Event) -> None:
        """Let `event` happen, on the disk first: a write that fails leaves everything as it was."""
        state = after(self.state, event)
        before, self.state = self.state, state
        try:
            self._save()
        except OutputError:
            if not isinstance(event, Lost):
                self.state = before
            raise

    def _save(self) -> None:
        session_file.write(SessionRecord(self.setup, self.state), self.folder)

    def _recover(self) -> None:
        """Put right what a killed process left: a take on disk is kept, one in progress is lost."""
        number = self.state.current + 1
        self._note_stored()
        if self.state.phase == "recording":
            self.news = (f"Take {number} was not finished when the session ended; it comes again.",)
            self._step(Lost())
        if self.state.phase == "checking":
            self.news = (f"Take {number} was on the disk already; it is checked now.",)
            try:
                self._check()
            except (AudioFileError, DatasetError) as error:
                self.news = (f"Take {number} was on the disk already, but comes again: {error.message}",)
        if self.state.phase == "paused":
            self._step(Resume())
        if any(slot.take is not None for slot in self.state.slots):
            self._catch_up()

    def _note_stored(self) -> None:
        """Where a take was being recorded whose file is whole by now, note that it is."""
        place = self.state.current
        if self.state.phase != "recording":
            return
        path = self._takes.take(place, len(self.state.slot.attempts))
        if path.exists():
            self._step(Stored(StoredTake(self._relative(path), dropouts=None)))

    def _catch_up(self) -> None:
        """Write the manifest where a killed process left it behind the takes."""
        manifest = self.manifest
        try:
            written = {record.path for record in manifest_file.read(self.folder).audio}
        except DatasetError:
            written = set()
        if written != {record.path for record in manifest.audio}:
            manifest_file.write(manifest, self.folder)


def _nam_finding(found: NamInput) -> Finding:
    return Finding(
        "info",
        "nam_input",
        f"What was played is NAM's standard input, version {found.version}.",
        "Of the parts that come twice in it, one is used.",
    )


def _dropout_findings(stored: StoredTake) -> tuple[Finding, ...]:
    if not stored.dropouts:
        return ()
    blocks = "1 block" if stored.dropouts == 1 else f"{stored.dropouts} blocks"
    return (
        Finding(
            "error",
            "late_blocks",
            f"The device lost {blocks} while recording.",
            "Record again; choose a larger block if that happens often.",
            value=float(stored.dropouts),
            unit="blocks",
        ),
    )
