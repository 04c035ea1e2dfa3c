"""The positions of a plan as a table whose figures can be typed over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from vastudio.capture.plan import Position
from vastudio.types import Knob
from vastudio.ui.capture.takes_table import dial_text
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import numbers

_ROW_HEIGHT, _PURPOSE_WIDTH = 28, 104


class PositionsTable(QTableWidget):
    """Signals
    -------
    edited(int, object, str):
        The person changed a position: its number, the values by knob name, and what it is for.
    picked(int):
        The person chose a position.
    """

    edited = Signal(int, object, str)
    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 0, parent)
        self._knobs: tuple[Knob, ...] = ()
        self._positions: tuple[Position, ...] = ()
        self.setAccessibleName("Positions")
        self.setToolTip("Double-click a figure to change it")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.itemChanged.connect(self._on_changed)
        self.itemSelectionChanged.connect(lambda: self.picked.emit(self.currentRow()))

    def position(self) -> Position | None:
        """The chosen position."""
        row = self.currentRow()
        return self._positions[row] if 0 <= row < len(self._positions) else None

    def show_positions(self, knobs: Sequence[Knob], positions: Sequence[Position], *, can_edit: bool) -> None:
        """Replace what is shown."""
        blocked = self.blockSignals(True)
        self._knobs, self._positions = tuple(knobs), tuple(positions)
        self.setColumnCount(len(knobs) + 2)
        self.setHorizontalHeaderLabels(["#", *(knob.title for knob in knobs), "for"])
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(knobs) + 1, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(len(knobs) + 1, _PURPOSE_WIDTH)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        self.setRowCount(len(positions))
        for row, position in enumerate(positions):
            self._fill(row, position, can_edit=can_edit)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
            if can_edit
            else QAbstractItemView.EditTrigger.NoEditTriggers
        )
        self.blockSignals(blocked)

    def _fill(self, row: int, position: Position, *, can_edit: bool) -> None:
        before = self._positions[row - 1].values if row else {}
        cells = [str(row + 1), *(dial_text(knob, position.values[knob.name]) for knob in self._knobs)]
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column == 0:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            elif (
                row
                and before.get(self._knobs[column - 1].name) == position.values[self._knobs[column - 1].name]
            ):
                item.setData(Qt.ItemDataRole.ForegroundRole, tokens().of("clean"))
                item.setToolTip("Stays as in the position before")
            self.setItem(row, column, item)
        held = QTableWidgetItem("held out")
        held.setToolTip("Tick it to keep this position out of training: it judges the model then")
        flags = held.flags() & ~Qt.ItemFlag.ItemIsEditable
        held.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable if can_edit else flags)
        is_held = position.split == "validation"
        held.setText("held out" if is_held else "learn")
        held.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if can_edit:
            held.setCheckState(Qt.CheckState.Checked if is_held else Qt.CheckState.Unchecked)
        self.setItem(row, len(cells), held)

    def _on_changed(self, item: QTableWidgetItem) -> None:
        row, column = item.row(), item.column()
        position = self._positions[row]
        values, split = dict(position.values), position.split
        if 1 <= column <= len(self._knobs):
            knob = self._knobs[column - 1]
            value = numbers.parse(item.text(), knob)
            values[knob.name] = values[knob.name] if value is None else value
        elif column == len(self._knobs) + 1:
            split = "validation" if item.checkState() == Qt.CheckState.Checked else "train"
        self.edited.emit(row, values, split)
