"""Advanced: everything that a preset decides, to be decided otherwise."""

from __future__ import annotations

from typing import Any, TypeAlias, get_args, get_type_hints

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from vastudio.app.architectures import architecture_choices
from vastudio.nets import Blueprint, architecture
from vastudio.training.config import HIDDEN_SIZES, TrainingConfig
from vastudio.training.presets import Preset
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.text import label

Editor: TypeAlias = QCheckBox | QComboBox | QDoubleSpinBox | QLineEdit | QSpinBox

_TITLES = {"hidden": "Units", "biases": "Gate biases", "live_knobs": "Knobs other programs can turn"}
_TIPS = {
    "hidden": "More units come closer and take longer to train and to play; multiples of 8 train fastest",
    "biases": "Without them silence stays silent by itself, at several times the error",
    "live_knobs": "For AIDA-X and GuitarML, up to two knobs; less exact where they change the level much",
    "minutes": "The preset's plan for this computer, or your own; more is rarely worse",
    "learning_rate": "How large the steps are; a run that diverges halves it by itself",
    "seed": "The same seed repeats a run; another one gives it another chance",
    "threads": "0 uses all cores; while sound plays one is left to it in any case",
    "device": "Automatic takes the graphics card where there is one",
}
_DEVICES = (("auto", "Automatic"), ("cpu", "Processor"), ("cuda", "Graphics card"))
_MOST_MINUTES = 7 * 24 * 60
_MOST = 1_000_000


class Advanced(QWidget):
    """A form. What is left as the preset has it is not a change.

    Signals
    -------
    changed():
        The person changed something.
    """

    changed = Signal()

    def __init__(self, chosen: Preset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preset = chosen
        self._base = chosen.config()
        self._is_filling = False
        self.architecture = ElidedCombo("Architecture")
        for index, item in enumerate(architecture_choices()):
            self.architecture.addItem(item.title, item.name)
            self.architecture.setItemData(index, item.summary, Qt.ItemDataRole.ToolTipRole)
        self.summary = label("", "note", wrap=True)
        self.minutes = QDoubleSpinBox(minimum=0.1, maximum=_MOST_MINUTES, decimals=1, suffix=" min")
        kinds = get_type_hints(Blueprint)
        self.options = {name: _editor(default, kinds[name]) for name, default in Blueprint.options().items()}
        units = self.options["hidden"]
        assert isinstance(units, QSpinBox)
        units.setRange(HIDDEN_SIZES.start, HIDDEN_SIZES[-1])
        units.setSingleStep(8)
        self.learning_rate = QDoubleSpinBox(minimum=1e-5, maximum=1.0, decimals=5, singleStep=1e-3)
        self.seed = QSpinBox(minimum=0, maximum=2**31 - 1)
        self.threads = QSpinBox(minimum=0, maximum=1024)
        self.threads.setSpecialValueText("all cores")
        self.device = QComboBox()
        for key, title in _DEVICES:
            self.device.addItem(title, key)
        self._editors: dict[str, Editor] = {
            "minutes": self.minutes, **self.options, "learning_rate": self.learning_rate, "seed": self.seed,
            "threads": self.threads, "device": self.device,
        }  # fmt: skip
        self._arrange()
        self.architecture.activated.connect(self._choose_architecture)
        for editor in self._editors.values():
            _changing(editor).connect(self._change)
        self.show_preset(chosen, chosen.minutes)

    def _arrange(self) -> None:
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setVerticalSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.addRow(self.architecture)
        self._form.addRow(self.summary)
        for name, editor in self._editors.items():
            title = _title(name)
            editor.setAccessibleName(title)
            editor.setToolTip(_TIPS.get(name, title))
            self._form.addRow(label(title, "quiet"), editor)

    # --- what is set ----------------------------------------------------------------------------------

    def show_preset(self, chosen: Preset, minutes: float) -> None:
        """Set everything as a preset has it; `minutes` is what it plans on this computer."""
        self._preset = chosen
        self.architecture.setCurrentIndex(self.architecture.findData(chosen.architecture))
        self._fill(chosen.config(minutes=minutes))

    def plan(self, minutes: float) -> None:
        """The preset plans another time now; one that the person has set stays."""
        if self.minutes.value() == _shown(self._base.minutes or 0.0):
            self._base = self._preset.config(architecture=self._base.architecture, minutes=minutes)
            self._is_filling = True
            self.minutes.setValue(minutes)
            self._is_filling = False

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the preset, as settings of a configuration."""
        changed = {}
        if self._base.architecture != self._preset.architecture:
            changed["architecture"] = self._base.architecture
        for name, editor in self._editors.items():
            if name in self.options and name not in architecture(self._base.architecture).options:
                continue
            before = getattr(self._base, name)
            if _value(editor) != (_shown(before) if name == "minutes" else before):
                changed[name] = _value(editor)
        return changed

    @property
    def config(self) -> TrainingConfig:
        """What is set. Raises TrainingError where that makes no sense."""
        return self._preset.config(**{"minutes": self._base.minutes, **self.changes})

    # --- parts ----------------------------------------------------------------------------------------

    def _fill(self, base: TrainingConfig) -> None:
        self._base, self._is_filling = base, True
        chosen = architecture(base.architecture)
        self.summary.setText(chosen.summary)
        for name, editor in self._editors.items():
            _set_value(editor, getattr(base, name))
        for name, editor in self.options.items():
            self._form.setRowVisible(editor, name in chosen.options)
        self._is_filling = False

    def _choose_architecture(self) -> None:
        minutes = self.minutes.value()
        self._fill(self._preset.config(architecture=self.architecture.currentData(), minutes=minutes))
        self.changed.emit()

    def _change(self) -> None:
        if not self._is_filling:
            self.changed.emit()


def _title(name: str) -> str:
    return _TITLES.get(name, name.replace("_", " ").capitalize() if name != "minutes" else "Train for")


def _editor(default: object, kind: object) -> Editor:
    """What edits an option: by the words it may be, or by the type of its default."""
    words = [word for word in get_args(kind) if isinstance(word, str)]
    if words:
        choice = QComboBox()
        for word in words:
            choice.addItem(word, word)
        return choice
    if isinstance(default, bool):
        return QCheckBox()
    if isinstance(default, int):
        return QSpinBox(minimum=0, maximum=_MOST)
    return QDoubleSpinBox(maximum=_MOST, decimals=3) if isinstance(default, float) else QLineEdit()


def _changing(editor: Editor) -> Any:
    """The signal that says that the value of an editor has changed."""
    if isinstance(editor, QCheckBox):
        return editor.toggled
    if isinstance(editor, QComboBox):
        return editor.activated
    return editor.textEdited if isinstance(editor, QLineEdit) else editor.valueChanged


def _value(editor: Editor) -> Any:
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QComboBox):
        return editor.currentData()
    return editor.text() if isinstance(editor, QLineEdit) else editor.value()


def _set_value(editor: Editor, value: Any) -> None:
    if isinstance(editor, QCheckBox):
        editor.setChecked(value)
    elif isinstance(editor, QComboBox):
        editor.setCurrentIndex(editor.findData(value))
    elif isinstance(editor, QLineEdit):
        editor.setText(str(value))
    else:
        editor.setValue(value)


def _shown(minutes: float) -> float:
    """Minutes as the form rounds them."""
    return round(minutes, 1)
