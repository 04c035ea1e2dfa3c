"""Keys of a test: they work wherever the focus is on its page, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

_ENTER = ("Return", "Enter")


def on_keys(page: QWidget, keys: tuple[str, ...], act: Callable[[], None]) -> None:
    """Let keys do something while `page` or what is on it has the focus."""
    for key in keys:
        shortcut = QShortcut(QKeySequence(key), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)


def on_enter(page: QWidget, act: Callable[[], None]) -> None:
    """Let Enter press the button that was reached with Tab, or else do what comes next."""

    def run() -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and page.isAncestorOf(focused):
            focused.click()
        else:
            act()

    on_keys(page, _ENTER, run)


def tabbed(button: QAbstractButton) -> None:
    """A click does not take the focus, so that Enter stays with what comes next; Tab still reaches it."""
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
