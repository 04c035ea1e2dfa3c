"""The gate's panel: its knobs, and the level it listens to with both thresholds drawn into it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from vastudio.engine.gate import Gate
from vastudio.ui.play.dials import ATTACK, HOLD, HYSTERESIS, RELEASE, THRESHOLD
from vastudio.ui.play.slot_panel import SlotPanel
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.level_history import LevelHistory

_TIPS = {
    "threshold_db": "A note louder than this opens the gate",
    "hysteresis_db": "How far below the threshold a note must fall before the gate closes",
    "attack_ms": "How fast the gate opens",
    "hold_ms": "How long the gate waits before it closes",
    "release_ms": "How slowly it closes: the time for 60 dB",
}


class GatePanel(SlotPanel):
    """Signals
    -------
    gate_changed(object):
        The `Gate` that the person set.
    """

    gate_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Noise gate", parent)
        self._gate = Gate()
        self.history = LevelHistory("Input level and the gate's thresholds")
        self.cells = {
            knob.name: KnobCell(knob, "clean", 76) for knob in (THRESHOLD, HYSTERESIS, ATTACK, HOLD, RELEASE)
        }
        row = QHBoxLayout()
        for name, cell in self.cells.items():
            cell.setToolTip(_TIPS[name])
            cell.dial.setAccessibleName(f"Gate {cell.dial.knob.title.lower()}")
            cell.moved.connect(self.change)
            row.addWidget(cell, 1)
        self.body.addWidget(self.history, 1)
        self.body.addLayout(row)

    def show_gate(self, gate: Gate, on: bool) -> None:
        """Follow settings that were made elsewhere."""
        self._gate = gate
        self.show_on(on)
        for name, cell in self.cells.items():
            cell.set_value(getattr(gate, name))
        self.history.show_thresholds(gate.threshold_db, gate.threshold_db - gate.hysteresis_db, active=on)

    def change(self, name: str, value: float) -> None:
        """Do as if the person had moved a knob."""
        self.gate_changed.emit(replace(self._gate, **{name: value}))
