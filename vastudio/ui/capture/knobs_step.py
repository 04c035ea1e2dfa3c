"""The knobs of the device, as printed on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from vastudio.capture.plan_file import Dial, Taper
from vastudio.errors import KnobError
from vastudio.types import Knob, KnobKind
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label

_HEADINGS = ("Knob", "From", "To", "Steps", "Kind", "Taper", "Volume")
_WIDTHS = (0, 74, 74, 74, 128, 132, 78)
_ROW_HEIGHT = 46
_KINDS: tuple[tuple[str, KnobKind], ...] = (("Continuous", "continuous"), ("Switch", "switch"))
_TAPERS: tuple[tuple[str, Taper], ...] = (
    ("Even", "linear"),
    ("Audio", "audio"),
    ("Reverse audio", "reverse-audio"),
)
_EXPLANATION = (
    "Name every knob that is captured and give the numbers printed around it. Steps are the settings a "
    "person can hit again: 20 for half numbers from 0 to 10. Leave out a knob that stays where it is. "
    "Mark a volume behind everything else: its law is measured in a few takes of its own."
)


class KnobsStep(QWidget):
    """Signals
    -------
    continued():
        The knobs are as they should be: go on.
    """

    continued = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._originals: list[Dial | None] = []
        self.card = Card("Knobs")
        self.explanation = label(_EXPLANATION, "quiet", wrap=True)
        self.table = _table()
        self.add = _button("Add a knob", "Add a knob below the others")
        self.remove = _button("Remove", "Remove the chosen knob")
        self.up = _button("Move up", "Move the chosen knob up")
        self.down = _button("Move down", "Move the chosen knob down")
        self.notice = Notice()
        self.go_on = _button("Continue to the plan", "Plan at which positions to record")
        self.go_on.setProperty("kind", "primary")
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        body = self.card.body
        body.setSpacing(12)
        body.addWidget(self.explanation)
        body.addWidget(self.table, 1)
        row = QHBoxLayout()
        for button in (self.add, self.remove, self.up, self.down):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.go_on)
        body.addWidget(self.notice)
        body.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)

    def _connect(self) -> None:
        self.add.clicked.connect(self.add_knob)
        self.remove.clicked.connect(self._remove_chosen)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.go_on.clicked.connect(self.continued)

    # --- what is in the table -------------------------------------------------------------------------

    def show_dials(self, dials: Sequence[Dial], *, can_edit: bool = True) -> None:
        """Replace the table."""
        self.notice.clear()
        self._originals = list(dials)
        self.table.setRowCount(0)
        for dial in dials:
            self._append(dial)
        self.table.setEnabled(can_edit)
        for button in (self.add, self.remove, self.up, self.down):
            button.setVisible(can_edit)
        self.card.set_note("" if can_edit else "fixed once a capture has begun")
        if self.table.rowCount():
            self.table.selectRow(0)

    def dials(self) -> tuple[Dial, ...]:
        """What is in the table. Raises KnobError for a knob that cannot be."""
        if not self.table.rowCount():
            raise KnobError("There is no knob.", "Add at least one.")
        return tuple(self._dial(row) for row in range(self.table.rowCount()))

    def add_knob(self) -> None:
        """Add a knob from 0 to 10."""
        taken = {self._text(row, 0) for row in range(self.table.rowCount())}
        names = ("gain", "bass", "middle", "treble", "presence", "volume")
        free = next((name for name in names if name.capitalize() not in taken), "")
        name = free or f"knob {self.table.rowCount() + 1}"
        self._originals.append(None)
        self._append(Dial(Knob(name, minimum=0.0, maximum=10.0, default=5.0), steps=20))
        self.table.selectRow(self.table.rowCount() - 1)

    def field(self, row: int, column: int) -> QLineEdit:
        """The field for text in a row: name, from, to, steps are the columns 0 to 3."""
        field = self.table.cellWidget(row, column)
        assert isinstance(field, QLineEdit)
        return field

    def _append(self, dial: Dial) -> None:
        row, knob = self.table.rowCount(), dial.knob
        self.table.insertRow(row)
        steps = "" if dial.steps is None else str(dial.steps)
        texts = (knob.title, f"{knob.minimum:g}", f"{knob.maximum:g}", steps)
        for column, text in enumerate(texts):
            field = QLineEdit(text, placeholderText="20" if column == 3 else "")
            field.setAccessibleName(f"{_HEADINGS[column]} of knob {row + 1}")
            field.setToolTip(_tip(column))
            self.table.setCellWidget(row, column, field)
        self.table.setCellWidget(row, 4, _combo(_KINDS, knob.kind, f"Kind of knob {row + 1}", _tip(4)))
        self.table.setCellWidget(row, 5, _combo(_TAPERS, dial.taper, f"Taper of knob {row + 1}", _tip(5)))
        volume = QCheckBox()
        volume.setChecked(dial.is_output_volume)
        volume.setAccessibleName(f"Knob {row + 1} is the output volume")
        volume.setToolTip(_tip(6))
        holder = QWidget()
        middle = QHBoxLayout(holder)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(volume, alignment=Qt.AlignmentFlag.AlignCenter)
        self.table.setCellWidget(row, 6, holder)

    def _text(self, row: int, column: int) -> str:
        return self.field(row, column).text().strip()

    def _dial(self, row: int) -> Dial:
        title = self._text(row, 0)
        if not title:
            raise KnobError(f"Knob {row + 1} has no name.", "Name it as it is printed.")
        original = self._originals[row]
        low, high = (self._number(row, column, title) for column in (1, 2))
        kind, taper = (self._combo(row, column).currentData() for column in (4, 5))
        volume = self.table.cellWidget(row, 6).findChild(QCheckBox)
        assert isinstance(volume, QCheckBox)
        rest = (low + high) / 2 if kind == "continuous" else low
        if original is not None and low <= original.knob.default <= high:
            rest = original.knob.default
        if original is not None and original.knob.title == title:
            knob = dataclasses.replace(original.knob, minimum=low, maximum=high, default=rest, kind=kind)
        else:
            knob = Knob(_name(title), title, low, high, rest, kind=kind)
        return Dial(knob, self._steps(row, title), taper, volume.isChecked())

    def _number(self, row: int, column: int, title: str) -> float:
        text = self._text(row, column).replace(",", ".").replace(numbers.MINUS, "-")
        try:
            return float(text)
        except ValueError as error:
            raise KnobError(
                f"'{text}' is no number on the dial of {title}.", "Write e.g. 0 or 10."
            ) from error

    def _steps(self, row: int, title: str) -> int | None:
        text = self._text(row, 3)
        if not text:
            return None
        if not text.isdigit() or int(text) < 1:
            raise KnobError(f"{title} cannot have {text} steps.", "Write a whole number from 1, or nothing.")
        return int(text)

    def _combo(self, row: int, column: int) -> QComboBox:
        combo = self.table.cellWidget(row, column)
        assert isinstance(combo, QComboBox)
        return combo

    # --- order ----------------------------------------------------------------------------------------

    def _remove_chosen(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < self.table.rowCount():
            self.table.removeRow(row)
            del self._originals[row]

    def _move(self, by: int) -> None:
        row = self.table.currentRow()
        if not (0 <= row < self.table.rowCount() and 0 <= row + by < self.table.rowCount()):
            return
        try:
            dials = list(self.dials())
        except KnobError as error:
            self.notice.show_error(error)
            return
        dials.insert(row + by, dials.pop(row))
        self.show_dials(dials)
        self.table.selectRow(row + by)


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_HEADINGS))
    table.setAccessibleName("Knobs")
    table.setToolTip("One row for every knob")
    table.setHorizontalHeaderLabels(list(_HEADINGS))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column, width in enumerate(_WIDTHS):
        if width:
            table.setColumnWidth(column, width)
    return table


def _combo(choices: Sequence[tuple[str, str]], chosen: str, name: str, tip: str) -> QComboBox:
    combo = QComboBox()
    for text, value in choices:
        combo.addItem(text, value)
    combo.setCurrentIndex(combo.findData(chosen))
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    return combo


def _tip(column: int) -> str:
    return (
        "As printed on the device",
        "The lowest number on the dial",
        "The highest number on the dial",
        "Settings that a person can hit again, from the lowest to the highest; empty: 20",
        "A switch has whole numbers only",
        "How the effect grows along the dial; audio: most of it in the upper half",
        "The knob only makes the device louder, after everything else in it",
    )[column]


def _name(title: str) -> str:
    """The name that files and commands use for a knob: lower case, words joined."""
    return "_".join("".join(c if c.isalnum() else " " for c in title.lower()).split()) or "knob"


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
