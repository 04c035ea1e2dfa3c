"""A message in the place it concerns: what happened, what to do next, and the rest under Details."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from vastudio.errors import StudioError
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.text import label

Severity: TypeAlias = Literal["info", "warning", "error", "good"]
_ICONS = {"info": "info", "warning": "warning", "error": "warning", "good": "check"}


class Notice(QFrame):
    """Hidden until it has something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._severity: Severity = "info"
        self._icon = QLabel()
        self.message = label("", wrap=True)
        self.hint = label("", "quiet", wrap=True)
        self.more = QPushButton("Details")
        self.more.setProperty("kind", "link")
        self.more.setCheckable(True)
        self.more.setToolTip("What exactly went wrong")
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName("Details")
        self.details.setToolTip("What exactly went wrong, to be copied")
        self.details.setMaximumHeight(140)
        self.dismiss = QPushButton()
        self.dismiss.setProperty("kind", "link")
        self.dismiss.setAccessibleName("Dismiss message")
        self.dismiss.setToolTip("Dismiss")
        self._arrange()
        self.more.toggled.connect(self.details.setVisible)
        self.dismiss.clicked.connect(self.clear)
        self.hide()

    def _arrange(self) -> None:
        text = QVBoxLayout()
        text.setSpacing(2)
        for widget in (self.message, self.hint, self.more, self.details):
            text.addWidget(widget)
        text.setAlignment(self.more, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 6, 8)
        row.setSpacing(9)
        row.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        row.addWidget(self.dismiss, alignment=Qt.AlignmentFlag.AlignTop)

    def show_error(self, error: StudioError) -> None:
        """Say what went wrong and what to do about it."""
        self.say(error.message, error.hint, error.details, severity="error")

    def say(self, message: str, hint: str = "", details: str = "", *, severity: Severity = "info") -> None:
        """Show a message; `severity` chooses the icon and its colour."""
        self._severity = severity
        self.message.setText(message)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.more.setChecked(False)
        self.more.setVisible(bool(details))
        self.details.setPlainText(details)
        self.details.hide()
        self.setAccessibleName(f"{message} {hint}".strip())
        self._tint()
        self.show()

    def clear(self) -> None:
        """Nothing to say any more."""
        self.hide()
        self.message.clear()
        self.hint.clear()

    def _tint(self) -> None:
        theme = tokens()
        colours = {
            "info": theme.text.secondary,
            "warning": theme.meaning.warning,
            "error": theme.meaning.bad,
            "good": theme.meaning.good,
        }
        self._icon.setPixmap(icons.pixmap(_ICONS[self._severity], colours[self._severity], 18))
        self.dismiss.setIcon(icons.icon("close", theme.text.secondary, 16))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)
