"""A table of measures: what, how much, the goal, and a sign that says whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from vastudio.ui.theme.tokens import tokens

_ROW_HEIGHT = 28
_SIGN_WIDTH = 18
_SIGNS = {None: "", True: "✓", False: "!"}


@dataclass(frozen=True)
class MetricRow:
    """One measure. `is_met` is None without a goal; `others` are value and verdict of further columns."""

    title: str
    value: str
    goal: str = "—"
    is_met: bool | None = None
    tip: str = ""
    others: tuple[tuple[str, bool | None], ...] = ()


class MetricTable(QTableWidget):
    """Rows of title, values, each with a tick or an exclamation mark, and goal."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        self._rows: tuple[MetricRow, ...] = ()
        self._headings: tuple[str, ...] = ("value",)
        super().__init__(0, 4, parent)
        self.setAccessibleName(title)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(18)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)

    def show_rows(self, rows: Sequence[MetricRow], headings: Sequence[str] = ("value",)) -> None:
        """Replace what the table shows: rows with as many values as there are headings."""
        self._rows, self._headings = tuple(rows), tuple(headings)
        self.setColumnCount(2 + 2 * len(self._headings))
        self.setRowCount(len(self._rows))
        signs = [text for heading in self._headings for text in (heading, "")]
        self.setHorizontalHeaderLabels(["", *signs, "goal"])
        self._size_columns()
        for index, row in enumerate(self._rows):
            self._show_row(index, row)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + _ROW_HEIGHT * len(self._rows) + 2)

    def _size_columns(self) -> None:
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(2, self.columnCount() - 1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, _SIGN_WIDTH)

    def _show_row(self, index: int, row: MetricRow) -> None:
        theme = tokens()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        cells = [(row.title, left, theme.text.primary)]
        for value, is_met in ((row.value, row.is_met), *row.others):
            verdict = theme.meaning.good if is_met else theme.meaning.warning
            cells.append((value, right, theme.text.primary))
            cells.append((_SIGNS[is_met], Qt.AlignmentFlag.AlignCenter, verdict))
        cells.append((row.goal, right, theme.text.faint))
        for column, (text, alignment, colour) in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setTextAlignment(alignment)
            item.setForeground(QColor(colour))
            item.setToolTip(row.tip)
            self.setItem(index, column, item)

    def text_of(self, title: str, column: int = 0) -> str:
        """The value shown for a measure in a column of values, empty when it is not in the table."""
        for row in self._rows:
            if row.title == title:
                return (row.value, *(value for value, _met in row.others))[column]
        return ""

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._rows:
            self.show_rows(self._rows, self._headings)
