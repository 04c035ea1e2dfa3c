"""What is shown of the library: boxes to tick, each with how many models it holds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vastudio.app.library import gear
from vastudio.app.library.card import shown
from vastudio.app.library.search import Facets, Filters
from vastudio.ui.library.table_model import rate_text
from vastudio.ui.widgets.card import Card, rule
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import label

_MOST_ROWS = 12
_LOADS: dict[str, float | None] = {
    "Any load": None, "Below 0.5 % of a core": 0.5, "Below 1 % of a core": 1.0, "Below 2 % of a core": 2.0,
    "Below 5 % of a core": 5.0,
}  # fmt: skip
_ERRORS: dict[str, float | None] = {
    "Any error": None, "ESR below 0.001": 0.001, "ESR below 0.01": 0.01, "ESR below 0.05": 0.05,
}  # fmt: skip


@dataclass(frozen=True)
class _Group:
    """A group of boxes: which field of Filters and Facets it is, and how its values read."""

    field: str
    title: str
    text: Callable[[Any], str]


_GROUPS = (
    _Group("kinds", "Kind", gear.title),
    _Group("tones", "Tone", gear.title),
    _Group("formats", "Format", str),
    _Group("tags", "Tags", str),
)
_ONLY = (
    ("favourites", "Favourites", "Models with a star (F gives one)"),
    ("duplicates", "Duplicates", "Files that sound the same, whatever they are called"),
    ("unreadable", "Cannot be read", "Files that are damaged, too new or of no format known here"),
)


class _Boxes(QWidget):
    """One box for each value that occurs; what is ticked stays, even where nothing of it is left."""

    changed = Signal()

    def __init__(self, group: _Group) -> None:
        super().__init__()
        self._group = group
        self._boxes: dict[Hashable, tuple[QCheckBox, QLabel]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(label(group.title, "note"), 0, 0, 1, 2)
        self.hide()

    @property
    def ticked(self) -> frozenset[Any]:
        """The values that are ticked."""
        return frozenset(value for value, (box, _) in self._boxes.items() if box.isChecked())

    def box(self, value: Hashable) -> QCheckBox:
        """The box of a value."""
        return self._boxes[value][0]

    def show_counts(self, counts: Mapping[Any, int]) -> None:
        """Show values with how many there are of each."""
        wanted = dict(list(counts.items())[:_MOST_ROWS])
        wanted |= {value: counts.get(value, 0) for value in self.ticked}
        if list(wanted) != list(self._boxes):
            self._fill(wanted)
        for value, count in wanted.items():
            self._boxes[value][1].setText(f"{count:,}".replace(",", "\u202f"))
        self.setVisible(bool(wanted))

    def clear(self) -> None:
        """Tick nothing."""
        for box, _ in self._boxes.values():
            box.blockSignals(True)
            box.setChecked(False)
            box.blockSignals(False)

    def _fill(self, wanted: Mapping[Any, int]) -> None:
        ticked = self.ticked
        for pair in self._boxes.values():
            for widget in pair:
                self._grid.removeWidget(widget)
                widget.deleteLater()
        self._boxes = {}
        for row, value in enumerate(wanted, 1):
            text = self._group.text(value)
            box, count = QCheckBox(text), label("", "note")
            box.setChecked(value in ticked)
            box.setAccessibleName(f"{self._group.title}: {text}")
            box.setToolTip(f"Show {self._group.title.lower()} “{text}”")
            box.toggled.connect(self.changed)
            self._boxes[value] = box, count
            self._grid.addWidget(box, row, 0)
            self._grid.addWidget(count, row, 1, Qt.AlignmentFlag.AlignRight)


class FiltersCard(Card):
    """Signals
    -------
    changed():
        `filters` are others than before.
    add_folder_requested(), remove_folder_requested(object):
        The person wants the library to look into a folder, or no longer into this one.
    """

    changed = Signal()
    add_folder_requested = Signal()
    remove_folder_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Show", parent)
        self._removable: frozenset[str] = frozenset()
        self.clear_all = QPushButton("Clear")
        self.clear_all.setProperty("kind", "link")
        self.clear_all.setToolTip("Show everything again")
        self.clear_all.clicked.connect(self.clear)
        self.header.addWidget(self.clear_all)
        self.only = {key: _only_box(text, tip) for key, text, tip in _ONLY}
        self._only_counts = {key: label("", "note") for key in self.only}
        self.groups = {group.field: _Boxes(group) for group in _GROUPS}
        self.maker = _combo("Maker", "Any maker")
        self.rate = _combo("Sample rate", "Any sample rate")
        self.load = _combo("Load", *_LOADS)
        self.error = _combo("Error", *_ERRORS)
        self.folder = _combo("Folder", "All folders")
        self.add_folder, self.remove_folder = QPushButton("Add folder…"), QPushButton("Remove folder")
        self._arrange()
        self._connect()
        self._show_state()

    def _arrange(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        grid = QGridLayout()
        grid.setSpacing(0)
        grid.setColumnStretch(0, 1)
        for row, (key, box) in enumerate(self.only.items()):
            grid.addWidget(box, row, 0)
            grid.addWidget(self._only_counts[key], row, 1, Qt.AlignmentFlag.AlignRight)
        column.addLayout(grid)
        for group in self.groups.values():
            column.addWidget(group)
        column.addWidget(rule())
        combos = QVBoxLayout()
        combos.setSpacing(6)
        for combo in (self.maker, self.rate, self.load, self.error, self.folder):
            combos.addWidget(combo)
        self.add_folder.setToolTip("Have the library look into a folder, and all folders within it")
        combos.addWidget(self.remove_folder)
        column.addLayout(combos)
        column.addStretch(1)
        self.body.addWidget(scrolling(inside, "Filters"), 1)
        self.body.addWidget(self.add_folder)

    def _connect(self) -> None:
        for key, box in self.only.items():
            box.toggled.connect(lambda on, key=key: self._choose_only(key, on))
        for group in self.groups.values():
            group.changed.connect(self._tell)
        for combo in (self.maker, self.rate, self.load, self.error, self.folder):
            combo.activated.connect(self._tell)
        self.add_folder.clicked.connect(self.add_folder_requested)
        self.remove_folder.clicked.connect(
            lambda: self.remove_folder_requested.emit(Path(self.folder.currentData()))
        )

    @property
    def filters(self) -> Filters:
        """What is chosen."""
        ticked: dict[str, Any] = {field: group.ticked for field, group in self.groups.items()}
        maker, rate = self.maker.currentData(), self.rate.currentData()
        return Filters(
            **ticked,
            makers=frozenset({maker} if maker else ()),
            rates=frozenset({rate} if rate else ()),
            load_below=_LOADS[self.load.currentText()],
            esr_below=_ERRORS[self.error.currentText()],
            folder=self.folder.currentData() or "",
            only=next((key for key, box in self.only.items() if box.isChecked()), ""),
        )

    def show_facets(self, facets: Facets) -> None:
        """Show what there is to choose from."""
        for key, count in self._only_counts.items():
            number = getattr(facets, key)
            count.setText(f"{number:,}".replace(",", "\u202f") if number else "")
            self.only[key].setEnabled(number > 0 or self.only[key].isChecked())
        for field, group in self.groups.items():
            group.show_counts(getattr(facets, field))
        _offer(self.maker, {maker: maker for maker in sorted(facets.makers, key=str.casefold)})
        _offer(self.rate, {rate_text(rate): rate for rate in sorted(facets.rates)})

    def show_folders(self, folders: Mapping[Path, str], removable: frozenset[str]) -> None:
        """Show the folders that are looked into, by path what they are called; which were added."""
        self._removable = removable
        _offer(self.folder, {title: str(path) for path, title in folders.items()})
        for index in range(1, self.folder.count()):
            tip = shown(self.folder.itemData(index))
            self.folder.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
        self._show_state()

    def clear(self) -> None:
        """Choose nothing."""
        for box in self.only.values():
            box.blockSignals(True)
            box.setChecked(False)
            box.blockSignals(False)
        for group in self.groups.values():
            group.clear()
        for combo in (self.maker, self.rate, self.load, self.error, self.folder):
            combo.setCurrentIndex(0)
        self._tell()

    def _choose_only(self, key: str, on: bool) -> None:
        if on:
            for other, box in self.only.items():
                if other != key:
                    box.blockSignals(True)
                    box.setChecked(False)
                    box.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        self.clear_all.setEnabled(not self.filters.is_open)
        folder = self.folder.currentData() or ""
        can = folder in self._removable
        self.remove_folder.setEnabled(can)
        self.remove_folder.setToolTip(
            "Look no longer into this folder; its files stay where they are" if can
            else "Choose a folder that was added, to remove it from the library"
        )  # fmt: skip


def _only_box(text: str, tip: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setToolTip(tip)
    return box


def _combo(title: str, *texts: str) -> ElidedCombo:
    combo = ElidedCombo(title)
    combo.addItems(texts)
    return combo


def _offer(combo: ElidedCombo, choices: Mapping[str, Any]) -> None:
    """Offer choices behind the first entry; what was chosen stays chosen while it is there."""
    now = [combo.itemText(index) for index in range(1, combo.count())]
    if now == list(choices):
        return
    chosen = combo.currentData()
    while combo.count() > 1:
        combo.removeItem(combo.count() - 1)
    for text, value in choices.items():
        combo.addItem(text, value)
    combo.setCurrentIndex(max(combo.findData(chosen), 0) if chosen is not None else 0)
