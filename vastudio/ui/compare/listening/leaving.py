"""Leaving a test before its end: for now, for good, or not at all."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask_to_leave(parent: QWidget, *, keep: Callable[[], None], give_up: Callable[[], None]) -> QMessageBox:
    """Ask what becomes of a test that is not finished; it has no result either way."""
    question = QMessageBox(parent)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.setIcon(QMessageBox.Icon.Question)
    question.setWindowTitle("Leave the test")
    question.setText("This test is not finished, so it has no result yet.")
    question.setInformativeText(
        "Keep it and go on later at the same trial, or give it up? Given up, it will never have a result."
    )
    stay = question.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
    kept = question.addButton("Keep for later", QMessageBox.ButtonRole.AcceptRole)
    gone = question.addButton("Give it up", QMessageBox.ButtonRole.DestructiveRole)
    question.setDefaultButton(stay)
    question.setEscapeButton(stay)
    kept.clicked.connect(keep)
    gone.clicked.connect(give_up)
    question.open()
    return question
