"""What is written on an exported model: its name, its maker, its gear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from vastudio.errors import ModelFileError
from vastudio.modelfile.exports.label import GEAR_TYPES, TONE_TYPES, ExportLabel
from vastudio.ui.widgets.text import label

_LINES = (
    ("name", "Name", "what players show"),
    ("author", "Modelled by", "who made the model"),
    ("gear_make", "Make", "who made the device"),
    ("gear_model", "Model", "which device it is"),
    ("licence", "Licence", "what others may do with it"),
)
_LEVELS = (
    ("input_dbu", "Input level", "dBu of a full-scale sine at the interface's output, where measured"),
    ("output_dbu", "Output level", "dBu of a full-scale sine at the interface's input, where measured"),
)
_CHOICES = (
    ("gear_type", "Kind of gear", GEAR_TYPES),
    ("tone_type", "Tone", TONE_TYPES),
)


class LabelForm(QWidget):
    """Fields below each other, filled with what the model says of itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = ExportLabel()
        self.lines: dict[str, QLineEdit] = {}
        self.choices: dict[str, QComboBox] = {}
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(10)
        self._form.setVerticalSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        *before, licence = _LINES
        for name, caption, tip in before:
            self._add(caption, self._line(name, caption, tip))
        for name, caption, words in _CHOICES:
            self._add(caption, self._choice(name, caption, words))
        self._add(licence[1], self._line(*licence))
        for name, caption, tip in _LEVELS:
            self._add(caption, self._line(name, caption, tip, placeholder="dBu, not known"))

    def _add(self, caption: str, field: QWidget) -> None:
        named = label(caption, "quiet")
        named.setBuddy(field)
        named.setMinimumHeight(field.sizeHint().height())
        self._form.addRow(named, field)

    def _line(self, name: str, caption: str, tip: str, placeholder: str = "") -> QLineEdit:
        field = QLineEdit(placeholderText=placeholder)
        field.setAccessibleName(caption)
        field.setToolTip(f"{tip[:1].upper()}{tip[1:]}")
        self.lines[name] = field
        return field

    def _choice(self, name: str, caption: str, words: tuple[str, ...]) -> QComboBox:
        field = QComboBox()
        field.setAccessibleName(caption)
        field.setToolTip("As the Neural Amp Modeler's files name it")
        field.addItem("Not said", "")
        for word in words:
            field.addItem(word.replace("_", " ").capitalize(), word)
        self.choices[name] = field
        return field

    def show_label(self, written: ExportLabel) -> None:
        """Fill the fields."""
        self._label = written
        for name, line in self.lines.items():
            value = getattr(written, name)
            line.setText("" if value is None else f"{value:g}" if isinstance(value, float) else value)
        for name, choice in self.choices.items():
            choice.setCurrentIndex(max(0, choice.findData(getattr(written, name))))

    def read(self) -> ExportLabel:
        """What the fields say now. Raises ModelFileError for a level that is no number."""
        said: dict[str, Any] = {name: self.lines[name].text().strip() for name, _, _ in _LINES}
        said |= {name: str(choice.currentData()) for name, choice in self.choices.items()}
        said |= {name: _level(caption, self.lines[name].text()) for name, caption, _ in _LEVELS}
        return replace(self._label, **said)


def _level(caption: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise ModelFileError(
            f"{caption} '{text}' is not a number.", "Write dBu, or leave it empty."
        ) from error
