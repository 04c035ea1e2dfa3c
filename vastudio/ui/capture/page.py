"""The Capture page: source, levels, knobs, plan, record, review — step by step, left and resumed at will."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import Literal, TypeAlias

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.capture_draft import KeptDraft, Waiting, keep_draft
from vastudio.app.capture_project import NEEDS_LEVELS, Draft, SessionView, StoredSession
from vastudio.errors import StudioError
from vastudio.ui.actions import add_action
from vastudio.ui.bridge.capture import CaptureBridge
from vastudio.ui.capture.export import make_exportable
from vastudio.ui.capture.knobs_step import KnobsStep
from vastudio.ui.capture.levels_step import LevelsStep
from vastudio.ui.capture.plan_step import PlanStep
from vastudio.ui.capture.record_step import RecordStep
from vastudio.ui.capture.review_step import ReviewStep
from vastudio.ui.capture.source_step import SourceStep
from vastudio.ui.capture.steps import STEPS, StepList
from vastudio.ui.widgets.notice import Notice

LooksFor: TypeAlias = Literal["anything", "draft", "nothing"]
"""What to go on with once it is known what there is on the disk."""

_STEPS_WIDTH = 176
_KEEP_MILLISECONDS = 500
_SAFE = "Everything recorded is kept. You can close the studio and go on tomorrow."
_ORDER = tuple(step.key for step in STEPS)
_WHY = {
    "record": "Make a plan, then begin recording",
    "review": "Record something first",
}


class CapturePage(QWidget):
    """Signals
    -------
    train_requested(object):
        Train on the dataset in this folder.
    hear_requested(object):
        Loop this ReadTake.
    dataset_grew(object):
        The dataset in this folder has new takes.
    """

    train_requested = Signal(object)
    hear_requested = Signal(object)
    dataset_grew = Signal(object)

    def __init__(self, bridge: CaptureBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.draft = Draft()
        self._sessions: tuple[StoredSession, ...] = ()
        self._looks_for: LooksFor = "anything"
        self._kept = KeptDraft(Draft())
        self._keeping = QTimer(self, singleShot=True, interval=_KEEP_MILLISECONDS)
        self._reached = 0
        self.steps = StepList()
        self.notice = Notice()
        self.source = SourceStep()
        self.levels = LevelsStep(bridge)
        self.knobs = KnobsStep()
        self.plan = PlanStep(bridge)
        self.record = RecordStep(bridge)
        self.review = ReviewStep(bridge)
        self._views: dict[str, QWidget] = {
            "source": self.source, "levels": self.levels, "knobs": self.knobs,
            "plan": self.plan, "record": self.record, "review": self.review,
        }  # fmt: skip
        self._stack = QStackedWidget()
        self._arrange()
        self._connect()
        make_exportable(self.levels, self.plan, self.record, self.review)
        self._connect_bridge()
        self._actions = self._add_keys()
        self.show_step("source")

    def _arrange(self) -> None:
        for view in self._views.values():
            self._stack.addWidget(view)
        self.steps.setFixedWidth(_STEPS_WIDTH)
        self.steps.safe.setText(_SAFE)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.notice)
        right.addWidget(self._stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 16)
        row.setSpacing(12)
        row.addWidget(self.steps)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        self.steps.chosen.connect(self._go_to)
        self.source.continued.connect(self._look_at_source)
        self.source.reopen_requested.connect(self.bridge.reopen)
        self.source.new_requested.connect(self.bridge.leave)
        self.source.selected.connect(self.notice.clear)
        self.source.devices_requested.connect(self.bridge.list_devices)
        self.levels.continued.connect(self._after_levels)
        self.knobs.continued.connect(self._after_knobs)
        self.plan.drafted.connect(self._take_plan)
        self._keeping.timeout.connect(lambda: self.bridge.keep(self._kept) if self._gather() else None)
        self.plan.begin_requested.connect(self._begin)
        self.plan.continue_requested.connect(lambda: self.show_step("record"))
        self.plan.position_requested.connect(self.bridge.add)
        self.plan.worst_requested.connect(self.bridge.add_worst)
        self.record.review_requested.connect(lambda: self.show_step("review"))
        self.review.retake_requested.connect(self._retake)
        self.review.hear_requested.connect(self.hear_requested)
        self.review.train_requested.connect(self.train_requested)

    def _connect_bridge(self) -> None:
        bridge = self.bridge
        bridge.failed.connect(self._show_error)
        bridge.waiting_found.connect(self._show_waiting)
        bridge.devices_found.connect(self.source.show_devices)
        bridge.looked_at.connect(self._take_source)
        bridge.looking_changed.connect(self.source.show_busy)
        bridge.busy_changed.connect(self.plan.show_busy)
        bridge.opened.connect(self._open)
        bridge.closed.connect(self._close)
        bridge.changed.connect(self._show_view)
        bridge.recording_changed.connect(self._show_recording)

    def _add_keys(self) -> list[QAction]:
        """Enter, R, S, P and Escape, while takes are recorded or looked at."""
        keys = (
            ("Record, or go on", "Return", self._on_enter),
            ("Record, or go on", "Enter", self._on_enter),
            ("Retake", "R", self._on_retake),
            ("Skip", "S", self.record.skip_position),
            ("Pause", "P", self.record.pause_session),
            ("Stop this take", "Esc", self._on_escape),
        )
        return [add_action(self, text, key, act, plain=True) for text, key, act in keys]

    # --- steps ----------------------------------------------------------------------------------------

    @property
    def step(self) -> str:
        """The key of the step that is shown."""
        return self.steps.key

    def show_step(self, key: str) -> None:
        """Show a step."""
        self._reached = max(self._reached, _ORDER.index(key))
        self.steps.select(key)
        self._stack.setCurrentWidget(self._views[key])
        self._show_state()
        self._allow_keys()
        if key == "review":
            self.review.look()
        self._keeping.start()

    def _go_to(self, key: str) -> None:
        """Go to a step that the person chose in the list."""
        if self.bridge.view is None and not self._keep():
            self.steps.select(next(name for name, view in self._views.items() if view is self._current))
            return
        if self.bridge.view is None and key == "plan":
            self.plan.show_draft(self.draft)
        self.notice.clear()
        self.show_step(key)

    @property
    def _current(self) -> QWidget | None:
        return self._stack.currentWidget()

    def _keep(self) -> bool:
        """Take what the step that is left holds; False where something in it cannot be."""
        if self._current is self.knobs:
            return self._take_knobs()
        if self._current is self.plan:
            self.draft = self.plan.draft
        elif self._current is self.levels:
            self.draft = self.levels.apply(self.draft)
        return True

    def _show_state(self) -> None:
        view = self.bridge.view
        if view is None:
            done = frozenset(_ORDER[: self._reached])
            reachable = {"source"} | set(_ORDER[: min(self._reached, 3) + 1])
            if not self.draft.dials:
                reachable -= {"knobs", "plan"}
        else:
            reachable = set(_ORDER) if any(row.file for row in view.rows) else set(_ORDER) - {"review"}
            done = frozenset(_ORDER[:4]) | ({"record"} if view.is_finished else set())
        why = _WHY["review"] if view is not None else _WHY["record"]
        self.steps.show_state(done, frozenset(reachable), why)

    # --- before the first take ------------------------------------------------------------------------

    def _look_at_source(self) -> None:
        self.notice.clear()
        if self.bridge.view is not None:
            self.show_step("record")
            return
        self.draft = self.source.apply(self.draft)
        self.bridge.look_at(self.draft)

    def _take_source(self, draft: Draft) -> None:
        self.draft = draft
        self.levels.show_draft(draft)
        self.knobs.show_dials(draft.dials)
        self._reached = max(self._reached, _ORDER.index("knobs"))
        self.show_step("levels" if draft.kind in NEEDS_LEVELS else "knobs")

    def _after_levels(self) -> None:
        if self.bridge.view is None:
            self.draft = self.levels.apply(self.draft)
        self.show_step("knobs")

    def _after_knobs(self) -> None:
        if self.bridge.view is not None:
            self.show_step("plan")
        elif self._take_knobs():
            self.plan.show_draft(self.draft)
            self.show_step("plan")

    def _take_knobs(self) -> bool:
        try:
            dials = self.knobs.dials()
        except StudioError as error:
            self.knobs.notice.show_error(error)
            return False
        self.knobs.notice.clear()
        if dials != self.draft.dials:
            self.draft = dataclasses.replace(
                self.draft, dials=dials, plan=None, positions=None, validation=None
            )
        return True

    def _begin(self) -> None:
        self.notice.clear()
        self.draft = self.plan.draft
        self.bridge.begin(self.draft)

    def _take_plan(self) -> None:
        """The plan step may have brought other knobs, too."""
        if self.bridge.view is None:
            self.draft = self.plan.draft
            self.knobs.show_dials(self.draft.dials)
            self.source.device.setText(self.draft.device)
            self._keeping.start()

    # --- keeping it -----------------------------------------------------------------------------------

    def _gather(self) -> bool:
        """Take what the steps hold, to be kept; False where nothing is new, or the capture has begun."""
        if self.bridge.view is not None or self.bridge.is_busy or self._looks_for == "anything":
            return False
        if self._current is self.source:
            chosen = self.source.apply(self.draft)
            draft = self.draft if self.draft.plan is not None and chosen.plan is None else chosen
        else:
            self._keep()
            draft = self.draft
        before, self._kept = self._kept, KeptDraft(draft, self.step)
        return self._kept != before

    def remember(self) -> None:
        """Write down at once what is prepared: the studio closes."""
        if self._gather():
            with contextlib.suppress(StudioError):
                keep_draft(self._kept)

    def _restore(self, kept: KeptDraft) -> None:
        """Go on preparing where it was left."""
        self._kept, self.draft = kept, kept.draft
        self.source.show_draft(kept.draft)
        if not kept.draft.dials:
            return
        self.levels.show_draft(kept.draft)
        self.knobs.show_dials(kept.draft.dials)
        if kept.step == "plan":
            self.plan.show_draft(kept.draft)
        self._reached = max(_ORDER.index("knobs"), _ORDER.index(kept.step))
        self.show_step(kept.step)

    # --- a session ------------------------------------------------------------------------------------

    def _open(self, view: SessionView) -> None:
        self.notice.clear()
        self.draft = view.draft
        self.source.show_draft(self.draft)
        self.levels.show_draft(self.draft, can_edit=False)
        self.knobs.show_dials(view.plan.dials, can_edit=False)
        self.source.show_sessions(self._sessions, view.folder)
        self.bridge.look()
        self.show_step("review" if view.is_finished else "record")
        self.dataset_grew.emit(view.folder)

    def _close(self) -> None:
        self.draft, self._reached = Draft(), 0
        self.source.show_sessions(self._sessions, None)
        self.source.device.clear()
        self.levels.show_draft(self.draft)
        self.knobs.show_dials(())
        self._looks_for, self._kept = "draft", KeptDraft(self.draft)
        self.bridge.look()
        self.show_step("source")

    def _show_view(self, view: SessionView) -> None:
        self.plan.show_session(view)
        self._show_state()

    def _show_recording(self, recording: bool) -> None:
        view = self.bridge.view
        if not recording and view is not None:
            self.dataset_grew.emit(view.folder)
            self.bridge.look()

    def _retake(self, place: int) -> None:
        self.bridge.choose(place)
        self.show_step("record")

    def _show_waiting(self, waiting: Waiting) -> None:
        """List the sessions; the first time, go on with what was worked on last."""
        self._sessions = waiting.sessions
        view = self.bridge.view
        self.source.show_sessions(self._sessions, None if view is None else view.folder)
        looks_for, self._looks_for = self._looks_for, "nothing"
        if view is not None or looks_for == "nothing":
            return
        if waiting.draft is not None and (waiting.is_draft_newer or looks_for == "draft"):
            self._restore(waiting.draft)
        elif waiting.unfinished is not None and looks_for == "anything":
            self.bridge.reopen(waiting.unfinished.folder)

    def _show_error(self, error: StudioError) -> None:
        self.notice.show_error(error)

    def open_folder(self, folder: Path) -> None:
        """Go on with the session in `folder`."""
        self._looks_for = "nothing"
        self.bridge.reopen(folder)

    # --- keys -----------------------------------------------------------------------------------------

    def _allow_keys(self) -> None:
        """Keys without Ctrl belong to a step only while it is looked at."""
        step, visible = self.step, self.isVisible()
        for action in self._actions:
            key = action.shortcut().toString()
            steps = ("record", "review") if key == "R" else ("record",)
            action.setEnabled(visible and step in steps)

    def _on_enter(self) -> None:
        """Record or go on, unless a button has the focus: then it is pressed."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and focused.isVisible():
            focused.click()
        else:
            self.record.go_on()

    def _on_retake(self) -> None:
        if self.step == "review":
            self.review.retake_chosen()
        else:
            self.record.retake_last()

    def _on_escape(self) -> None:
        if self.bridge.is_recording:
            self.bridge.cancel()

    def showEvent(self, event: QShowEvent) -> None:
        """Look for captures that were begun."""
        super().showEvent(event)
        self._allow_keys()
        self.bridge.look()

    def hideEvent(self, event: QHideEvent) -> None:
        """The keys belong to other pages."""
        super().hideEvent(event)
        self._allow_keys()
