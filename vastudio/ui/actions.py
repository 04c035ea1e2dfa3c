"""Keys of the window: Space, C, T, M, N, Ctrl+O, Ctrl+1 to Ctrl+6."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox as SpinBox
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

_WRITING = (QLineEdit, QPlainTextEdit, SpinBox, QComboBox)
"""Widgets in which a plain key belongs to what is being written or chosen."""


def add_action(
    window: QWidget, text: str, keys: str, on_triggered: Callable[[], None], *, plain: bool = False
) -> QAction:
    """Add a shortcut to the window. A `plain` key (a letter, Space) does nothing while somebody writes."""
    action = QAction(text, window)
    action.setShortcut(QKeySequence(keys))

    def run() -> None:
        if not (plain and isinstance(QApplication.focusWidget(), _WRITING)):
            on_triggered()

    action.triggered.connect(run)
    window.addAction(action)
    return action
