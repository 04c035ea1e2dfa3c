"""The runs so far: how well each did. Choosing one shows it; ticking others draws their curves beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from vastudio.app.library import esr_text
from vastudio.app.runs import RunRecord
from vastudio.paths import resources
from vastudio.training.events import Validated
from vastudio.ui.theme.tokens import Tokens, tokens
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.run_plot import OtherRun
from vastudio.ui.widgets.series import MOST_SERIES, series_colour
from vastudio.ui.widgets.text import label


class RunsCard(Card):
    """Signals
    -------
    chosen(object):
        The person chose this RunRecord.
    compared(object):
        The OtherRuns to draw: the person ticked or unticked one.
    """

    chosen = Signal(object)
    compared = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent)
        self._runs: tuple[RunRecord, ...] = ()
        self._places: dict[Path, int] = {}
        self.table = _table()
        self._empty = label("No run yet. Every run is kept and listed here.", "note", wrap=True)
        self.body.addWidget(self._empty)
        self.body.addWidget(self.table, 1)
        self.body.addStretch()
        self.table.setStyleSheet(_boxes(tokens()))
        self.table.itemSelectionChanged.connect(self._choose)
        self.table.itemChanged.connect(self._tick)

    def show_runs(self, runs: Sequence[RunRecord], going_on: Path | None = None) -> None:
        """Replace the list; the run that was chosen stays chosen. `going_on`: the folder of a live run."""
        chosen = self._chosen.folder if self._chosen else None
        self._runs = tuple(runs)
        self._empty.setVisible(not runs)
        self.table.setVisible(bool(runs))
        self.table.blockSignals(True)
        self.table.setRowCount(len(runs))
        for row, run in enumerate(self._runs):
            self._fill(row, run, going_on)
        self.table.clearSelection()
        for row, run in enumerate(self._runs):
            if run.folder == chosen:
                self.table.selectRow(row)
        self.table.blockSignals(False)

    def choose(self, folder: Path) -> None:
        """Choose the run in a folder, as if the person had; nothing where it is not in the list."""
        for row, run in enumerate(self._runs):
            if run.folder == folder:
                self.table.selectRow(row)

    def deselect(self) -> None:
        """No run of the list is shown: a live one is."""
        self.table.blockSignals(True)
        self.table.clearSelection()
        self.table.blockSignals(False)

    def _fill(self, row: int, run: RunRecord, going_on: Path | None) -> None:
        values = (f"{run.dataset}\n{_second_line(run, going_on)}", _figure(run.esr), _figure(run.worst_esr))
        for column, text in enumerate(values):
            item = QTableWidgetItem(text)
            item.setToolTip(f"{run.folder.name}\nTick it to draw its curve beside the one shown")
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)
        self._show_tick(row)

    def _show_tick(self, row: int) -> None:
        """Tick the box of a run, and name it in the colour of its curve; that is not the person's doing."""
        item = self.table.item(row, 0)
        place = self._places.get(self._runs[row].folder)
        if item is None:
            return
        blocked = self.table.blockSignals(True)
        item.setCheckState(Qt.CheckState.Unchecked if place is None else Qt.CheckState.Checked)
        colour = None if place is None else series_colour(tokens(), place)
        item.setData(Qt.ItemDataRole.ForegroundRole, colour)
        self.table.blockSignals(blocked)

    @property
    def _chosen(self) -> RunRecord | None:
        row = self.table.currentRow()
        return self._runs[row] if self.table.selectedItems() and 0 <= row < len(self._runs) else None

    def _choose(self) -> None:
        if self._chosen is not None:
            self.chosen.emit(self._chosen)

    def _tick(self, item: QTableWidgetItem) -> None:
        if item.column() != 0 or not 0 <= item.row() < len(self._runs):
            return
        run = self._runs[item.row()]
        free = [place for place in range(MOST_SERIES) if place not in self._places.values()]
        if item.checkState() == Qt.CheckState.Unchecked:
            self._places.pop(run.folder, None)
        elif run.folder not in self._places and free:
            self._places[run.folder] = free[0]
        self._show_tick(item.row())
        self.compared.emit(self.others)

    @property
    def others(self) -> tuple[OtherRun, ...]:
        """The runs that are ticked, with their curves."""
        ticked = [run for run in self._runs if run.folder in self._places]
        return tuple(_other(run, self._places[run.folder]) for run in ticked)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self.table.setStyleSheet(_boxes(tokens()))
            for row in range(self.table.rowCount()):
                self._show_tick(row)
        super().changeEvent(event)


def _other(run: RunRecord, place: int) -> OtherRun:
    curve = [(event.seconds, event.esr) for event in run.events if isinstance(event, Validated)]
    return OtherRun(f"{run.dataset} {run.title}", curve, place)


def _second_line(run: RunRecord, going_on: Path | None) -> str:
    if run.folder == going_on:
        return f"{run.title} · going on"
    return f"{run.title} · interrupted" if run.interrupted else run.title


def _figure(esr: float | None) -> str:
    return "—" if esr is None else esr_text(esr)


def _boxes(theme: Tokens) -> str:
    """A style sheet that gives the boxes in a table the look of all others."""
    check = (resources() / "icons" / f"check-{theme.scheme}.svg").as_posix()
    return (
        f"QTableView::indicator {{ width: 13px; height: 13px; border: 1px solid {theme.text.faint};"
        f" border-radius: 3px; background: {theme.ground.control}; }}"
        f"QTableView::indicator:checked {{ image: url({check}); }}"
    )


def _table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setAccessibleName("Runs")
    table.setToolTip("Choose a run to see its curve; tick others to compare them with it")
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
