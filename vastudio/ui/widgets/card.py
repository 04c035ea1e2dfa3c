"""A card: a rounded panel with a title row and a body."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vastudio.ui.widgets.text import ElidedLabel, label

PADDING = 13


class Card(QFrame):
    """`body` is the layout to fill; `header` takes widgets at the right of the title."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(PADDING, 10, PADDING, PADDING)
        column.setSpacing(9)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.title: QLabel = label(title, "title")
        self.note = ElidedLabel("", "note")
        self.note.hide()
        if title:
            self.header.addWidget(self.title)
            self.header.addStretch(1)
            self.header.addWidget(self.note)
            column.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column.addLayout(self.body, 1)

    def set_note(self, text: str) -> None:
        """A quiet line at the right of the title; nothing when empty."""
        self.note.set_full_text(text)
        self.note.setVisible(bool(text))


def rule() -> QFrame:
    """A thin horizontal line."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line
