"""The table of models: arrow keys move, Enter opens, Escape goes back, F gives a star."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from vastudio.app.library.search import Entry
from vastudio.ui.library.table_model import COLUMNS, TableModel

_ROW_HEIGHT = 30
_WIDTHS = {"favourite": 34, "kind": 84, "format": 84, "rate": 76, "load": 76, "esr": 76}
_GEAR_SHARE = 0.36
"""Of what the columns of a fixed width leave to name and gear."""

_NEEDS_WIDTH = {"format": 640, "rate": 720, "kind": 520, "esr": 400, "gear": 320}
"""Columns that give way to the name in a narrow window."""


class ModelTable(QTableView):
    """Signals
    -------
    moved(object):
        The person chose another Entry; None where nothing is chosen.
    opened(object):
        Enter, or a double click on this Entry.
    went_back():
        Escape.
    star_requested(object), menu_requested(object, object):
        For an Entry; and the place of the menu on the screen.
    """

    moved = Signal(object)
    opened = Signal(object)
    went_back = Signal()
    star_requested = Signal(object)
    menu_requested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = TableModel(self)
        self.setModel(self.list)
        self._is_moving = False
        self.setAccessibleName("Models")
        self.setToolTip("Arrow keys hear, Enter opens, Escape goes back, F gives a star")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._set_up_header()
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.doubleClicked.connect(lambda index: self._with(index.row(), self.opened.emit))

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for place, column in enumerate(COLUMNS):
            if column.key in _WIDTHS:
                header.resizeSection(place, _WIDTHS[column.key])
            elif column.key == "name":
                header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(1, Qt.SortOrder.AscendingOrder)

    @property
    def entry(self) -> Entry | None:
        """The one that is chosen."""
        return self.list.entry(self.currentIndex().row()) if self.currentIndex().isValid() else None

    def select(self, path: str) -> bool:
        """Choose a file without saying that the person did; False where it is not shown."""
        row = self.list.row_of(path) if path else -1
        self._is_moving = True
        if row >= 0:
            self.selectRow(row)
            self.scrollTo(self.list.index(row, 1))
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        self._is_moving = False
        return row >= 0

    def neighbours(self, forward: bool) -> list[Entry]:
        """The next entries in the direction one moves in, then the one behind."""
        row, step = self.currentIndex().row(), 1 if forward else -1
        rows = (row + step, row + 2 * step, row - step, row + 3 * step)
        found = [self.list.entry(place) for place in rows]
        return [entry for entry in found if entry is not None]

    def _tell(self, *_indexes: object) -> None:
        if not self._is_moving:
            self.moved.emit(self.entry)

    def _with(self, row: int, emit: object) -> None:
        entry = self.list.entry(row)
        if entry is not None and callable(emit):
            emit(entry)

    # --- Qt -------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Escape and F; letters do not search, because they choose what is heard."""
        row, key = self.currentIndex().row(), event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._with(row, self.opened.emit)
        elif key == Qt.Key.Key_Escape:
            self.went_back.emit()
        elif key == Qt.Key.Key_F and not event.modifiers():
            self._with(row, self.star_requested.emit)
        elif event.text() and event.text().isprintable() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu for the row under the pointer, or the chosen one."""
        row = self.rowAt(event.pos().y())
        entry = self.list.entry(row) or self.entry
        if entry is not None:
            self.menu_requested.emit(entry, event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out where there is no room for them."""
        width = event.size().width()
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, width < _NEEDS_WIDTH.get(column.key, 0))
        shown = [column.key for place, column in enumerate(COLUMNS) if not self.isColumnHidden(place)]
        left = width - sum(_WIDTHS.get(key, 0) for key in shown)
        gear = next(place for place, column in enumerate(COLUMNS) if column.key == "gear")
        self.horizontalHeader().resizeSection(gear, round(_GEAR_SHARE * left))
        super().resizeEvent(event)
