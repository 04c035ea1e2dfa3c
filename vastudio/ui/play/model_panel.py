"""The model's panel: its name, what it is, and its knobs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vastudio.app.architectures import label_of
from vastudio.app.library import esr_text
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob, KnobValues
from vastudio.ui.play.slot_panel import SlotPanel
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.text import ElidedLabel, label

_LARGE, _MEDIUM, _SMALL = 142, 116, 84
_PER_ROW = 6


class ModelPanel(SlotPanel):
    """Draws whatever knobs a model has, from none to many.

    Signals
    -------
    knob_moved(str, float):
        Name and dial value of a knob that the person turned.
    open_requested(), train_requested():
        Without a model: the two ways to get one.
    export_requested():
        The model is to go to another program.
    """

    knob_moved = Signal(str, float)
    open_requested = Signal()
    train_requested = Signal()
    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Amp model", parent)
        self.cells: dict[str, KnobCell] = {}
        self.export = QPushButton("Export…")
        self.export.setProperty("kind", "link")
        self.export.setToolTip("Write this model for the Neural Amp Modeler, AIDA-X or GuitarML")
        self.export.clicked.connect(self.export_requested)
        self.header.addWidget(self.export)
        self._holder = QWidget()
        self._quality = ElidedLabel("", "note")
        self.body.addWidget(self._holder, 1)
        self.foot = QHBoxLayout()
        self.foot.addWidget(self._quality)
        self.foot.addStretch(1)
        self.body.addLayout(self.foot)

    def show_model(self, model: ModelFile | None, values: KnobValues) -> None:
        """Draw a model's panel, or the way to one."""
        self._replace_holder()
        self.cells = {}
        self.title.setText(model.name if model else "No model is open")
        self.set_note(_facts(model) if model else "")
        self.export.setVisible(model is not None)
        self._quality.set_full_text(_quality(model) if model else "")
        self._quality.setVisible(bool(self._quality.full_text))
        if model is None:
            self._fill_empty()
        elif not model.knobs:
            self._fill_without_knobs()
        else:
            self._fill(model.knobs, values)

    def show_values(self, values: KnobValues) -> None:
        """Follow knobs that were turned elsewhere."""
        for name, cell in self.cells.items():
            if name in values and cell.value != values[name]:
                cell.set_value(values[name])

    def _replace_holder(self) -> None:
        old, self._holder = self._holder, QWidget()
        self.body.replaceWidget(old, self._holder)
        old.hide()
        old.deleteLater()

    def _fill(self, knobs: tuple[Knob, ...], values: KnobValues) -> None:
        grid = QGridLayout(self._holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(10)
        rows = -(-len(knobs) // _PER_ROW)
        columns = -(-len(knobs) // rows)
        for index, knob in enumerate(knobs):
            cell = KnobCell(knob, "model", _size(index, len(knobs)))
            cell.set_value(values.get(knob.name, knob.default))
            cell.moved.connect(self.knob_moved)
            self.cells[knob.name] = cell
            grid.addWidget(cell, index // columns, index % columns, Qt.AlignmentFlag.AlignCenter)
        for column in range(columns):
            grid.setColumnStretch(column, 1)

    def _fill_without_knobs(self) -> None:
        column = QVBoxLayout(self._holder)
        text = label(
            "This model has no knobs: it plays the one setting it was recorded at.", "quiet", wrap=True
        )
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(text)

    def _fill_empty(self) -> None:
        text = label(
            "Open a model file, or train one from recordings of your own device.", "quiet", wrap=True
        )
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        open_model, train = QPushButton("Open model…"), QPushButton("Go to Train")
        open_model.setProperty("kind", "primary")
        open_model.setToolTip("Open a model file: .vamodel, .nam, .aidax, .json (Ctrl+O)")
        train.setToolTip("Record a device of your own and train a model of it")
        open_model.clicked.connect(self.open_requested)
        train.clicked.connect(self.train_requested)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(open_model)
        row.addWidget(train)
        row.addStretch(1)
        column = QVBoxLayout(self._holder)
        column.addStretch(1)
        column.addWidget(text)
        column.addSpacing(8)
        column.addLayout(row)
        column.addStretch(1)


def _size(index: int, count: int) -> int:
    """The first knob of a few is the main one; many knobs are smaller."""
    if count > 5:
        return _SMALL
    return _LARGE if index == 0 and count > 1 else _MEDIUM


def _facts(model: ModelFile) -> str:
    title = label_of(model.architecture, model.config.get("hidden"))
    knobs = numbers.count(len(model.knobs), "live knob") if model.knobs else "no knobs"
    return f"{title} · {model.sample_rate / 1000:g} kHz · {knobs}"


def _quality(model: ModelFile) -> str:
    scores = model.evaluation
    if scores is None:
        return ""
    split = "held-out" if scores.split == "validation" else "its own training"
    median, worst = esr_text(scores.median_esr), esr_text(scores.worst_esr)
    return f"Measured on {len(scores.captures)} {split} positions: ESR {median} median, {worst} at worst."
