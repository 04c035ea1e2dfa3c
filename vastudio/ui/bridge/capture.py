"""A capture session as Qt signals: begun, recorded and looked at in a worker, told to the window.

Activities: one pool thread of its own does everything that touches the session, so that calls come one after
the other; two more read and judge what is on the disk. The window's thread asks, and receives views.
While takes are recorded `pause` ends after the take at hand and `cancel` within it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal

from vastudio.app.capture_draft import KeptDraft, forget_draft, keep_draft, what_waits
from vastudio.app.capture_project import (
    USES_DEVICE,
    CaptureProject,
    Draft,
    ReadTake,
    SessionView,
    TakeRow,
    check_source,
    find_dials,
    read_take,
    with_plan,
)
from vastudio.app.loop_measure import LoopReport, measure_loop
from vastudio.app.stimuli_export import Exported, export_stimuli
from vastudio.capture.plan_file import CapturePlan, read_plan
from vastudio.capture.record import TakeFinished, TakeStarted
from vastudio.capture.source import OptionValues
from vastudio.capture.sources.files import PAUSE_SECONDS
from vastudio.dataset.manifest import Split
from vastudio.dataset.review import Report, ReviewProgress, review
from vastudio.dataset.store import Dataset
from vastudio.engine.devices import list_devices
from vastudio.types import STANDARD_RATE, KnobValues
from vastudio.ui.bridge.work import CLOSE_MILLISECONDS, Latest
from vastudio.ui.widgets.waveform import Track


class _CancelledError(Exception):
    """Raised inside a take by its progress."""


class CaptureBridge(QObject):
    """At most one session is open.

    Signals
    -------
    opened(object), closed():
        A session was begun or reopened, with its SessionView; it was left.
    changed(object):
        The session stands elsewhere: its SessionView.
    begun(int):
        A take of this position is recorded from now on.
    progressed(float, float):
        Share of the take that is done, and the newest peak of the return (full scale is 1).
    recording_changed(bool), busy_changed(bool):
        Whether takes are recorded; whether anything is done at all.
    wave_ready(object, object):
        A ReadTake, and a Track of its target.
    reviewing(int, int), reviewed(object):
        How many takes are judged, and the Report at the end.
    waiting_found(object), devices_found(object):
        What is Waiting on the disk; the DeviceList.
    looked_at(object), looking_changed(bool):
        The draft with the knobs of its source; whether a source is looked at.
    adopted(object):
        The draft with the plan that was read for it.
    measured(object), measuring_changed(bool):
        The LoopReport of a path; whether one is measured.
    device_wanted(bool):
        Whether an audio device is needed for capturing, before it is opened and after it was closed.
    exporting(int, int), exported(object), exporting_changed(bool):
        How many positions of what to play are written; what was Exported; whether something is.
    failed(object):
        A StudioError.
    """

    opened = Signal(object)
    closed = Signal()
    changed = Signal(object)
    begun = Signal(int)
    progressed = Signal(float, float)
    recording_changed = Signal(bool)
    busy_changed = Signal(bool)
    wave_ready = Signal(object, object)
    reviewing = Signal(int, int)
    reviewed = Signal(object)
    waiting_found = Signal(object)
    devices_found = Signal(object)
    looked_at = Signal(object)
    looking_changed = Signal(bool)
    adopted = Signal(object)
    measured = Signal(object)
    measuring_changed = Signal(bool)
    device_wanted = Signal(bool)
    exporting = Signal(int, int)
    exported = Signal(object)
    exporting_changed = Signal(bool)
    failed = Signal(object)
    _seen = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view: SessionView | None = None
        self.is_recording = False
        self._project: CaptureProject | None = None
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._wants_pause = self._wants_cancel = self._wants_no_review = self._wants_no_export = False
        self._measures_device = False
        self._work = Latest(self._pool, self)
        self._work.done.connect(self._finish)
        self._work.failed.connect(self._fail)
        self._work.busy_changed.connect(self.busy_changed)
        self._readers = QThreadPool(self)
        self._readers.setMaxThreadCount(2)
        self._waves, self._reviews = Latest(self._readers, self), Latest(self._readers, self)
        self._waves.done.connect(lambda found: self.wave_ready.emit(*found))
        self._waves.failed.connect(self.failed)
        self._reviews.done.connect(self._take_report)
        self._reviews.failed.connect(self.failed)
        self._looking = Latest(self._readers, self)
        self._looking.done.connect(self.waiting_found)
        self._connect_looks()

    def _connect_looks(self) -> None:
        self._keeping, self._exports = Latest(self._pool, self), Latest(self._readers, self)
        self._adopting = Latest(self._pool, self)
        self._adopting.done.connect(self.adopted)
        self._exports.done.connect(self._take_export)
        self._exports.busy_changed.connect(self.exporting_changed)
        self._devices, self._sources = Latest(self._pool, self), Latest(self._pool, self)
        self._measuring, self._refreshing = Latest(self._pool, self), Latest(self._pool, self)
        self._devices.done.connect(self.devices_found)
        self._sources.done.connect(self.looked_at)
        self._sources.busy_changed.connect(self.looking_changed)
        self._measuring.done.connect(self._take_loop)
        self._measuring.busy_changed.connect(self._show_measuring)
        for work in (self._devices, self._sources, self._measuring, self._exports, self._adopting):
            work.failed.connect(self.failed)
        self._refreshing.done.connect(self._take_view)
        self._seen.connect(self._take_view)

    @property
    def is_busy(self) -> bool:
        """Whether something is done to the session."""
        return self._work.is_busy

    # --- before the first take ------------------------------------------------------------------------

    def list_devices(self) -> None:
        """Look which audio devices there are."""
        self._devices.submit(list_devices)

    def look_at(self, draft: Draft) -> None:
        """See that the source can be used; where the draft has no knobs, look which there are, and plan."""

        def work() -> Draft:
            if draft.dials:
                check_source(draft)
                return draft
            return replace(draft, dials=find_dials(draft)).planned()

        self._sources.submit(work)

    def adopt(self, draft: Draft, path: Path) -> None:
        """Read a plan file for the draft's source, and see that the source can follow it."""
        self._adopting.submit(lambda: with_plan(draft, read_plan(path)))

    def measure(self, draft: Draft) -> None:
        """Measure the path through a source."""
        self._wants_cancel = False
        self._measures_device = draft.kind in USES_DEVICE

        def work() -> LoopReport | None:
            try:
                return measure_loop(draft, self._progress)
            except _CancelledError:
                return None

        self._measuring.submit(work)

    def _show_measuring(self, measuring: bool) -> None:
        if self._measures_device:
            self.device_wanted.emit(measuring)
        self.measuring_changed.emit(measuring)

    def export(self, plan: CapturePlan, folder: Path, options: OptionValues, *, in_one: bool) -> None:
        """Write what to play elsewhere into a new folder."""
        self._wants_no_export = False

        def tell(done: int, total: int) -> None:
            if self._wants_no_export:
                raise _CancelledError
            self.exporting.emit(done, total)

        def work() -> Exported | None:
            chosen = {name: options[name] for name in ("pause", "rate") if name in options}
            try:
                return export_stimuli(
                    plan, folder, in_one=in_one, on_progress=tell,
                    pause=float(chosen.get("pause", PAUSE_SECONDS)),
                    rate=int(chosen.get("rate", STANDARD_RATE)),
                )  # fmt: skip
            except _CancelledError:
                return None

        self._exports.submit(work)

    def stop_export(self) -> None:
        """End the export; nothing of it stays."""
        self._wants_no_export = True

    def _take_export(self, exported: Exported | None) -> None:
        if exported is not None:
            self.exported.emit(exported)

    # --- which session --------------------------------------------------------------------------------

    def look(self) -> None:
        """Look on the disk for what can be gone on with."""
        self._looking.submit(what_waits)

    def keep(self, kept: KeptDraft) -> None:
        """Write down what is prepared."""
        self._keeping.submit(lambda: keep_draft(kept))

    def begin(self, draft: Draft, folder: Path | None = None) -> None:
        """Begin a session."""

        def make() -> CaptureProject:
            project = CaptureProject.begin(draft, folder)
            forget_draft()
            return project

        self._keeping.forget()
        self._open(make)

    def reopen(self, folder: Path) -> None:
        """Go on with a session."""
        self._open(lambda: CaptureProject.reopen(folder))

    def _open(self, make: Callable[[], CaptureProject]) -> None:
        if self.is_busy:
            return
        self.leave()

        def work() -> tuple[CaptureProject, SessionView]:
            project = make()
            return project, project.view()

        self._work.submit(work)

    def leave(self) -> None:
        """Close the session; everything recorded stays."""
        if self._project is not None and not self.is_busy:
            self._wants_no_review = True
            self._drop()
            self.closed.emit()

    def _drop(self) -> None:
        if self._project is not None:
            self._project.close()
        self._project = self.view = None

    # --- what is done to it ---------------------------------------------------------------------------

    def record(self) -> None:
        """Record the position at hand; a source that needs no hands goes on until nothing is open."""
        project, view = self._project, self.view
        if project is None or view is None or self.is_busy or view.is_finished:
            return
        self._wants_pause = self._wants_cancel = False
        self._set_recording(True)
        self._work.submit(lambda: self._record(project, only_one=view.needs_hands))

    def _record(self, project: CaptureProject, *, only_one: bool) -> SessionView:
        """Pool thread."""
        try:
            takes = project.takes(
                only_one=only_one, wants_pause=lambda: self._wants_pause, on_progress=self._progress
            )
            for event in takes:
                if isinstance(event, TakeStarted):
                    self._progress(0.0, 0.0)
                    self.begun.emit(event.index)
                elif isinstance(event, TakeFinished):
                    self._seen.emit(project.view())
        except _CancelledError:
            pass
        return project.view()

    def _progress(self, done: float, peak: float) -> None:
        if self._wants_cancel:
            raise _CancelledError
        self.progressed.emit(done, peak)

    def pause(self) -> None:
        """Record no further take after the one at hand."""
        self._wants_pause = True

    def cancel(self) -> None:
        """End the take at hand; it is not kept."""
        self._wants_pause = self._wants_cancel = True

    def skip(self) -> None:
        """Pass the position at hand over."""
        self._change(lambda project: project.skip())

    def choose(self, place: int) -> None:
        """Go to a position, to record it once more."""
        self._change(lambda project: project.choose(place))

    def retake_rejected(self) -> None:
        """Record every position once more whose take cannot be used."""
        self._change(lambda project: project.reopen_rejected())

    def add(self, values: KnobValues, split: Split = "train") -> None:
        """Add a position."""
        self._change(lambda project: project.add(values, split))

    def add_worst(self) -> None:
        """Add the positions at which the newest model of this dataset is worst."""
        self._change(lambda project: project.add_worst())

    def _change(self, change: Callable[[CaptureProject], object]) -> None:
        project = self._project
        if project is None or self.is_busy:
            return

        def work() -> SessionView:
            change(project)
            return project.view()

        self._work.submit(work)

    # --- looking at what was recorded -----------------------------------------------------------------

    def show_wave(self, row: TakeRow) -> None:
        """Read the newest take of a position."""

        def work() -> tuple[ReadTake, Track]:
            take = read_take(row)
            return take, Track.of("Target", "target", take.target)

        self._waves.submit(work)

    def review(self) -> None:
        """Judge every take anew."""
        if self.view is None or not any(row.file for row in self.view.rows):
            return
        folder = self.view.folder
        self._wants_no_review = False
        self._reviews.submit(lambda: self._review(folder))

    def _review(self, folder: Path) -> Report | None:
        """Pool thread."""

        def tell(progress: ReviewProgress) -> None:
            if self._wants_no_review:
                raise _CancelledError
            self.reviewing.emit(progress.done, progress.total)

        try:
            return review(Dataset.open(folder), tell)
        except _CancelledError:
            return None

    def _take_report(self, report: Report | None) -> None:
        if report is not None:
            self.reviewed.emit(report)

    def _take_loop(self, report: LoopReport | None) -> None:
        if report is not None:
            self.measured.emit(report)

    # --- answers --------------------------------------------------------------------------------------

    def _finish(self, result: object) -> None:
        self._set_recording(False)
        if isinstance(result, SessionView):
            self._take_view(result)
        elif isinstance(result, tuple):
            self._project, self.view = result
            self.opened.emit(self.view)
            self.changed.emit(self.view)

    def _fail(self, error: object) -> None:
        self._set_recording(False)
        self.failed.emit(error)
        if self._project is not None:  # the session may have changed before it failed
            self._refreshing.submit(self._project.view)

    def _take_view(self, view: SessionView) -> None:
        self.view = view
        self.changed.emit(view)

    def _set_recording(self, recording: bool) -> None:
        if recording != self.is_recording:
            self.is_recording = recording
            if self.view is not None and self.view.kind in USES_DEVICE:
                self.device_wanted.emit(recording)
            self.recording_changed.emit(recording)

    def close(self) -> None:
        """End what goes on, and let go of the session."""
        self.cancel()
        self._wants_no_review = self._wants_no_export = True
        for work in self.findChildren(Latest):
            work.forget()
        for pool in (self._pool, self._readers):
            pool.waitForDone(CLOSE_MILLISECONDS)
        self._drop()
