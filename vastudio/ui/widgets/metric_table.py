"""A table of measures: what, how much, and the goal, each with a sign that says whether it is met."""

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


@dataclass(frozen=True)
class MetricRow:
    """One measure. `is_met` is None where there is no goal."""

    title: str
    value: str
    goal: str = "—"
    is_met: bool | None = None
    tip: str = ""


class MetricTable(QTableWidget):
    """Rows of title, value, goal and a tick or an exclamation mark."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        self._rows: tuple[MetricRow, ...] = ()
        super().__init__(0, 4, parent)
        self.setAccessibleName(title)
        self.setHorizontalHeaderLabels(["", "value", "goal", ""])
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
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)

    def show_rows(self, rows: Sequence[MetricRow]) -> None:
        """Replace what the table shows."""
        self._rows = tuple(rows)
        self.setRowCount(len(self._rows))
        for index, row in enumerate(self._rows):
            self._show_row(index, row)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + _ROW_HEIGHT * len(self._rows) + 2)

    def _show_row(self, index: int, row: MetricRow) -> None:
        theme = tokens()
        sign = {None: "", True: "✓", False: "!"}[row.is_met]
        verdict = theme.meaning.good if row.is_met else theme.meaning.warning
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        cells = (
            (row.title, left, theme.text.primary),
            (row.value, right, theme.text.primary),
            (row.goal, right, theme.text.faint),
            (sign, Qt.AlignmentFlag.AlignCenter, verdict),
        )
        for column, (text, alignment, colour) in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setTextAlignment(alignment)
            item.setForeground(QColor(colour))
            item.setToolTip(row.tip)
            self.setItem(index, column, item)

    def text_of(self, title: str) -> str:
        """The value shown for a measure, empty when it is not in the table."""
        return next((row.value for row in self._rows if row.title == title), "")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._rows:
            self.show_rows(self._rows)
