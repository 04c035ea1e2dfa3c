"""Where the knobs stand in an exported model: at one position, at several, or live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.exporting.positions import grid
from vastudio.errors import KnobError
from vastudio.types import Knob
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label

Where: TypeAlias = Literal["one", "several", "live"]

_SEGMENTS = (
    Segment("one", "One position", tip="The knobs stand still where they are set below"),
    Segment("several", "Several positions", tip="A file for every position, in one folder"),
    Segment("live", "Knobs live", tip="The knobs can be turned in the other program"),
)
_PER_ROW = 2
_MOST_PLACES = 11


class WherePanel(QWidget):
    """Asks for a position, for how many places on each dial, or for neither.

    Signals
    -------
    changed():
        Something else is asked for.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = Segmented("Knobs", _SEGMENTS)
        self.values: dict[str, QDoubleSpinBox] = {}
        self.places: dict[str, QSpinBox] = {}
        self.recorded = QCheckBox("Where the device was recorded")
        self.recorded.setToolTip("Every position of the dataset that is open")
        self.count = label("", "note")
        self._knobs: tuple[Knob, ...] = ()
        self._recorded: list[dict[str, float]] = []
        self._pages = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.kind)
        column.addWidget(self._pages)
        column.addWidget(self.count)
        self.kind.chosen.connect(self._choose)
        self.recorded.toggled.connect(self._recount)

    @property
    def where(self) -> Where:
        """What is asked for."""
        key = self.kind.key
        return "several" if key == "several" else "live" if key == "live" else "one"

    def position(self) -> dict[str, float]:
        """The dial values of `one`."""
        return {name: box.value() for name, box in self.values.items()}

    def positions(self) -> list[dict[str, float]]:
        """All positions of `several`. Raises KnobError when there are too many."""
        if self.recorded.isChecked():
            return self._recorded
        counts = {name: box.value() for name, box in self.places.items() if box.value() > 1}
        return grid(self._knobs, counts, self.position())

    def show_model(
        self, knobs: Sequence[Knob], values: Mapping[str, float], recorded: list[dict[str, float]]
    ) -> None:
        """Ask about a model's knobs; `recorded` are the positions of its dataset, where that is open."""
        self._knobs, self._recorded = tuple(knobs), recorded
        self.values, self.places = {}, {}
        while (page := self._pages.widget(0)) is not None:
            self._pages.removeWidget(page)
            page.deleteLater()
        self._pages.addWidget(self._one(values))
        self._pages.addWidget(self._several())
        self._pages.addWidget(label("The other program's own knobs turn the model's.", "note", wrap=True))
        self.setVisible(bool(knobs))
        self._recount()

    def set_live_available(self, available: bool, tip: str) -> None:
        """Whether the knobs can stay live; `tip` says why not."""
        self.kind.set_available("live", available, tip)
        if not available and self.where == "live":
            self.kind.select("one")
            self._choose("one")

    def _choose(self, key: str) -> None:
        self._pages.setCurrentIndex({"one": 0, "several": 1, "live": 2}[key])
        self._recount()

    def _one(self, values: Mapping[str, float]) -> QWidget:
        page, cells = QWidget(), []
        for knob in self._knobs:
            box = QDoubleSpinBox()
            span = knob.maximum - knob.minimum
            box.setRange(knob.minimum, knob.maximum)
            box.setDecimals(0 if knob.kind == "switch" else 2 if span > 5 else 3)
            box.setSingleStep(1.0 if knob.kind == "switch" else span / 20)
            box.setValue(values.get(knob.name, knob.default))
            box.setAccessibleName(f"{knob.title} stands at")
            box.setToolTip(f"{knob.title}: {knob.range_text}")
            self.values[knob.name] = box
            cells.append((knob.title, box))
        _fill(page, cells)
        return page

    def _several(self) -> QWidget:
        page, cells = QWidget(), []
        for knob in self._knobs:
            box = QSpinBox()
            box.setRange(1, _MOST_PLACES)
            box.setSuffix(" places")
            box.setSpecialValueText("as it stands")
            box.setAccessibleName(f"Places of {knob.title}")
            box.setToolTip(f"How many places between {knob.range_text}")
            box.valueChanged.connect(self._recount)
            self.places[knob.name] = box
            cells.append((knob.title, box))
        if self._knobs:
            self.places[self._knobs[0].name].setValue(5)
        _fill(page, cells)
        layout = page.layout()
        self.recorded.setVisible(bool(self._recorded))
        if isinstance(layout, QGridLayout):
            layout.addWidget(self.recorded, layout.rowCount(), 0, 1, 2 * _PER_ROW)
        return page

    def _recount(self) -> None:
        for box in self.places.values():
            box.setEnabled(not self.recorded.isChecked())
        text = ""
        if self.where == "several":
            try:
                text = numbers.count(len(self.positions()), "file")
            except KnobError as error:
                text = str(error)
        self.count.setText(text)
        self.count.setVisible(bool(text))
        self.changed.emit()


def _fill(page: QWidget, cells: Sequence[tuple[str, QWidget]]) -> None:
    """Captions and fields in pairs, two to a row."""
    cells_of = QGridLayout(page)
    cells_of.setContentsMargins(0, 0, 0, 0)
    cells_of.setHorizontalSpacing(10)
    for index, (caption, field) in enumerate(cells):
        row, column = divmod(index, _PER_ROW)
        named = label(caption, "quiet")
        named.setBuddy(field)
        cells_of.addWidget(named, row, 2 * column)
        cells_of.addWidget(field, row, 2 * column + 1)
    for column in range(_PER_ROW):
        cells_of.setColumnStretch(2 * column + 1, 1)
