"""The two memories of the whole rack, A and B."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vastudio.ui.widgets.segmented import Segment, Segmented

_SLOTS = (
    Segment("a", "A", tip="Play through rack A: its model, knobs and effects"),
    Segment("b", "B", tip="Play through rack B: its model, knobs and effects"),
)


class MemoryBar(QWidget):
    """A | B, and copying one to the other.

    Signals
    -------
    slot_chosen(str), copy_requested():
        The person wants the other memory; wants both to hold what plays.
    """

    slot_chosen = Signal(str)
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slots = Segmented("Memory", _SLOTS)
        self.copy = QPushButton()
        self.copy.clicked.connect(self.copy_requested)
        self.slots.chosen.connect(self.slot_chosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.slots)
        row.addWidget(self.copy)
        self.show_slot("a")

    def show_slot(self, slot: str) -> None:
        """Show which memory plays."""
        self.slots.select(slot)
        there = "B" if slot == "a" else "A"
        self.copy.setText(f"Copy to {there}")
        self.copy.setAccessibleName(f"Copy to {there}")
        self.copy.setToolTip(f"Put what plays into {there} too, to go on from there")
