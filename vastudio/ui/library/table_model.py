"""The models that were found, as the table shows them: rows are looked up as they come into sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
)
from PySide6.QtGui import QColor

from vastudio.app.library import gear
from vastudio.app.library.card import shown
from vastudio.app.library.names import esr_text
from vastudio.app.library.search import Entry, order
from vastudio.ui.theme.tokens import tokens

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole


@dataclass(frozen=True)
class Column:
    """A column: what `search.order` calls it, its heading, what it shows, and whether that is a figure."""

    key: str
    title: str
    text: Callable[[Entry], str]
    is_figure: bool = False
    tip: str = ""


def load_text(entry: Entry) -> str:
    """The share of a core, estimated."""
    return "" if entry.card.error else f"≈ {entry.card.core_percent:.1f} %"


def rate_text(rate: int) -> str:
    """Such as `44.1 kHz`."""
    return f"{rate / 1000:g} kHz" if rate else ""


def _gear(entry: Entry) -> str:
    return f"{entry.card.maker} {entry.card.gear}".strip()


COLUMNS = (
    Column("favourite", "★", lambda e: "★" if e.own.favourite else "", tip="Favourites (F)"),
    Column("name", "Name", lambda e: e.card.title),
    Column("gear", "Gear", _gear, tip="The device that the model imitates"),
    Column("kind", "Kind", lambda e: gear.title(e.card.kind)),
    Column("format", "Format", lambda e: e.card.format),
    Column("rate", "Rate", lambda e: rate_text(e.card.sample_rate), True, "Sample rate it was made at"),
    Column("load", "Load", load_text, True, "Share of one processor core while playing, estimated"),
    Column("esr", "ESR", lambda e: "" if e.card.esr is None else esr_text(e.card.esr), True,
           "Error that its maker measured; the smaller, the closer"),
)  # fmt: skip


class TableModel(QAbstractTableModel):
    """Shows some of the entries, in an order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[Entry] = ()
        self._places: list[int] = []
        self._sorted: tuple[str, bool] = ("name", False)

    def show_entries(self, entries: Sequence[Entry], places: Sequence[int]) -> None:
        """Show those of the entries at `places`, in the order chosen."""
        column, descending = self._sorted
        self.beginResetModel()
        self._entries = entries
        self._places = order(entries, places, column, descending=descending)
        self.endResetModel()

    def entry(self, row: int) -> Entry | None:
        """The entry in a row."""
        return self._entries[self._places[row]] if 0 <= row < len(self._places) else None

    def row_of(self, path: str) -> int:
        """The row of a file; −1 where it is not shown."""
        entries = self._entries
        return next(
            (row for row, place in enumerate(self._places) if entries[place].as_file.path == path), -1
        )

    # --- Qt -------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """As many as were found."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """The columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        """What a cell shows, says and looks like."""
        entry = self.entry(index.row())
        if entry is None:
            return None
        column = COLUMNS[index.column()]
        said = _SAYS.get(role)
        return None if said is None else said(entry, column)

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        """Headings."""
        if way != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == _ROLE.DisplayRole:
            return column.title
        if role == _ROLE.ToolTipRole:
            return column.tip or f"Sort by {column.title.lower()}"
        return _side(column) if role == _ROLE.TextAlignmentRole else None

    def sort(self, column: int, direction: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column from now on; what is chosen stays chosen."""
        self._sorted = COLUMNS[column].key, direction == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        places = [self._places[index.row()] for index in kept]
        key, descending = self._sorted
        self._places = order(self._entries, sorted(self._places), key, descending=descending)
        rows = {place: row for row, place in enumerate(self._places)}
        moved = [self.index(rows[place], index.column()) for place, index in zip(places, kept, strict=True)]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Rows can be chosen, and dragged to other programs."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The files of rows."""
        rows = dict.fromkeys(index.row() for index in indexes)
        found = [entry for entry in map(self.entry, rows) if entry is not None]
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(entry.card.path) for entry in found])
        return data


def _colour(entry: Entry, column: Column) -> QColor | None:
    theme = tokens()
    if entry.card.error:
        return QColor(theme.text.faint)
    if column.key == "favourite":
        return QColor(theme.meaning.warning)
    return QColor(theme.text.primary if column.key == "name" else theme.text.secondary)


def _side(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _spoken(entry: Entry, column: Column) -> str:
    return "favourite" if column.key == "favourite" and entry.own.favourite else column.text(entry)


_SAYS: dict[int, Callable[[Entry, Column], Any]] = {
    _ROLE.DisplayRole: lambda entry, column: column.text(entry),
    _ROLE.TextAlignmentRole: lambda _entry, column: _side(column),
    _ROLE.ToolTipRole: lambda entry, _column: entry.card.error or shown(entry.card.path),
    _ROLE.ForegroundRole: _colour,
    _ROLE.AccessibleTextRole: _spoken,
}
"""What a cell says in a role."""
