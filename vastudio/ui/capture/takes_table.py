"""The takes of a session: number, knobs, peak, and how each is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from vastudio.app.capture_project import TakeRow
from vastudio.types import Knob
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import numbers

_ROW_HEIGHT = 28
_MOST_KNOBS = 6
_ROOMY, _FEW_KNOBS = 300, 3


class TakesTable(QTableWidget):
    """Choosing a row says so.

    Signals
    -------
    picked(int):
        The person chose the take of this position.
    """

    picked = Signal(int)

    def __init__(self, title: str = "Takes", *, verbose: bool = False, parent: QWidget | None = None) -> None:
        self._rows: tuple[TakeRow, ...] = ()
        super().__init__(0, 0, parent)
        self._knobs: tuple[Knob, ...] = ()
        self._current = -1
        self._verbose = verbose
        self.setAccessibleName(title)
        self.setToolTip("Choose a take to look at it")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemSelectionChanged.connect(self._pick)

    @property
    def picked_row(self) -> TakeRow | None:
        """The take that is chosen."""
        row = self.currentRow()
        return self._rows[row] if self.selectedItems() and 0 <= row < len(self._rows) else None

    def show_rows(self, knobs: Sequence[Knob], rows: Sequence[TakeRow], current: int) -> None:
        """Replace what is shown; `current` is the position at hand. What is chosen stays chosen."""
        blocked = self.blockSignals(True)
        if tuple(knobs) != self._knobs:
            self._set_knobs(tuple(knobs))
        self.setRowCount(len(rows))
        for index, row in enumerate(rows):
            is_new = index >= len(self._rows) or self._rows[index] != row
            if is_new or index in (current, self._current):
                self._fill(index, row, is_current=index == current)
        self._rows, previous, self._current = tuple(rows), self._current, current
        if previous != current and 0 <= current < len(rows):
            item = self.item(current, 0)
            if item is not None:
                self.scrollToItem(item, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.blockSignals(blocked)

    def pick(self, place: int) -> None:
        """Choose a take as a person would."""
        self.selectRow(place)

    def status_text(self, place: int) -> str:
        """What the last column says about a take."""
        item = self.item(place, self.columnCount() - 1)
        return item.text() if item is not None else ""

    def _set_knobs(self, knobs: tuple[Knob, ...]) -> None:
        self._knobs, self._rows = knobs, ()
        shown = knobs[:_MOST_KNOBS]
        self.clear()
        self.setColumnCount(len(shown) + 3)
        short = [knob.title if self._verbose else _short(knob, shown) for knob in shown]
        self.setHorizontalHeaderLabels(["#", *short, "peak", ""])
        header = self.horizontalHeader()
        header.setMinimumSectionSize(26)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(self.columnCount() - 1, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _fill(self, index: int, row: TakeRow, *, is_current: bool) -> None:
        theme = tokens()
        text, colour = self._verdict(row, is_current=is_current)
        peak = "" if row.peak_db is None else numbers.fixed(row.peak_db, 1)
        shown = self._knobs[:_MOST_KNOBS]
        values = [f"{row.values.get(knob.name, knob.default):g}" for knob in shown]
        cells = (str(row.place + 1), *values, peak, text)
        plain = theme.text.primary if row.status != "open" or is_current else theme.text.secondary
        tip = " ".join(f"{finding.message} {finding.hint}".strip() for finding in row.trouble)
        for column, cell in enumerate(cells):
            item = QTableWidgetItem(cell)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setForeground(QColor(colour if column == len(cells) - 1 else plain))
            item.setToolTip(tip)
            self.setItem(index, column, item)

    def _verdict(self, row: TakeRow, *, is_current: bool) -> tuple[str, str]:
        """A word or a sign for how a take is, and its colour."""
        theme = tokens()
        if row.status == "rejected":
            return _first(row) or "to repeat", theme.meaning.bad
        if row.status == "accepted":
            word = _first(row)
            return (f"! {word}", theme.meaning.warning) if word else ("✓", theme.meaning.good)
        if is_current:
            return "now", theme.meaning.target
        return ("skipped", theme.text.secondary) if row.status == "skipped" else ("—", theme.text.faint)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for all, the verdict is worth more than the peak."""
        peak = self.columnCount() - 2
        if peak > 0:
            self.setColumnHidden(peak, event.size().width() < _ROOMY and len(self._knobs) > _FEW_KNOBS)
        super().resizeEvent(event)

    def _pick(self) -> None:
        row = self.picked_row
        if row is not None:
            self.picked.emit(row.place)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._rows:
            blocked = self.blockSignals(True)
            for index, row in enumerate(self._rows):
                self._fill(index, row, is_current=index == self._current)
            self.blockSignals(blocked)


def _first(row: TakeRow) -> str:
    """The worst finding in two or three words."""
    if not row.trouble:
        return ""
    finding = row.trouble[0]
    where = "" if finding.at_seconds is None else f" at {finding.at_seconds:.1f} s"
    return f"{finding.code.replace('_', ' ')}{where}"


def _short(knob: Knob, knobs: Sequence[Knob]) -> str:
    """The shortest beginning of a knob's name that no other knob has."""
    others = [other.title for other in knobs if other is not knob]
    for length in range(1, len(knob.title)):
        if not any(other.startswith(knob.title[:length]) for other in others):
            return knob.title[:length]
    return knob.title


def dial_text(knob: Knob, value: float) -> str:
    """A value as a person sets it, in a column of such values: without the unit."""
    places = 0 if knob.kind == "switch" else max(0, numbers.decimals(knob))
    return numbers.fixed(value, min(places, 2))
