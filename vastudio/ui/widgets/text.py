"""Labels with a role, and one that shortens what does not fit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from vastudio.ui.theme.tokens import Meaning


def label(text: str = "", role: str = "", meaning: Meaning | None = None, *, wrap: bool = False) -> QLabel:
    """A label styled by its role (`title`, `heading`, `quiet`, `note`) or by what it means."""
    result = QLabel(text)
    result.setProperty("role", role)
    if meaning:
        result.setProperty("meaning", meaning)
    result.setWordWrap(wrap)
    return result


def restyle(widget: QWidget) -> None:
    """Have the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class ElidedLabel(QLabel):
    """Shows `…` where the text does not fit; the whole text is in the tooltip then."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._full = self._tip = ""
        self.set_full_text(text)

    @property
    def full_text(self) -> str:
        """What the label would show if it had the room."""
        return self._full

    def set_full_text(self, text: str, tip: str = "") -> None:
        """Show `text`, shortened if it must be."""
        self._full, self._tip = text, tip
        self.setAccessibleName(text)
        self._elide()
        self.updateGeometry()

    def set_meaning(self, meaning: Meaning | None) -> None:
        """Colour the text by what it means; None for the colour of its role."""
        if self.property("meaning") != meaning:
            self.setProperty("meaning", meaning)
            restyle(self)

    def _padding(self) -> int:
        return 26 if self.property("role") == "pill" else 2

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        width = self.fontMetrics().horizontalAdvance(self._full) + self._padding()
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        return QSize(min(70, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten again."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - self._padding() + 1, 0)
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._tip or (self._full if shown != self._full else ""))
