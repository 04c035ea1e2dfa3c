"""All positions of the dataset, measured: the worst first; a click opens one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.comparison.goals import GOALS
from vastudio.app.comparison.positions import PositionTable, position_metrics
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.types import Knob
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask, Report
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import ElidedLabel, label

SHOWN = ("esr", "null_depth_db", "mr_stft", "mfcc_distance", "loudness_difference", "predicted_mushra")
_SHORT = {"loudness_difference": "Loudness", "predicted_mushra": "MUSHRA", "mfcc_distance": "MFCC"}
_SPLITS = (
    Segment("validation", "Held out", tip="Positions that training has not seen: what counts"),
    Segment("all", "All", tip="Every position of the dataset"),
)
_INVITATION = "Measure the model at every position of the dataset; the worst come first."


class PositionsPanel(QWidget):
    """Signals
    -------
    position_chosen(str):
        The person wants to see this capture.
    failed(object):
        The StudioError that ended the measuring.
    """

    position_chosen = Signal(str)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: PlayableModel | None = None
        self._dataset: Dataset | None = None
        self.result: PositionTable | None = None
        self._task = LongTask(session.pool, self)
        self.split = Segmented("Positions", _SPLITS)
        self.measure = QPushButton("Measure all positions")
        self.measure.setToolTip(_INVITATION)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop measuring")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Positions measured")
        self.progress.setTextVisible(False)
        self.doing = label("", "note")
        self.summary = ElidedLabel("", "note")
        self.invitation = label(_INVITATION, "quiet")
        self.table = _table()
        self._arrange()
        self._connect()
        self._show_running(False)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.split, self.measure, self.cancel, self.doing):
            row.addWidget(widget)
        row.addWidget(self.progress, 1)
        row.addStretch(1)
        row.addWidget(self.summary)
        self.invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.invitation, 1)
        column.addWidget(self.table, 1)

    def _connect(self) -> None:
        self.measure.clicked.connect(self.start)
        self.cancel.clicked.connect(self._task.cancel)
        self.split.chosen.connect(lambda _key: self._forget())
        self._task.progressed.connect(self._show_progress)
        self._task.done.connect(self._show_table)
        self._task.failed.connect(self.failed)
        self._task.running_changed.connect(self._show_running)
        self.table.cellActivated.connect(self._open)
        self.table.cellClicked.connect(self._open)

    def set_subject(self, model: PlayableModel | None, dataset: Dataset | None) -> None:
        """Another model or dataset: what was measured holds no longer."""
        if model is not self._model or dataset is not self._dataset:
            self._model, self._dataset = model, dataset
            self._forget()

    def stop(self) -> None:
        """End the measuring that runs, if any."""
        self._task.cancel()

    def start(self) -> None:
        """Measure every position of the chosen split."""
        if self._model is not None and self._dataset is not None:
            self._task.run(partial(_measure, self._model, self._dataset, self.split.key))

    def mark(self, capture: str) -> None:
        """Show which position is open."""
        for row in range(self.table.rowCount()):
            item = self.table.item(row, 0)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == capture:
                self.table.selectRow(row)
                return
        self.table.clearSelection()

    def _forget(self) -> None:
        self._task.cancel()
        self.result = None
        self.table.setRowCount(0)
        self.summary.set_full_text("")
        self._show_running(self._task.is_running)

    def _show_running(self, running: bool) -> None:
        self.measure.setVisible(not running)
        self.measure.setEnabled(self._model is not None and self._dataset is not None)
        for widget in (self.cancel, self.progress, self.doing):
            widget.setVisible(running)
        self.split.setDisabled(running)
        self.invitation.setVisible(self.result is None)
        text = (
            _INVITATION if self._dataset is not None else "Two files have no other positions: open a dataset."
        )
        self.invitation.setText(text)
        self.table.setVisible(self.result is not None)

    def _show_progress(self, done: int, total: int, _text: str) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.doing.setText(f"Position {min(done + 1, total)} of {total}")

    def _show_table(self, result: tuple[PlayableModel, Dataset, PositionTable]) -> None:
        model, dataset, table = result
        if model is not self._model or dataset is not self._dataset:
            return
        self.result = table
        _fill(self.table, table, dataset.knobs)
        self.table.setColumnHidden(1, table.split == "validation")
        esr = GOALS["esr"]
        median, worst = esr.value_text(table.median["esr"]), esr.value_text(table.worst["esr"])
        count = numbers.count(len(table.rows), "position")
        self.summary.set_full_text(f"{table.model_name}: median ESR {median}, worst {worst}, {count}")
        self._show_running(False)

    def _open(self, row: int, _column: int) -> None:
        item = self.table.item(row, 0)
        if item is not None:
            self.position_chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _measure(
    model: PlayableModel, dataset: Dataset, split: str, report: Report
) -> tuple[PlayableModel, Dataset, PositionTable]:
    """Worker: all positions, with what they were measured of."""
    table = position_metrics(model, dataset, split, lambda done, total: report(done, total, ""))
    return model, dataset, table


def _table() -> QTableWidget:
    table = QTableWidget(0, 2 + len(SHOWN))
    table.setAccessibleName("Positions, the worst first")
    table.setToolTip("A click, or Enter, opens the position")
    titles = [_SHORT.get(name, GOALS[name].title) for name in SHOWN]
    table.setHorizontalHeaderLabels(["Position", "", *titles])
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    for column, text in enumerate(("Position", "")):
        heading = QTableWidgetItem(text)
        heading.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setHorizontalHeaderItem(column, heading)
    header.setSectionsClickable(False)
    return table


def _fill(table: QTableWidget, result: PositionTable, knobs: tuple[Knob, ...]) -> None:
    table.setRowCount(len(result.rows))
    for row, position in enumerate(result.rows):
        dials = [f"{k.title} {numbers.knob_text(k, position.knobs[k.name])}" for k in knobs]
        first = QTableWidgetItem(" · ".join(dials) or position.capture)
        first.setToolTip(first.text())
        first.setData(Qt.ItemDataRole.UserRole, position.capture)
        table.setItem(row, 0, first)
        table.setItem(
            row, 1, QTableWidgetItem("held out" if position.split == "validation" else "trained on")
        )
        for column, name in enumerate(SHOWN, 2):
            goal, value = GOALS[name], float(getattr(position.metrics, name))
            missed = goal.is_met(value) is False
            item = QTableWidgetItem(f"! {goal.value_text(value)}" if missed else goal.value_text(value))
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(f"{goal.meaning} {goal.reason}".strip())
            if missed:
                item.setForeground(tokens().of("warning"))
            table.setItem(row, column, item)
