"""A form for what can be chosen about a source, built from what the source itself says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from vastudio.capture.source import Option, OptionValue
from vastudio.engine.devices import DeviceList
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.text import label

CAPTION_WIDTH = 128
"""Of the names beside the fields, so that forms below each other line up."""

_RATES = (44_100, 48_000, 88_200, 96_000)
_BLOCKS = (0, 64, 128, 256, 512, 1024)
_DEVICES = ("output", "input")
_BETWEEN = "\n"  # a host API and its device
UNSEEN = ("host_api", "send_db")
"""Chosen elsewhere: with the device, and on the Levels step."""

_FILES = {"plugin": ("VST3 plug-ins (*.vst3)", dialogs.ALL_FILTER), "recordings": (dialogs.AUDIO_FILTER,)}
_FOLDERS = ("plugin", "recordings")
_TITLES = {
    "rate": "Sample rate",
    "plugin_name": "Which plug-in",
    "python": "Interpreter",
    "timeout": "Patience",
    "pause": "Pause before each",
}
_UNITS = {"timeout": " s", "pause": " s"}


class OptionsForm(QWidget):
    """Signals
    -------
    changed():
        The person changed something.
    """

    changed = Signal()

    def __init__(self, options: tuple[Option, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = {option.name: option for option in options}
        self.fields: dict[str, QWidget] = {}
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(14)
        self._form.setVerticalSpacing(8)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for option in options:
            if option.name not in UNSEEN:
                self._add(option)

    def _add(self, option: Option) -> None:
        field = self._field(option)
        title = _TITLES.get(option.name, option.name.replace("_", " ").capitalize())
        field.setAccessibleName(title)
        field.setToolTip(option.help[:1].upper() + option.help[1:])
        self.fields[option.name] = field
        caption = label(title, "quiet")
        caption.setMinimumWidth(CAPTION_WIDTH)
        self._form.addRow(caption, self._with_buttons(option.name, field))

    def _field(self, option: Option) -> QWidget:
        default = option.default
        if option.name in _DEVICES:
            combo = self._combo()
            combo.addItem("System default" if option.name == "output" else "The same device", "")
            return combo
        if option.name in ("rate", "block"):
            return self._figures(option.name, int(default))
        if isinstance(default, float):
            spin = QDoubleSpinBox(minimum=0.0, maximum=3600.0)
            spin.setDecimals(1)
            spin.setSuffix(_UNITS.get(option.name, ""))
            spin.setValue(default)
            spin.valueChanged.connect(self.changed)
            return spin
        if isinstance(default, int):
            number = QSpinBox(minimum=1, maximum=64, value=default)
            number.valueChanged.connect(self.changed)
            return number
        line = QLineEdit(placeholderText=option.help)
        line.textChanged.connect(self.changed)
        return line

    def _figures(self, name: str, default: int) -> QComboBox:
        combo = self._combo()
        for value in _RATES if name == "rate" else _BLOCKS:
            frames = f"{value} frames" if value else "as the device likes"
            combo.addItem(f"{value / 1000:g} kHz" if name == "rate" else frames, value)
        combo.setCurrentIndex(combo.findData(default))
        return combo

    def _combo(self) -> QComboBox:
        combo = QComboBox()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(16)
        combo.currentIndexChanged.connect(self.changed)
        return combo

    def _with_buttons(self, name: str, field: QWidget) -> QWidget:
        if name not in _FILES or not isinstance(field, QLineEdit):
            return field
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field, 1)

        def take(path: Path) -> None:
            field.setText(str(path))

        def ask_for_file() -> None:
            dialogs.ask_for_file(self, "Choose a file", _FILES[name], take)

        def ask_for_folder() -> None:
            dialogs.ask_for_folder(self, "Choose a folder", take)

        row.addWidget(_button("File…", "Choose a file", ask_for_file))
        if name in _FOLDERS:
            row.addWidget(_button("Folder…", "Choose a folder or a bundle", ask_for_folder))
        return holder

    def show_devices(self, found: DeviceList) -> None:
        """Fill the choices of devices; what is chosen stays chosen where it is still there."""
        for name in _DEVICES:
            combo = self.fields.get(name)
            if not isinstance(combo, QComboBox):
                continue
            chosen = combo.currentData()
            while combo.count() > 1:
                combo.removeItem(1)
            for device in found.devices:
                if device.outputs if name == "output" else device.inputs:
                    combo.addItem(f"{device.name} ({device.host_api})", _key(device.host_api, device.name))
            if chosen and combo.findData(chosen) < 0:
                combo.addItem(f"{chosen.partition(_BETWEEN)[2]} — not connected", chosen)
            combo.setCurrentIndex(max(0, combo.findData(chosen)))

    @property
    def values(self) -> dict[str, OptionValue]:
        """What is chosen, without what is left empty."""
        chosen: dict[str, OptionValue] = {}
        for name, field in self.fields.items():
            if isinstance(field, QLineEdit):
                chosen[name] = field.text().strip()
            elif isinstance(field, QSpinBox | QDoubleSpinBox):
                chosen[name] = field.value()
            elif isinstance(field, QComboBox):
                data = field.currentData()
                if name in _DEVICES:
                    host_api, _, data = str(data).rpartition(_BETWEEN)
                    if host_api and name == "output":
                        chosen["host_api"] = host_api
                chosen[name] = data
        return {name: value for name, value in chosen.items() if value != ""}

    def set_values(self, values: Mapping[str, OptionValue]) -> None:
        """Show what was chosen before; a device also where it is not known to be there."""
        for name, value in values.items():
            field = self.fields.get(name)
            if isinstance(field, QLineEdit):
                field.setText(str(value))
            elif isinstance(field, QSpinBox):
                field.setValue(int(value))
            elif isinstance(field, QDoubleSpinBox):
                field.setValue(float(value))
            elif isinstance(field, QComboBox):
                data = _key(str(values.get("host_api", "")), str(value)) if name in _DEVICES else value
                if name in _DEVICES and field.findData(data) < 0:
                    field.addItem(str(value), data)
                field.setCurrentIndex(max(0, field.findData(data)))


def _key(host_api: str, name: str) -> str:
    """What a device is known by in a list."""
    return f"{host_api}{_BETWEEN}{name}"


def _button(text: str, tip: str, on_click: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked: on_click())
    return button
