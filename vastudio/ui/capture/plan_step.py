"""The plan: how many positions, where they lie, in what order, and how long all of it takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.capture_project import Draft, SessionView, with_position
from vastudio.audio.capture_stimulus import LONGEST_SECONDS, SHORTEST_SECONDS
from vastudio.capture import planning
from vastudio.capture.plan_file import CapturePlan
from vastudio.dataset.manifest import Split
from vastudio.errors import StudioError
from vastudio.types import KnobValues
from vastudio.ui.bridge.capture import CaptureBridge
from vastudio.ui.capture.plan_files import PlanFiles
from vastudio.ui.capture.positions_table import PositionsTable
from vastudio.ui.widgets import dialogs, numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.knob_map import KnobMap
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import label

_SETTLE_MILLISECONDS = 250
_HANDS, _ELSEWHERE = ("hardware",), ("files",)


class PlanStep(QWidget):
    """Signals
    -------
    begin_requested():
        The plan is as it should be: begin to record.
    continue_requested():
        Go on with the session that is open.
    position_requested(object, str):
        Add a position with these values and this purpose to the session that is open.
    worst_requested():
        Add the positions at which the newest model of this capture is worst.
    drafted():
        The plan is another one now.
    """

    begin_requested = Signal()
    continue_requested = Signal()
    position_requested = Signal(object, str)
    worst_requested = Signal()
    drafted = Signal()

    def __init__(self, bridge: CaptureBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.draft = Draft()
        self._view: SessionView | None = None
        self.settings = Card("Plan")
        self.positions = _spin("Positions to learn from", 1, 999, "Corners, centre, and what lies between")
        self.validation = _spin("Positions held out", 0, 999, "Never trained on: they judge the model")
        self.seed = _spin("Seed", 0, 9999, "The same seed gives the same plan")
        self.seconds = QDoubleSpinBox(minimum=SHORTEST_SECONDS, maximum=LONGEST_SECONDS, suffix=" s")
        self.seconds.setDecimals(0)
        self.seconds.setSingleStep(5.0)
        self.seconds.setAccessibleName("Length of a take")
        self.seconds.setToolTip("How long the studio's own signal is at every position")
        self.file = QLineEdit(placeholderText="the studio's own")
        self.file.setAccessibleName("Clean recording to play")
        self.file.setToolTip("A clean recording to play instead of the studio's own signal")
        self.browse = _button("…", "Choose a clean recording", self._browse)
        self.again = _button("Plan anew", "Make the plan again; what was edited is lost", self.plan_anew)
        self.facts = label("", "quiet", wrap=True)
        self.notice = Notice()
        self.files = PlanFiles(bridge, self.notice)
        self.list_card = Card("Positions")
        self.table = PositionsTable()
        self.add = _button("Add", "Add a position after the chosen one", self._add)
        self.remove = _button("Remove", "Remove the chosen position", self._remove)
        self.up = _button("Earlier", "Record the chosen position earlier", lambda: self._move(-1))
        self.down = _button("Later", "Record the chosen position later", lambda: self._move(1))
        self.worst = _button(
            "Record here next",
            "Add the three positions at which the newest model of this capture errs most",
            self.worst_requested.emit,
        )
        self.map_card = Card("Map")
        self.map = KnobMap()
        self.go_on = _button("Begin recording", "Begin the capture with this plan", self._go_on)
        self.go_on.setProperty("kind", "primary")
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        self._fields = QWidget()
        form = QFormLayout(self._fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(label("To learn from", "quiet"), self.positions)
        form.addRow(label("Held out", "quiet"), self.validation)
        form.addRow(label("Take", "quiet"), self.seconds)
        form.addRow(label("Seed", "quiet"), self.seed)
        played = QHBoxLayout()
        played.addWidget(self.file, 1)
        played.addWidget(self.browse)
        form.addRow(label("Played", "quiet"), played)
        body = self.settings.body
        body.addWidget(self._fields)
        body.addWidget(self.again)
        body.addWidget(self.files)
        body.addWidget(self.facts)
        body.addStretch(1)
        self.list_card.body.addWidget(self.notice)
        self.list_card.body.addWidget(self.table, 1)
        edit = QHBoxLayout()
        for button in (self.add, self.remove, self.up, self.down):
            edit.addWidget(button)
        edit.addStretch(1)
        self.list_card.body.addLayout(edit)
        self.map.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.map_card.body.addWidget(self.map, 1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.settings)
        column.addWidget(self.map_card, 1)
        area = scrolling(left, "Plan and map")
        area.setFixedWidth(300)
        self.list_card.body.addLayout(self._ending())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(area)
        row.addWidget(self.list_card, 1)

    def _ending(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for button in (self.files.export, self.files.stop, self.worst):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.go_on)
        return row

    def _connect(self) -> None:
        for spin in (self.positions, self.validation, self.seed, self.seconds):
            spin.valueChanged.connect(lambda _value: self._settling.start())
        self.file.editingFinished.connect(self._settling.start)
        self._settling.timeout.connect(self.plan_anew)
        self.table.edited.connect(self._edit)
        self.table.picked.connect(self.map.choose)
        self.map.picked.connect(self.table.selectRow)
        self._bridge.adopted.connect(self._use)

    # --- a plan that can still be changed -------------------------------------------------------------

    def show_draft(self, draft: Draft) -> None:
        """Show what is planned; where nothing is, plan."""
        self._view = None
        self.draft = draft if draft.plan is not None else self._planned(draft)
        plan = self.draft.plan
        held = sum(place.split == "validation" for place in plan.positions) if plan is not None else 0
        known: dict[QSpinBox | QDoubleSpinBox, float] = {
            self.positions: len(plan.positions) - held - 1 if plan is not None else 1,
            self.validation: held,
            self.seed: draft.stimulus.seed,
            self.seconds: draft.stimulus.seconds,
        }
        for spin, value in known.items():
            blocked = spin.blockSignals(True)
            spin.setValue(round(value))
            spin.blockSignals(blocked)
        self.file.setText("" if draft.stimulus.file is None else str(draft.stimulus.file))
        self._show_editable(True)
        self._show_plan()

    def _use(self, draft: Draft) -> None:
        """Take a plan that was made elsewhere."""
        if self._view is None:
            self.notice.clear()
            self.show_draft(draft)
            self.drafted.emit()

    def plan_anew(self) -> None:
        """Plan with what the fields say."""
        self._settling.stop()
        if self._view is not None:
            return
        file = Path(self.file.text().strip()).expanduser() if self.file.text().strip() else None
        stimulus = dataclasses.replace(
            self.draft.stimulus, seconds=self.seconds.value(), seed=self.seed.value(), file=file
        )
        wanted = dataclasses.replace(
            self.draft,
            positions=self.positions.value(),
            validation=self.validation.value(),
            stimulus=stimulus,
            plan=None,
        )
        self.draft = self._planned(wanted)
        self._show_plan()
        self.drafted.emit()

    def _planned(self, draft: Draft) -> Draft:
        self.notice.clear()
        try:
            return draft.planned()
        except StudioError as error:
            self.notice.show_error(error)
            return draft

    def _change(self, change: Callable[[CapturePlan], CapturePlan], choose: int) -> None:
        """Edit the plan; what cannot be is explained and left as it was."""
        plan = self.draft.plan
        if plan is None or self._view is not None:
            return
        self.notice.clear()
        try:
            self.draft = dataclasses.replace(self.draft, plan=change(plan))
        except StudioError as error:
            self.notice.show_error(error)
        self._show_plan()
        self.table.selectRow(choose)
        self.drafted.emit()

    def _edit(self, index: int, values: KnobValues, split: Split) -> None:
        self._change(lambda plan: with_position(plan, index, values, split), index)

    def _add(self) -> None:
        chosen = self.table.position()
        values = chosen.values if chosen is not None else {}
        if self._view is not None:
            self.position_requested.emit(values, "train")
            return
        index = max(0, self.table.currentRow() + 1)
        self._change(lambda plan: planning.insert(plan, index, values), index)

    def _remove(self) -> None:
        index = self.table.currentRow()
        self._change(lambda plan: planning.remove(plan, index), max(0, index - 1))

    def _move(self, by: int) -> None:
        index, plan = self.table.currentRow(), self.draft.plan
        if plan is not None and 0 <= index + by < len(plan.positions):
            self._change(lambda plan: planning.move(plan, index, index + by), index + by)

    def _browse(self) -> None:
        def take(path: Path) -> None:
            self.file.setText(str(path))
            self.plan_anew()

        dialogs.ask_for_file(self, "Choose a clean recording", (dialogs.AUDIO_FILTER,), take)

    # --- a session that is open -----------------------------------------------------------------------

    def show_session(self, view: SessionView) -> None:
        """Show the plan of a session: positions can be added, none can be changed."""
        self._view = view
        self.notice.clear()
        self._show_editable(False)
        self.go_on.setEnabled(True)
        self.map.show_positions(view.knobs, view.plan.positions)
        self.table.show_positions(view.knobs, view.plan.positions, can_edit=False)
        self.files.show_plan(view.draft, view.plan, can_open=False)
        left = view.count("open")
        self.facts.setText(
            f"{numbers.count(len(view.rows), 'position')}, {left} of them to record. A capture that has "
            "begun can grow: positions are added at its end."
        )
        self.list_card.set_note(numbers.count(len(view.rows), "position"))

    def _show_editable(self, can_edit: bool) -> None:
        self._fields.setVisible(can_edit)
        for button in (self.remove, self.up, self.down, self.again):
            button.setVisible(can_edit)
        self.worst.setVisible(not can_edit)
        self.add.setText("Add" if can_edit else "Add one like this")
        self.go_on.setText("Begin recording" if can_edit else "Go on recording")

    def _go_on(self) -> None:
        if self._settling.isActive():
            self.plan_anew()
        if self._view is not None:
            self.continue_requested.emit()
        elif self.draft.plan is not None:
            self.begin_requested.emit()

    def show_busy(self, busy: bool) -> None:
        """While a session is begun nothing else is done."""
        self.go_on.setEnabled(not busy and (self._view is not None or self.draft.plan is not None))
        self.add.setEnabled(not busy)
        self.worst.setEnabled(not busy)

    def _show_plan(self) -> None:
        plan = self.draft.plan
        self.files.show_plan(self.draft, plan, can_open=True)
        self.go_on.setEnabled(plan is not None)
        if plan is None:
            self.facts.clear()
            return
        self.map.show_positions(plan.knobs, plan.positions)
        self.table.show_positions(plan.knobs, plan.positions, can_edit=True)
        self.facts.setText(_facts(plan, self.draft.kind))
        self.list_card.set_note(numbers.count(len(plan.positions), "position"))


def _facts(plan: CapturePlan, kind: str) -> str:
    """What the plan costs."""
    moves = plan.knob_plan.knob_moves
    held = plan.knob_plan.count("validation")
    makeup = f"{len(plan.positions) - held} takes to learn from, {held} held out. "
    if plan.positions[0].values == plan.positions[-1].values and len(plan.positions) > 1:
        makeup += "The first comes again at the end, to find the floor. "
    return makeup + _time(plan, moves, kind)


def _time(plan: CapturePlan, moves: int, kind: str) -> str:
    if plan.stimulus.file is not None:
        return f"Each is as long as the recording that is played; {moves} turns of a knob."
    if kind in _HANDS:
        time = numbers.duration(planning.estimated_seconds(plan))
        return f"About {time}, with {moves} turns of a knob. Stop and go on whenever you like."
    sound = numbers.duration(len(plan.positions) * plan.stimulus.seconds)
    if kind in _ELSEWHERE:
        return f"{sound} of sound to play elsewhere, and {moves} turns of a knob."
    return f"{sound} of sound, recorded by itself; most sources are faster than that."


def _spin(name: str, low: int, high: int, tip: str) -> QSpinBox:
    spin = QSpinBox(minimum=low, maximum=high)
    spin.setAccessibleName(name)
    spin.setToolTip(tip)
    return spin


def _button(text: str, tip: str, on_click: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked: on_click())
    return button
