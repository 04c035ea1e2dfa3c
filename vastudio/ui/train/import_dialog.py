"""The import dialog: which recordings become a dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vastudio.dataset.importing import Pair
from vastudio.errors import KnobError
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label

_KINDS = (
    Segment("list", "Many captures", tip="A captures.csv, or a folder of clean/target pairs"),
    Segment("pair", "One pair", tip="One clean file and one target file"),
)
_CAPTION_WIDTH, _SPACING = 88, 8


@dataclass(frozen=True)
class ImportRequest:
    """What to import: a source with many captures, or one pair; and what to call it."""

    name: str
    source: Path | None = None
    pair: Pair | None = None


class ImportDialog(QDialog):
    """Asks for recordings; frees itself when it closes.

    Signals
    -------
    import_requested(object):
        The person wants this ImportRequest.
    """

    import_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import recordings")
        self.setMinimumWidth(560)
        self.kind = Segmented("What to import", _KINDS)
        self.source = _field("Capture list or folder", "captures.csv, or a folder of pairs")
        self.clean = _field("Clean file", "what went into the device")
        self.target = _field("Target file", "what came out of it")
        self.knobs = _field("Knob positions", "drive=0.5, tone=0.3 (empty for none)")
        self.name = _field("Device name", "as you call the device")
        self.notice = Notice()
        self.ok = QPushButton("Import")
        self.ok.setProperty("kind", "primary")
        self.ok.setDefault(True)
        self._pages = QStackedWidget()
        self._arrange()
        self.kind.chosen.connect(lambda key: self._pages.setCurrentIndex(0 if key == "list" else 1))
        self.ok.clicked.connect(self._accept)

    def _arrange(self) -> None:
        many, one = QWidget(), QWidget()
        many_form, one_form = QFormLayout(many), QFormLayout(one)
        for form in (many_form, one_form):
            form.setContentsMargins(0, 0, 0, 0)
            form.setHorizontalSpacing(_SPACING)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        many_form.addRow(_caption("Recordings"), self._with_buttons(self.source, folders=True))
        hint = "Each row of a list names input, output and each knob; start, length and split if you like."
        many_form.addRow(label(hint, "note", wrap=True))
        one_form.addRow(_caption("Clean"), self._with_buttons(self.clean))
        one_form.addRow(_caption("Target"), self._with_buttons(self.target))
        one_form.addRow(_caption("Knobs"), self.knobs)
        self._pages.addWidget(many)
        self._pages.addWidget(one)
        named = QFormLayout()
        named.setHorizontalSpacing(_SPACING)
        named.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        named.addRow(_caption("Device name"), self.name)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(12)
        column.addWidget(self.kind)
        column.addWidget(self._pages)
        column.addLayout(named)
        column.addWidget(self.notice)
        column.addLayout(buttons)

    def _with_buttons(self, field: QLineEdit, *, folders: bool = False) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field, 1)
        filters = (dialogs.CSV_FILTER,) if folders else (dialogs.AUDIO_FILTER, dialogs.ALL_FILTER)
        row.addWidget(
            _button("File…", lambda: dialogs.ask_for_file(self, "Choose a file", filters, _into(field)))
        )
        if folders:
            ask = "Choose a folder of pairs"
            row.addWidget(_button("Folder…", lambda: dialogs.ask_for_folder(self, ask, _into(field))))
        return holder

    def _accept(self) -> None:
        try:
            request = self._request()
        except KnobError as error:
            self.notice.show_error(error)
            return
        if request is None:
            self.notice.say("Something is missing.", "Choose the recordings first.", severity="warning")
            return
        self.import_requested.emit(request)
        self.close()

    def _request(self) -> ImportRequest | None:
        if self.kind.key == "list":
            if not self.source.text().strip():
                return None
            source = Path(self.source.text().strip()).expanduser()
            fallback = source.resolve().parent.name if source.suffix else source.resolve().name
            return ImportRequest(self.name.text().strip() or fallback, source=source)
        clean, target = self.clean.text().strip(), self.target.text().strip()
        if not clean or not target:
            return None
        pair = Pair(Path(clean).expanduser(), Path(target).expanduser(), parse_knobs(self.knobs.text()))
        return ImportRequest(self.name.text().strip() or Path(target).stem, pair=pair)


def parse_knobs(text: str) -> dict[str, float]:
    """Read `drive=0.5, tone=0.3`. Raises KnobError for anything else."""
    values: dict[str, float] = {}
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        name, _, value = part.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError as error:
            raise KnobError(
                f"'{part.strip()}' is no knob position.", "Write name=value, e.g. drive=0.5, tone=0.3."
            ) from error
    return values


def _caption(text: str) -> QLabel:
    """Captions of one width, so that all fields begin at the same place."""
    caption = label(text, "quiet")
    caption.setMinimumWidth(_CAPTION_WIDTH)
    return caption


def _into(field: QLineEdit) -> Callable[[Path], None]:
    return lambda path: field.setText(str(path))


def _field(name: str, placeholder: str) -> QLineEdit:
    field = QLineEdit(placeholderText=placeholder)
    field.setAccessibleName(name)
    return field


def _button(text: str, on_click: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked: on_click())
    return button
