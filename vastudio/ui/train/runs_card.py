"""The runs so far: how well each did; choosing one shows its curve."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from vastudio.app.library import esr_text
from vastudio.app.runs import RunRecord
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import label


class RunsCard(Card):
    """Signals
    -------
    chosen(object):
        The person chose this RunRecord.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent)
        self._runs: tuple[RunRecord, ...] = ()
        self.table = _table()
        self._empty = label("No run yet. Every run is kept and listed here.", "note", wrap=True)
        self.body.addWidget(self._empty)
        self.body.addWidget(self.table, 1)
        self.body.addStretch()
        self.table.itemSelectionChanged.connect(self._choose)

    def show_runs(self, runs: Sequence[RunRecord]) -> None:
        """Replace the list; the run that was chosen stays chosen."""
        chosen = self._chosen.folder if self._chosen else None
        self._runs = tuple(runs)
        self._empty.setVisible(not runs)
        self.table.setVisible(bool(runs))
        self.table.blockSignals(True)
        self.table.setRowCount(len(runs))
        for row, run in enumerate(self._runs):
            values = (f"{run.dataset}\n{run.title}", _figure(run.esr), _figure(run.worst_esr))
            for column, text in enumerate(values):
                item = QTableWidgetItem(text)
                item.setToolTip(run.folder.name)
                side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.table.clearSelection()
        for row, run in enumerate(self._runs):
            if run.folder == chosen:
                self.table.selectRow(row)
        self.table.blockSignals(False)

    @property
    def _chosen(self) -> RunRecord | None:
        row = self.table.currentRow()
        return self._runs[row] if self.table.selectedItems() and 0 <= row < len(self._runs) else None

    def _choose(self) -> None:
        if self._chosen is not None:
            self.chosen.emit(self._chosen)


def _figure(esr: float | None) -> str:
    return "—" if esr is None else esr_text(esr)


def _table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setAccessibleName("Runs")
    table.setHorizontalHeaderLabels(["run", "ESR", "worst"])
    first = QTableWidgetItem("run")
    first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.setHorizontalHeaderItem(0, first)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(44)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setHighlightSections(False)
    return table
