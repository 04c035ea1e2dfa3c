"""What is done with the chosen model: open, export, write over, tag, throw away, go where it came from."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from vastudio.app.library import editing, own
from vastudio.app.library.card import shown
from vastudio.app.library.origin import Origin, find_origin
from vastudio.app.library.search import Entry
from vastudio.errors import StudioError
from vastudio.ui.bridge.library import LibraryBridge
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.library import files
from vastudio.ui.library.details_card import DetailsCard
from vastudio.ui.library.preview import Preview, Wish


class Chosen(QObject):
    """Serves the details card and the table's menu.

    Signals
    -------
    play_requested(), dataset_requested(object), run_requested(object), report_requested(object):
        Go to another page: see `LibraryPage`.
    failed(object):
        A StudioError of what the person asked for.
    """

    play_requested = Signal()
    dataset_requested = Signal(object)
    run_requested = Signal(object)
    report_requested = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        page: QWidget,
        session: Session,
        library: LibraryBridge,
        preview: Preview,
        details: DetailsCard,
    ) -> None:
        super().__init__(page)
        self._page, self._session, self._library = page, session, library
        self._preview, self._details = preview, details
        self._origin = Origin()
        self._looking = Latest(session.pool, self)
        self._looking.done.connect(self._show_origin)
        self._looking.failed.connect(self.failed)
        details.said.connect(self._write)
        details.own_changed.connect(self._say)
        details.size_chosen.connect(self._choose_size)
        details.open_requested.connect(self._open)
        details.export_requested.connect(self.export)
        details.dataset_requested.connect(lambda: self.dataset_requested.emit(self._origin.dataset))
        details.run_requested.connect(lambda: self.run_requested.emit(self._origin.run))
        details.report_requested.connect(self._report)

    def show(self, entry: Entry | None) -> None:
        """Show a model, and look for where it came from."""
        self._details.show_entry(entry)
        self._origin = Origin()
        self._looking.forget()
        if entry is not None and entry.card.dataset:
            card, known = entry.card, self._session.studio.settings.known_datasets
            self._looking.submit(lambda: (card.path, find_origin(card, known)))

    def _show_origin(self, found: tuple[str, Origin]) -> None:
        path, origin = found
        if self._details.entry is not None and self._details.entry.card.path == path:
            self._origin = origin
            self._details.show_origin(origin)

    # --- opening --------------------------------------------------------------------------------------

    def open(self, entry: Entry) -> None:
        """Open a model for good and show the Play page."""
        if entry.card.error:
            return
        if self._session.studio.model_path != entry.path or self._session.studio.model_size != _size(entry):
            self._preview.keep()
            self._session.open_model(entry.path, entry.own.size)
        else:
            self._preview.keep()
        self.play_requested.emit()

    def _open(self) -> None:
        if self._details.entry is not None:
            self.open(self._details.entry)

    def export(self) -> None:
        """Export the model that is shown."""
        from vastudio.ui.export.dialog import export_model  # noqa: PLC0415  as soon as it is wanted

        if self._details.entry is not None:
            export_model(self._page, self._session, self._details.entry.path)

    def _report(self) -> None:
        entry = self._details.entry
        if entry is not None and self._origin.dataset is not None:
            self._preview.keep()
            self._session.open_model(entry.path, entry.own.size)
            self.report_requested.emit(self._origin.dataset)

    # --- saying ---------------------------------------------------------------------------------------

    def toggle_star(self, entry: Entry) -> None:
        """Give a model a star, or take it away."""
        self._library.say([entry.card.content], favourite=not entry.own.favourite)

    def _say(self, field: str, value: Any) -> None:
        if self._details.entry is not None:
            self._library.say([self._details.entry.card.content], **{field: value})

    def _choose_size(self, size: float) -> None:
        """Play another size from now on: here at once, if it is this model that is heard."""
        entry = self._details.entry
        if entry is None:
            return
        self._library.say([entry.card.content], size=size)
        if self._session.studio.model_path == entry.path:
            self._preview.hear(Wish(entry.path, entry.card.modified_ns, size))

    def _write(self, field: str, text: str) -> None:
        """Write a field over: in the file if it has a place for it, else in the library."""
        entry = self._details.entry
        if entry is None:
            return
        if editing.is_writable(entry.path) and not files.is_factory(entry.path):
            self._library.run(partial(_into_file, entry, field, text))
        else:
            self._library.say([entry.card.content], said={**entry.own.said, field: text})

    # --- menu -----------------------------------------------------------------------------------------

    def show_menu(self, entry: Entry, place: QPoint) -> None:
        """Show what can be done with a model."""
        self.menu(entry).popup(place)

    def menu(self, entry: Entry) -> QMenu:
        """A menu with what can be done with a model; it is freed when it closes."""
        menu = QMenu(self._page)
        menu.aboutToHide.connect(menu.deleteLater)
        readable = not entry.card.error
        menu.addAction("Open in Play", lambda: self.open(entry)).setEnabled(readable)
        menu.addAction(
            "Take the star away" if entry.own.favourite else "Give a star", lambda: self.toggle_star(entry)
        )
        menu.addAction("Export…", self.export).setEnabled(readable)
        menu.addSeparator()
        menu.addAction("Show in file manager", lambda: files.show_in_file_manager(entry.path))
        menu.addAction("Copy path", lambda: QGuiApplication.clipboard().setText(shown(entry.card.path)))
        menu.addSeparator()
        throw = menu.addAction("Move to trash…", lambda: self.ask_to_throw_away(entry))
        throw.setEnabled(not files.is_factory(entry.path))
        return menu

    def ask_to_throw_away(self, entry: Entry) -> None:
        """Ask whether a file is to go into the trash, and move it there."""
        files.ask_to_throw_away(self._page, entry.path, lambda: self._throw_away(entry.path))

    def _throw_away(self, path: Path) -> None:
        try:
            files.throw_away(path)
        except StudioError as error:
            self.failed.emit(error)
        self._library.look()


def _size(entry: Entry) -> float:
    return 1.0 if entry.own.size is None else entry.own.size


def _into_file(entry: Entry, field: str, text: str) -> None:
    """Worker: write a field into a file; what the library said in its place is not needed any more."""
    editing.write(entry.path, {field: text})
    if field in entry.own.said:
        said = {key: value for key, value in entry.own.said.items() if key != field}
        own.change([entry.card.content], said=said)
