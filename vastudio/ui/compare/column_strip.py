"""The headings of the columns: which models stand beside each other, and which of them is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from vastudio.app.library import ModelEntry, summary
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.compare.columns import Column
from vastudio.ui.compare.subject import MOST_COLUMNS, Subject
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.series import column_colour
from vastudio.ui.widgets.text import label

_WIDEST = 480


class ColumnHeading(QFrame):
    """One model: its number in its colour, its name; a click has it heard, ▾ puts another in its place.

    Signals
    -------
    chosen():
        The person wants to hear this model.
    change_requested(object), removed():
        Another model shall stand here (with where to open the menu); the column shall go.
    """

    chosen = Signal()
    change_requested = Signal(object)
    removed = Signal()

    def __init__(self, place: int, column: Column, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self._title, self._text = title, f"{title} — {summary(column.model)}"
        self.setProperty("role", "segments")
        self.setAccessibleName(f"Model {place + 1}")
        self.number = label(str(place + 1))
        self.name = _segment("", f"Hear {self._text} ({place + 1})", f"Model {place + 1}: {self._text}")
        self.name.setCheckable(True)
        self.name.setStyleSheet("text-align: left;")
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.change = _segment("", "Put another model here", f"Another model as number {place + 1}")
        self.remove = _segment("", "Take this model away", f"Remove model {place + 1}")
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 1, 1, 1)
        row.setSpacing(0)
        row.addWidget(self.number)
        row.addSpacing(5)
        row.addWidget(self.name, 1)
        for button in (self.change, self.remove):
            button.setFixedWidth(30)
            row.addWidget(button)
        self.name.clicked.connect(self._choose)
        self.change.clicked.connect(
            lambda: self.change_requested.emit(self.change.mapToGlobal(QPoint(0, self.change.height())))
        )
        self.remove.clicked.connect(self.removed)
        self.setMaximumWidth(_WIDEST)
        self._tint()

    def show_state(self, *, heard: bool, alone: bool) -> None:
        """Whether this model is heard, and whether it is the only one."""
        self.name.setChecked(heard)
        self.remove.setVisible(not alone)

    def _choose(self) -> None:
        self.name.setChecked(True)
        self.chosen.emit()

    def _tint(self) -> None:
        self.change.setIcon(icons.icon("chevron-down", tokens().text.secondary, 14))
        self.remove.setIcon(icons.icon("close", tokens().text.secondary, 14))
        self.number.setStyleSheet(f"color: {column_colour(tokens(), self._place).name()}; font-weight: 700;")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what does not fit: the summary, then the end of the name."""
        super().resizeEvent(event)
        room = max(self.width() - 66 - (0 if self.remove.isHidden() else 30), 20)
        fits = self.fontMetrics().horizontalAdvance(self._text) <= room
        shown = self._text if fits else self._title
        self.name.setText(self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, room))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)


class ColumnStrip(QWidget):
    """The headings of a subject's columns, and a button that adds one."""

    def __init__(self, session: Session, subject: Subject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._subject = session, subject
        self._models: list[ModelEntry] = []
        self._shown: tuple[Column, ...] = ()
        self.headings: list[ColumnHeading] = []
        self.add = QPushButton("Add a model…")
        self.add.setToolTip(f"Put another model beside this one, up to {MOST_COLUMNS}")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.add)
        self._row.addStretch(1)
        self._reading = Latest(session.pool, self)
        self._reading.done.connect(self._keep_models)
        self._reading.failed.connect(session.failed)
        self.add.clicked.connect(
            lambda: self._open_menu(self.add.mapToGlobal(QPoint(0, self.add.height())), subject.add_model)
        )
        session.library_changed.connect(self._read_models)
        subject.columns_changed.connect(self._show)
        self._read_models()
        self._show()

    def _read_models(self) -> None:
        self._reading.submit(self._session.studio.models)

    def _keep_models(self, models: list[ModelEntry]) -> None:
        self._models = models

    def _show(self) -> None:
        subject = self._subject
        if subject.columns != self._shown:
            self._shown = subject.columns
            self._rebuild()
        for place, heading in enumerate(self.headings):
            heading.show_state(heard=place == subject.heard, alone=len(self.headings) == 1)
        self.add.setEnabled(0 < len(self.headings) < MOST_COLUMNS)

    def _rebuild(self) -> None:
        for heading in self.headings:
            self._row.removeWidget(heading)
            heading.deleteLater()
        self.headings = [ColumnHeading(place, *named) for place, named in enumerate(_named(self._shown))]
        for place, heading in enumerate(self.headings):
            self._row.insertWidget(place, heading, 1000)
            heading.chosen.connect(partial(self._subject.hear, place))
            heading.removed.connect(partial(self._subject.remove_column, place))
            replace = partial(self._subject.replace_model, place)
            heading.change_requested.connect(partial(self._open_menu, on_chosen=replace))

    def _open_menu(self, at: QPoint, on_chosen: Callable[[Path], None]) -> QMenu:
        """Offer the models of the library, and any file."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for entry in self._models:
            action = menu.addAction(f"{entry.title} — {entry.summary}")
            action.triggered.connect(partial(on_chosen, entry.path))
        menu.addSeparator()
        other = menu.addAction("Open a model file…")
        other.triggered.connect(lambda: self.ask_for_model(on_chosen))
        menu.popup(at)
        return menu

    def ask_for_model(self, on_chosen: Callable[[Path], None]) -> None:
        """Ask for a model file."""
        dialogs.ask_for_file(self, "Compare with another model", (dialogs.MODEL_FILTER,), on_chosen)


def _named(columns: Sequence[Column]) -> list[tuple[Column, str]]:
    """Columns with what tells them apart: the models' names, or their files where names are alike."""
    names = [column.model.name for column in columns]
    return [
        (column, column.opened.path.stem if names.count(name) > 1 else name)
        for column, name in zip(columns, names, strict=True)
    ]


def _segment(text: str, tip: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", "segment")
    button.setToolTip(tip)
    button.setAccessibleName(name)
    return button
