"""The Library page: filters at the left, the models in the middle, the chosen one at the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vastudio import paths
from vastudio.app.library import own
from vastudio.app.library.card import shown
from vastudio.app.library.folders import watched
from vastudio.app.library.search import Entry, search
from vastudio.errors import StudioError
from vastudio.ui.actions import add_action
from vastudio.ui.bridge.library import LibraryBridge
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.library import files
from vastudio.ui.library.chosen import Chosen
from vastudio.ui.library.details_card import DetailsCard
from vastudio.ui.library.filters_card import FiltersCard
from vastudio.ui.library.preview import Preview, Wish
from vastudio.ui.library.table import ModelTable
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label

_LEFT, _RIGHT = 220, 320
_NARROW_LEFT, _NARROW_RIGHT = 200, 284
_WIDE = 1200
_TYPING_MILLISECONDS = 60


class LibraryPage(QWidget):
    """Signals
    -------
    play_requested():
        The model that is heard stays open: show the Play page.
    dataset_requested(object), run_requested(object):
        Show this dataset or run on the Train page.
    report_requested(object):
        Open this dataset, and show the report on the model that is open.
    """

    play_requested = Signal()
    dataset_requested = Signal(object)
    run_requested = Signal(object)
    report_requested = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.library = LibraryBridge(self)
        self.preview = Preview(session, self)
        self.filters = FiltersCard()
        self.table = ModelTable()
        self.details = DetailsCard()
        self.chosen = Chosen(self, session, self.library, self.preview, self.details)
        self.search = QLineEdit()
        self.count = label("", "note")
        self.notice = Notice()
        self.nothing = label("", "quiet", wrap=True)
        self.start_over = QPushButton("Show everything")
        self._middle = QStackedWidget()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MILLISECONDS)
        self._taking = Latest(session.pool, self)
        self._wanted = ""
        self._row_before = -1
        self.setAcceptDrops(True)
        self._arrange()
        self._connect()

    # --- building -------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.search.setPlaceholderText("Search by name, gear, author, tag, folder …")
        self.search.setAccessibleName("Search")
        self.search.setToolTip("Words in any order, in any field (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.search, 1)
        head.addWidget(self.count)
        middle = Card()
        middle.setAccessibleName("Models")
        middle.body.addLayout(head)
        middle.body.addWidget(self.notice)
        middle.body.addWidget(self._middle, 1)
        self._middle.addWidget(self.table)
        self._middle.addWidget(self._nothing_found())
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 16)
        row.setSpacing(12)
        row.addWidget(self.filters)
        row.addWidget(middle, 1)
        row.addWidget(self.details)

    def _nothing_found(self) -> QWidget:
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.start_over.setToolTip("Clear the search and all filters")
        self.add_folder = QPushButton("Add folder…")
        self.add_folder.setToolTip("Have the library look into a folder, and all folders within it")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.start_over)
        buttons.addWidget(self.add_folder)
        buttons.addStretch(1)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.addStretch(1)
        column.addWidget(self.nothing)
        column.addSpacing(8)
        column.addLayout(buttons)
        column.addStretch(1)
        return holder

    def _connect(self) -> None:
        library, table = self.library, self.table
        library.changed.connect(self._show_library)
        library.progressed.connect(self._show_progress)
        library.failed.connect(self.notice.show_error)
        self.search.textChanged.connect(self._typing.start)
        self.search.returnPressed.connect(self._enter_list)
        self._typing.timeout.connect(self.show_found)
        self.filters.changed.connect(self.show_found)
        self.filters.add_folder_requested.connect(self.ask_for_folder)
        self.filters.remove_folder_requested.connect(self.remove_folder)
        self.add_folder.clicked.connect(self.ask_for_folder)
        self.start_over.clicked.connect(self.clear)
        table.moved.connect(self._move)
        table.opened.connect(self.chosen.open)
        table.went_back.connect(self.go_back)
        table.star_requested.connect(self.chosen.toggle_star)
        table.menu_requested.connect(self.chosen.show_menu)
        self.chosen.failed.connect(self.notice.show_error)
        self.chosen.play_requested.connect(self.play_requested)
        self.chosen.dataset_requested.connect(self.dataset_requested)
        self.chosen.run_requested.connect(self.run_requested)
        self.chosen.report_requested.connect(self.report_requested)
        self._taking.done.connect(self._show_taken)
        self._taking.failed.connect(self.notice.show_error)
        self.preview.refused.connect(self._say_refused)
        self._session.playing_changed.connect(self._follow_playing)
        self._session.closing.connect(library.close)
        add_action(self, "Search the library", "Ctrl+F", self._enter_search).setShortcutContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut
        )

    # --- finding --------------------------------------------------------------------------------------

    def show_found(self) -> None:
        """Show what the words and filters leave."""
        self._typing.stop()
        entries = self.library.entries
        chosen = self.details.entry.card.path if self.details.entry else ""
        places = search(entries, self.search.text(), self.filters.filters)
        self.table.list.show_entries(entries, places)
        if self._wanted and self.table.select(self._wanted):
            self._wanted = ""
        else:
            self.table.select(chosen)
        self._row_before = self.table.currentIndex().row()
        self.details.show_entry(self.table.entry)
        self._say_count(len(places))
        self._middle.setCurrentIndex(0 if places else 1)

    def clear(self) -> None:
        """Show everything."""
        self.search.clear()
        self.filters.clear()
        self.show_found()

    def _show_library(self) -> None:
        snapshot = self.library.snapshot
        self.filters.show_facets(snapshot.facets)
        titles = {paths.factory_models(): "Factory models", paths.user_models(): "Your models"}
        folders = {folder: titles.get(folder) or shown(folder.name) for folder in snapshot.folders}
        self.filters.show_folders(folders, frozenset(snapshot.memory.folders))
        self.show_found()

    def _say_count(self, found: int) -> None:
        total = len(self.library.entries)
        number = f"{found:,}".replace(",", "\u202f")
        self.count.setText(
            f"{number} model{'s' if total != 1 else ''}"
            if found == total
            else f"{number} of {total:,}".replace(",", "\u202f")
        )
        self.start_over.setVisible(total > 0)
        self.nothing.setText(
            "Nothing is found. Try fewer words, or clear the filters." if total
            else "The library is empty. Add a folder with model files (.vamodel, .nam, .aidax, .json), "
            "or drop one here."
        )  # fmt: skip

    def _show_progress(self, done: int, of: int) -> None:
        if done < of:
            self.notice.say(f"Reading files: {done} of {of}")
        else:
            self.notice.clear()

    def _enter_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _enter_list(self) -> None:
        self.show_found()
        self.table.setFocus()
        if self.table.entry is None and self.table.list.rowCount():
            self.table.selectRow(0)

    # --- moving through the list ----------------------------------------------------------------------

    def _move(self, entry: Entry | None) -> None:
        """Let a model be heard while something plays, and then show it."""
        row = self.table.currentIndex().row()
        forward, self._row_before, self._wanted = row >= self._row_before, row, ""
        if entry is not None and not entry.card.error:
            coming = [_wish(near) for near in self.table.neighbours(forward) if not near.card.error]
            if self._session.studio.player.playing and not self._session.is_listening:
                self.preview.hear(_wish(entry), coming)
            else:
                self.preview.read_ahead([_wish(entry)])
        self.chosen.show(entry)

    def _follow_playing(self, playing: bool) -> None:
        if playing and self.isVisible() and self.table.entry is not None and self.table.hasFocus():
            self._move(self.table.entry)

    def go_back(self) -> None:
        """Hear again the model that was open before, and choose it."""
        self.preview.back()
        path = self._session.studio.model_path
        if path is not None:
            self.table.select(str(path))
            self._row_before = self.table.currentIndex().row()
            self.details.show_entry(self.table.entry)

    def _say_refused(self, wish: Wish, error: StudioError) -> None:
        entry = self.details.entry
        if entry is not None and entry.path == wish.path:
            self.details.notice.show_error(error)

    # --- folders and files ----------------------------------------------------------------------------

    def ask_for_folder(self) -> None:
        """Ask for a folder to look into."""
        dialogs.ask_for_folder(self, "Add a folder to the library", self.look_into)

    def look_into(self, folder: Path) -> None:
        """Have the library look into a folder from now on."""
        self.library.run(lambda: own.add_folder(folder))

    def remove_folder(self, folder: Path) -> None:
        """Look no longer into a folder; its files stay."""
        self.filters.folder.setCurrentIndex(0)
        self.library.run(lambda: own.remove_folder(folder))

    def take(self, dropped: list[Path]) -> None:
        """Take in what was dropped: datasets are opened, folders looked into, models copied and chosen."""
        models = []
        for path in dropped:
            if files.is_dataset(path):
                self.dataset_requested.emit(path if path.is_dir() else path.parent)
            elif path.is_dir():
                self.look_into(path)
            elif files.is_welcome(path):
                models.append(path)
        if models:
            folders = watched(self.library.snapshot.memory)
            self._taking.submit(lambda: files.take_in(models, folders))

    def _show_taken(self, taken: list[Path]) -> None:
        self._wanted = str(taken[-1])
        self.clear()
        self.library.look()
        self._session.library_changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome what can be taken in; not what is dragged out of the table itself."""
        dragged = files.local_paths(event.mimeData())
        if event.source() is None and any(files.is_welcome(path) for path in dragged):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it in."""
        event.acceptProposedAction()
        self.take(files.local_paths(event.mimeData()))

    # --- Qt -------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Look for files, and begin with the model that is open."""
        super().showEvent(event)
        self.library.start()
        self.library.look()
        path = self._session.studio.model_path
        if self.details.entry is None and path is not None:
            self._wanted = str(path.absolute())
        self.show_found()
        self.table.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is heard stays open."""
        super().hideEvent(event)
        self.preview.keep()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrower sides in a narrow window."""
        wide = event.size().width() >= _WIDE
        self.filters.setFixedWidth(_LEFT if wide else _NARROW_LEFT)
        self.details.setFixedWidth(_RIGHT if wide else _NARROW_RIGHT)
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape in the search clears it; Down leads into the list."""
        if self.search.hasFocus() and event.key() == Qt.Key.Key_Escape:
            self.search.clear()
        elif self.search.hasFocus() and event.key() == Qt.Key.Key_Down:
            self._enter_list()
        else:
            super().keyPressEvent(event)


def _wish(entry: Entry) -> Wish:
    return Wish(entry.path, entry.card.modified_ns, entry.own.size)
