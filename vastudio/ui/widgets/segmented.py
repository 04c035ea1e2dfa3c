"""A segmented control: one of a few choices, all visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from vastudio.ui.theme.tokens import Meaning


@dataclass(frozen=True)
class Segment:
    """One choice: its key, what it says, what it means, and a tooltip."""

    key: str
    text: str
    meaning: Meaning | None = None
    tip: str = ""


class Segmented(QFrame):
    """Exactly one segment is chosen; arrow keys move within it.

    Signals
    -------
    chosen(str):
        The person chose the segment with this key.
    """

    chosen = Signal(str)

    def __init__(self, title: str, segments: Sequence[Segment], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "segments")
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for segment in segments:
            row.addWidget(self._button(title, segment))
        self.select(segments[0].key)

    def _button(self, title: str, segment: Segment) -> QPushButton:
        button = QPushButton(segment.text)
        button.setCheckable(True)
        button.setProperty("kind", "segment")
        if segment.meaning:
            button.setProperty("meaning", segment.meaning)
        button.setAccessibleName(f"{title}: {segment.text}")
        button.setToolTip(segment.tip or f"{title}: {segment.text}")
        button.clicked.connect(lambda: self.chosen.emit(segment.key))
        self._group.addButton(button)
        self._buttons[segment.key] = button
        return button

    @property
    def key(self) -> str:
        """The key of the chosen segment."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def select(self, key: str) -> None:
        """Show `key` as chosen without saying that the person chose it."""
        self._buttons[key].setChecked(True)

    def button(self, key: str) -> QPushButton:
        """The button of a segment."""
        return self._buttons[key]

    def set_available(self, key: str, available: bool, tip: str) -> None:
        """Enable or disable one segment; `tip` says why."""
        self._buttons[key].setEnabled(available)
        self._buttons[key].setToolTip(tip)
