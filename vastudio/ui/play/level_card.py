"""The narrow cards at both ends of the rack: input trim and gate, output level and mix."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from vastudio.app.calibration import Driven
from vastudio.types import Knob
from vastudio.ui.play.dials import LEVEL, MIX, THRESHOLD, TRIM
from vastudio.ui.widgets import numbers
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
    calibrated_changed(bool):
        Whether the person wants the level of the captured device.
    """

    moved = Signal(float)
    second_moved = Signal(float)
    calibrated_changed = Signal(bool)

    def __init__(
        self, title: str, knob: Knob, second: Knob, second_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self.setFixedWidth(WIDTH)
        self.meter = LevelMeter(_SHORT[title])
        self.cell, self.second = KnobCell(knob, "clean", _SIZE), KnobCell(second, "clean", _SIZE)
        self.cell.dial.setAccessibleName(f"{title} {knob.title.lower()}")
        self.second.dial.setAccessibleName(second_name)
        self.calibrated = QCheckBox("As captured")
        self.calibrated.setAccessibleName(f"{title} as captured")
        self.calibrated.clicked.connect(self.calibrated_changed)
        self.calibrated.hide()
        self.cell.moved.connect(lambda _name, value: self.moved.emit(value))
        self.second.moved.connect(lambda _name, value: self.second_moved.emit(value))
        self.body.setSpacing(4)
        self.body.addWidget(self.meter)
        self.body.addStretch(1)
        for cell in (self.cell, self.second):
            self.body.addWidget(cell, alignment=Qt.AlignmentFlag.AlignHCenter)
            self.body.addStretch(1)
        at = self.body.indexOf(self.cell) + 1
        self.body.insertWidget(at, self.calibrated, alignment=Qt.AlignmentFlag.AlignHCenter)

    def show_calibration(self, wanted: bool, driven: Driven, purpose: str) -> None:
        """Offer the level of the captured device where the model knows it; `purpose` says what it is for."""
        self.calibrated.setVisible(driven.lacks != "model")
        self.calibrated.setEnabled(driven.level_db is not None)
        self.calibrated.setChecked(wanted and driven.level_db is not None)
        if driven.level_db is None:
            self.calibrated.setToolTip(
                "The model knows its level: set that of your device on the Settings page"
            )
        else:
            self.calibrated.setToolTip(f"{purpose}: {numbers.decibels(driven.level_db)}")


def input_card() -> LevelCard:
    """Trim and gate."""
    gate = Knob("gate", "Gate", THRESHOLD.minimum, THRESHOLD.maximum, THRESHOLD.default, "dB")
    return LevelCard("Input", TRIM, gate, "Gate threshold")


def output_card() -> LevelCard:
    """Level and mix."""
    return LevelCard("Output", LEVEL, MIX, "Mix of processed sound and input")
