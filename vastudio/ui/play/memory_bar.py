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
    """A | B, copying one to the other, and neither.

    Signals
    -------
    slot_chosen(str), copy_requested():
        The person wants the other memory; wants both to hold what plays.
    bypass_toggled(bool):
        The person wants to hear the input as it is, or the rack again.
    """

    slot_chosen = Signal(str)
    copy_requested = Signal()
    bypass_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slots = Segmented("Memory", _SLOTS)
        self.copy = QPushButton()
        self.copy.clicked.connect(self.copy_requested)
        self.slots.chosen.connect(self.slot_chosen)
        self.bypass = QPushButton("Bypass all")
        self.bypass.setCheckable(True)
        self.bypass.setProperty("kind", "toggle")
        self.bypass.setToolTip("Hear the input as it is, past the whole rack (B)")
        self.bypass.clicked.connect(self.bypass_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.bypass)
        row.addSpacing(6)
        row.addWidget(self.slots)
        row.addWidget(self.copy)
        self.show_slot("a")

    def show_bypassed(self, bypassed: bool) -> None:
        """Show whether the whole rack is passed by."""
        self.bypass.setChecked(bypassed)
        self.bypass.setText("All bypassed" if bypassed else "Bypass all")

    def show_slot(self, slot: str) -> None:
        """Show which memory plays."""
        self.slots.select(slot)
        there = "B" if slot == "a" else "A"
        self.copy.setText(f"Copy to {there}")
        self.copy.setAccessibleName(f"Copy to {there}")
        self.copy.setToolTip(f"Put what plays into {there} too, to go on from there")
