"""Asks for two audio files that belong together, and for the knob values, where they are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vastudio.types import Knob, KnobValues
from vastudio.ui.widgets import dialogs, numbers
from vastudio.ui.widgets.text import label

_CLEAN_WORDS = ("clean", "input", "dry", "_di", "-di", " di", "di_", "di.")
AUDIO_SUFFIXES = (".wav", ".flac", ".aif", ".aiff")


class FilePairDialog(QDialog):
    """Frees itself when it closes.

    Signals
    -------
    pair_chosen(object, object, object):
        Path of the clean signal, path of the target, and the knob values (empty where unknown).
    """

    pair_chosen = Signal(object, object, object)

    def __init__(
        self,
        knobs: Sequence[Knob],
        values: KnobValues,
        files: Sequence[Path] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare with two files")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.clean = _field("Clean signal: what went into the device")
        self.target = _field("Target: what came out of the device")
        self.swap = _button("Swap", "Exchange the two files")
        self.are_knobs_known = QCheckBox("I know where the knobs stood")
        self.are_knobs_known.setToolTip("The model's knobs are set there; otherwise they stay as they are")
        self.values = {knob.name: _spin_box(knob, values.get(knob.name, knob.default)) for knob in knobs}
        self.compare = _button("Compare", "Read both files and compare")
        self.compare.setProperty("kind", "primary")
        self.compare.setDefault(True)
        self.cancel = _button("Cancel", "Close without comparing")
        self._arrange(knobs)
        self._connect()
        for field, path in zip((self.clean, self.target), in_order(files), strict=False):
            field.setText(str(path))
        self._check()

    def _arrange(self, knobs: Sequence[Knob]) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(8)
        for title, field in (("Clean", self.clean), ("Target", self.target)):
            choose = _button("Choose…", f"Choose the file of the {title.lower()} signal")
            choose.clicked.connect(lambda _on=False, into=field: self._ask(into))
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(field, 1)
            row.addWidget(choose)
            form.addRow(title, row)
        form.addRow("", self.swap)
        form.setAlignment(self.swap, Qt.AlignmentFlag.AlignLeft)
        form.addRow("", self.are_knobs_known)
        for knob in knobs:
            form.addRow(knob.title, self.values[knob.name])
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.compare)
        text = "Delay, polarity and sample rate of the target are measured and put right."
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(label(text, "quiet", wrap=True))
        column.addLayout(form)
        column.addLayout(buttons)
        self.setMinimumWidth(560)

    def _connect(self) -> None:
        self.swap.clicked.connect(self._swap)
        self.are_knobs_known.setVisible(bool(self.values))
        self.are_knobs_known.toggled.connect(self._check)
        for field in (self.clean, self.target):
            field.textChanged.connect(self._check)
        self.compare.clicked.connect(self._finish)
        self.cancel.clicked.connect(self.reject)

    def _ask(self, field: QLineEdit) -> None:
        filters = (dialogs.AUDIO_FILTER, dialogs.ALL_FILTER)
        dialogs.ask_for_file(self, "Choose a recording", filters, lambda path: field.setText(str(path)))

    def _swap(self) -> None:
        clean, target = self.clean.text(), self.target.text()
        self.clean.setText(target)
        self.target.setText(clean)

    def _check(self) -> None:
        for box in self.values.values():
            box.setEnabled(self.are_knobs_known.isChecked())
        self.compare.setEnabled(bool(self.clean.text().strip() and self.target.text().strip()))

    def _finish(self) -> None:
        known = self.are_knobs_known.isChecked()
        knobs = {name: box.value() for name, box in self.values.items()} if known else {}
        clean, target = (Path(field.text().strip()).expanduser() for field in (self.clean, self.target))
        self.pair_chosen.emit(clean, target, knobs)
        self.accept()


def in_order(files: Sequence[Path]) -> list[Path]:
    """The file whose name says that it is the clean one first; otherwise as they came."""
    return sorted(files, key=lambda path: not any(word in path.name.lower() for word in _CLEAN_WORDS))


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.setPlaceholderText(name)
    return field


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _spin_box(knob: Knob, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setAccessibleName(f"{knob.title} where the target was recorded")
    box.setToolTip(f"From {knob.range_text}")
    box.setDecimals(numbers.decimals(knob))
    box.setRange(knob.minimum, knob.maximum)
    box.setSingleStep((knob.maximum - knob.minimum) / 20)
    box.setSuffix(f" {knob.unit}" if knob.unit else "")
    box.setValue(value)
    return box
