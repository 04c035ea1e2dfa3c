"""The rail: one button per page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens

WIDTH = 72


@dataclass(frozen=True)
class RailEntry:
    """A page: its key, its title, its icon, the keys that open it, and whether it stands at the bottom."""

    key: str
    title: str
    icon: str
    shortcut: str
    at_bottom: bool = False


class Rail(QFrame):
    """Buttons of the pages, one of them chosen.

    Signals
    -------
    chosen(str):
        The person chose the page with this key.
    """

    chosen = Signal(str)

    def __init__(self, entries: Sequence[RailEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setProperty("edge", "right")
        self.setFixedWidth(WIDTH)
        self._entries = {entry.key: entry for entry in entries}
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 1, 8)
        column.setSpacing(2)
        for entry in (item for item in entries if not item.at_bottom):
            column.addWidget(self._button(entry))
        column.addStretch(1)
        for entry in (item for item in entries if item.at_bottom):
            column.addWidget(self._button(entry))
        self._tint()

    def _button(self, entry: RailEntry) -> QToolButton:
        button = QToolButton()
        button.setText(entry.title)
        button.setProperty("kind", "rail")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(22, 22))
        button.setFixedSize(WIDTH - 1, 58)
        button.setAccessibleName(f"{entry.title} page")
        button.setToolTip(f"{entry.title} ({entry.shortcut})")
        button.clicked.connect(lambda: self.chosen.emit(entry.key))
        self._group.addButton(button)
        self._buttons[entry.key] = button
        return button

    def select(self, key: str) -> None:
        """Show a page as the current one."""
        self._buttons[key].setChecked(True)
        self._tint()

    def button(self, key: str) -> QToolButton:
        """The button of a page."""
        return self._buttons[key]

    def _tint(self) -> None:
        theme = tokens()
        for key, button in self._buttons.items():
            colour = theme.text.primary if button.isChecked() else theme.text.secondary
            button.setIcon(icons.icon(self._entries[key].icon, colour, 22))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)
