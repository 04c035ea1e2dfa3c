"""The tests that were taken: how each ended, going on with one that was stopped, answers as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from vastudio.app.listening.sessions import Session
from vastudio.ui.compare.listening.words import KINDS, kind_of, outcome, what
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import label

_HEADINGS = ("When", "Listener", "Test", "What", "Outcome")
_STRETCHED = 3


class SessionsCard(Card):
    """Signals
    -------
    shown(object), resumed(object), given_up(object), export_requested():
        What the person wants with the session at this path; or all answers in a file.
    """

    shown = Signal(object)
    resumed = Signal(object)
    given_up = Signal(object)
    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Tests so far", parent)
        self._sessions: dict[Path, Session] = {}
        self.table = QTableWidget(0, len(_HEADINGS))
        self.empty = label("None yet. What is answered stays on this computer.", "quiet", wrap=True)
        self.show_result = _button("Result", "What the selected test showed, pooled with others")
        self.resume = _button("Go on", "Go on with the selected test where it was stopped")
        self.give_up = _button("Give up", "Give the selected test up: it will never have a result")
        self.export = _button("Save CSV…", "Every finished answer of every test, one line each")
        self._prepare_table()
        row = QHBoxLayout()
        for button in (self.show_result, self.resume, self.give_up):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.export)
        self.body.addWidget(self.empty)
        self.body.addWidget(self.table, 1)
        self._room = QWidget()
        self.body.addWidget(self._room, 1)
        self.body.addLayout(row)
        self.table.itemSelectionChanged.connect(self._offer)
        self.table.cellActivated.connect(lambda _row, _column: self._open())
        self.show_result.clicked.connect(lambda: self.shown.emit(self.chosen))
        self.resume.clicked.connect(lambda: self.resumed.emit(self.chosen))
        self.give_up.clicked.connect(lambda: self.given_up.emit(self.chosen))
        self.export.clicked.connect(self.export_requested)
        self.show_sessions({})

    def _prepare_table(self) -> None:
        table = self.table
        table.setAccessibleName("Tests so far")
        table.setToolTip("Select a test to see its result or to go on with it")
        table.setHorizontalHeaderLabels(list(_HEADINGS))
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_STRETCHED, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)

    @property
    def chosen(self) -> Path | None:
        """The file of the selected test."""
        row = self.table.currentRow()
        paths = list(self._sessions)
        return paths[row] if self.table.selectedItems() and 0 <= row < len(paths) else None

    def show_sessions(self, sessions: Mapping[Path, Session]) -> None:
        """List sessions, the newest first."""
        self._sessions = dict(reversed(list(sessions.items())))
        self.empty.setVisible(not sessions)
        self._room.setVisible(not sessions)
        self.table.setVisible(bool(sessions))
        self.table.setRowCount(len(self._sessions))
        for row, session in enumerate(self._sessions.values()):
            when = session.started.astimezone().strftime("%d %b %H:%M")
            texts = (when, session.listener, KINDS[kind_of(session)], what(session), outcome(session))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
        self.table.clearSelection()
        self._offer()

    def _offer(self) -> None:
        session = self._sessions.get(self.chosen) if self.chosen else None
        self.show_result.setEnabled(session is not None and session.is_finished)
        self.resume.setEnabled(session is not None and session.can_resume)
        self.give_up.setEnabled(session is not None and session.can_resume)
        self.export.setEnabled(any(session.is_finished for session in self._sessions.values()))

    def _open(self) -> None:
        for button in (self.show_result, self.resume):
            if button.isEnabled():
                button.click()
                return


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
