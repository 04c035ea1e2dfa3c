"""A plain table of figures: names at the left, numbers at the right, nothing to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

_ROW_HEIGHT = 28


@dataclass(frozen=True)
class Figures:
    """One row: its name, a text for each column, and what the tooltip says."""

    title: str
    values: tuple[str, ...]
    tip: str = ""


class FigureTable(QTableWidget):
    """As high as its rows; long tables scroll with the page."""

    def __init__(self, title: str, headings: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(0, 1 + len(headings), parent)
        self.setAccessibleName(title)
        self.setHorizontalHeaderLabels(["", *headings])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)

    def show_rows(self, rows: Sequence[Figures]) -> None:
        """Replace what the table shows."""
        self.setRowCount(len(rows))
        for index, row in enumerate(rows):
            for column, text in enumerate((row.title, *row.values)):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(row.tip)
                self.setItem(index, column, item)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + _ROW_HEIGHT * len(rows) + 2)

    def text(self, row: int, column: int) -> str:
        """What stands in a cell; column 0 holds the names."""
        item = self.item(row, column)
        return item.text() if item is not None else ""
