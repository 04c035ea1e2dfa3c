"""The narrow cards at both ends of the rack: input trim and gate, output level and mix."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from vastudio.types import Knob
from vastudio.ui.play.dials import LEVEL, MIX, THRESHOLD, TRIM
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.meter import LevelMeter

WIDTH = 132
_SIZE = 62
_SHORT = {"Input": "in", "Output": "out"}


class LevelCard(Card):
    """A card with a meter and two knobs, the first of them a level.

    Signals
    -------
    moved(float):
        The level in dB that the person set.
    second_moved(float):
        What the person set the other knob to.
    """

    moved = Signal(float)
    second_moved = Signal(float)

    def __init__(
        self, title: str, knob: Knob, second: Knob, second_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self.setFixedWidth(WIDTH)
        self.meter = LevelMeter(_SHORT[title])
        self.cell, self.second = KnobCell(knob, "clean", _SIZE), KnobCell(second, "clean", _SIZE)
        self.cell.dial.setAccessibleName(f"{title} {knob.title.lower()}")
        self.second.dial.setAccessibleName(second_name)
        self.cell.moved.connect(lambda _name, value: self.moved.emit(value))
        self.second.moved.connect(lambda _name, value: self.second_moved.emit(value))
        self.body.setSpacing(4)
        self.body.addWidget(self.meter)
        self.body.addStretch(1)
        for cell in (self.cell, self.second):
            self.body.addWidget(cell, alignment=Qt.AlignmentFlag.AlignHCenter)
            self.body.addStretch(1)


def input_card() -> LevelCard:
    """Trim and gate."""
    gate = Knob("gate", "Gate", THRESHOLD.minimum, THRESHOLD.maximum, THRESHOLD.default, "dB")
    return LevelCard("Input", TRIM, gate, "Gate threshold")


def output_card() -> LevelCard:
    """Level and mix."""
    return LevelCard("Output", LEVEL, MIX, "Mix of processed sound and input")
