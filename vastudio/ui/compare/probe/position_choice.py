"""Where the knobs stand while a model is probed: named positions, or one's own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vastudio.app.probe.positions import centre
from vastudio.types import Knob, KnobValues
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.text import label

_SIZE = 56
_NOW, _DEFAULTS, _CENTRE, _LOWEST, _HIGHEST, _OWN = range(6)
_NAMES = (
    "Where the knobs stand now",
    "Their defaults",
    "The centre of the dials",
    "Everything at its lowest",
    "Everything at its highest",
    "A position of my own",
)


class PositionChoice(QWidget):
    """The knobs; `names`, the list of positions, is for the header of the card.

    Signals
    -------
    moved():
        Another position is chosen.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knobs: tuple[Knob, ...] = ()
        self._now: dict[str, float] = {}
        self.names = ElidedCombo("Knob position")
        self.names.setToolTip("Where the knobs stand while the model is probed")
        self.names.addItems(_NAMES)
        self.names.setMinimumWidth(236)
        self.cells: dict[str, KnobCell] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(10)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._row)
        self.names.activated.connect(lambda _index: self._go())

    @property
    def values(self) -> dict[str, float]:
        """The chosen dial values."""
        return {name: cell.value for name, cell in self.cells.items()}

    def show_knobs(self, knobs: Sequence[Knob], now: KnobValues) -> None:
        """Draw the knobs of another model, where they stand."""
        self._knobs, self._now = tuple(knobs), dict(now)
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.cells = {knob.name: KnobCell(knob, "model", _SIZE) for knob in knobs}
        for cell in self.cells.values():
            cell.moved.connect(self._turned)
            self._row.addWidget(cell)
        if not knobs:
            self._row.addWidget(label("This model has no knobs.", "note"))
        self._row.addStretch(1)
        self.names.setVisible(bool(knobs))
        self.names.setCurrentIndex(_NOW)
        self._go()

    def follow(self, now: KnobValues) -> None:
        """The knobs stand elsewhere now."""
        self._now = dict(now)
        if self.names.currentIndex() == _NOW:
            self._go()

    def _turned(self) -> None:
        self.names.setCurrentIndex(_OWN)
        self.moved.emit()

    def _go(self) -> None:
        before = self.values
        for name, value in self._named(self.names.currentIndex()).items():
            self.cells[name].set_value(value)
        if self.values != before:
            self.moved.emit()

    def _named(self, index: int) -> dict[str, float]:
        if index == _CENTRE:
            return centre(self._knobs)
        if index == _OWN:
            return {}
        return {knob.name: self._of(knob, index) for knob in self._knobs}

    def _of(self, knob: Knob, index: int) -> float:
        if index == _NOW:
            return self._now.get(knob.name, knob.default)
        return {_DEFAULTS: knob.default, _LOWEST: knob.minimum, _HIGHEST: knob.maximum}[index]
