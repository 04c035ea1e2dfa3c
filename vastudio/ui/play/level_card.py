"""Input trim and output level: one slate knob each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from vastudio.types import Knob
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.knob_cell import KnobCell

TRIM = Knob("trim", "Trim", -24.0, 24.0, 0.0, "dB")
LEVEL = Knob("level", "Level", -60.0, 12.0, 0.0, "dB")


class LevelCard(Card):
    """A narrow card with one level knob.

    Signals
    -------
    moved(float):
        The level in dB that the person set.
    """

    moved = Signal(float)

    def __init__(self, title: str, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setFixedWidth(150)
        self.cell = KnobCell(knob, "clean", 84)
        self.cell.dial.setAccessibleName(f"{title} {knob.title.lower()}")
        self.cell.moved.connect(lambda _name, value: self.moved.emit(value))
        self.body.addStretch(1)
        self.body.addWidget(self.cell, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.body.addStretch(1)
