"""The question when the window is closed in the middle of a take."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class OnLeave(Protocol):
    """Called with whether the take at hand is recorded to its end before the window closes."""

    def __call__(self, *, finish: bool) -> None: ...


def ask_to_leave_take(parent: QWidget, on_leave: OnLeave) -> QMessageBox:
    """Ask what becomes of the take at hand; nothing happens where the person wants to stay."""
    question = QMessageBox(parent)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.setIcon(QMessageBox.Icon.Question)
    question.setWindowTitle("A take is being recorded")
    question.setText("A take is being recorded.")
    question.setInformativeText(
        "Every take before it is kept, and the capture goes on at this one when you are back."
    )
    finish = question.addButton("Finish this take", QMessageBox.ButtonRole.AcceptRole)
    stop = question.addButton("Stop now", QMessageBox.ButtonRole.DestructiveRole)
    stay = question.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    for button, tip in (
        (finish, "Close the studio when this take is on the disk"),
        (stop, "Close the studio now; this take is not kept"),
        (stay, "Go on recording"),
    ):
        button.setToolTip(tip)
    question.setDefaultButton(finish)
    finish.clicked.connect(lambda: on_leave(finish=True))
    stop.clicked.connect(lambda: on_leave(finish=False))
    question.open()
    return question
