"""The model's knobs in small: they start at the capture's position and can be moved from there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from vastudio.types import Knob, KnobValues
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import label

_COLUMNS = 3
_SIZE = 66


class KnobsCard(Card):
    """Signals
    -------
    knob_moved(str, float):
        The person turned a knob.
    reset_requested():
        Back to where the capture was recorded.
    """

    knob_moved = Signal(str, float)
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Model knobs", parent)
        self.cells: dict[str, KnobCell] = {}
        self._where = label("", "note", wrap=True)
        self.back = QPushButton("Back to the capture")
        self.back.setToolTip("Set the knobs to where the target was recorded")
        self.back.clicked.connect(self.reset_requested)
        self._area = scrolling(QWidget(), "Model knobs")
        self.body.addWidget(self._area, 1)
        self.body.addWidget(self._where)
        self.body.addWidget(self.back)

    def show_knobs(self, knobs: tuple[Knob, ...]) -> None:
        """Draw the knobs of another model."""
        self.cells = {}
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(10)
        for index, knob in enumerate(knobs):
            cell = KnobCell(knob, "model", _SIZE)
            cell.moved.connect(self.knob_moved)
            self.cells[knob.name] = cell
            grid.addWidget(cell, index // _COLUMNS, index % _COLUMNS, Qt.AlignmentFlag.AlignHCenter)
        if not knobs:
            grid.addWidget(label("This model has no knobs.", "note"), 0, 0)
        grid.setRowStretch(grid.rowCount(), 1)
        holder.setProperty("role", "page")
        self._area.setWidget(holder)

    def show_values(self, values: KnobValues, captured: KnobValues) -> None:
        """Show where the knobs stand, and whether that is where the target was recorded."""
        for name, cell in self.cells.items():
            if name in values and cell.value != values[name]:
                cell.set_value(values[name])
        moved = any(abs(values.get(name, value) - value) > 1e-9 for name, value in captured.items())
        self.back.setVisible(bool(self.cells))
        self.back.setEnabled(moved)
        text = "Moved away from the capture: the measures show how much that changes."
        self._where.setText(text if moved else "At the position where the target was recorded.")
        self._where.setVisible(bool(captured))
