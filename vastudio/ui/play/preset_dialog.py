"""All presets: banks, the order in them, and finding one by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vastudio.app import rack_bank, rack_bank_file
from vastudio.app.rack_bank import BankEntry
from vastudio.app.rack_preset import SUFFIX
from vastudio.ui.play.preset_bridge import PresetBridge
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.elided_combo import ElidedCombo

FILTER = f"Presets (*{SUFFIX})"
BANK_FILTER = f"Banks of presets (*{rack_bank_file.SUFFIX})"
IMPORT_FILTER = f"Presets and banks (*{SUFFIX} *{rack_bank_file.SUFFIX})"

_ENTRY = Qt.ItemDataRole.UserRole


def bank_title(bank: str) -> str:
    """What the person reads."""
    return bank or "Presets"


def ask_for_name(parent: QWidget, title: str, text: str, value: str, then: Callable[[str], None]) -> None:
    """Ask for one line; `then` is called with it if the person gives one."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(text)
    dialog.setTextValue(value)
    dialog.textValueSelected.connect(then)
    dialog.open()


class PresetDialog(QDialog):
    """Stays open beside the window: a preset that is activated plays at once."""

    def __init__(self, presets: PresetBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets = presets
        self.setWindowTitle("Presets")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(460, 520)
        self.bank = ElidedCombo("Bank")
        self.bank_menu = _button("Bank", "Make, rename, delete or export a bank")
        self.search = QLineEdit(placeholderText="Find in all banks", clearButtonEnabled=True)
        self.search.setAccessibleName("Find a preset")
        self.search.setToolTip("Words of the name, in any order")
        self.list = QListWidget()
        self.list.setAccessibleName("Presets of the bank")
        self.list.setProperty("role", "list")
        self.list.setToolTip("Enter plays a preset; drag it, or Alt+Up and Alt+Down, to another place")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.play = _button("Play", "Play through the preset (Enter)")
        self.up = _button("Up", "One place up (Alt+Up)")
        self.down = _button("Down", "One place down (Alt+Down)")
        self.more = _button("Preset", "Rename, duplicate, move, delete or export the preset")
        self._arrange()
        self._fill_menus()
        self._connect()
        self._show()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.bank, 1)
        top.addWidget(self.bank_menu)
        foot = QHBoxLayout()
        for button in (self.play, self.up, self.down):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.more)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(foot)

    def _fill_menus(self) -> None:
        presets, banks = self._presets, QMenu(self)
        banks.addAction("New bank…").triggered.connect(
            lambda: ask_for_name(self, "New bank", "Name of the bank", "", presets.add_bank)
        )
        self.rename_bank = banks.addAction("Rename…")
        self.rename_bank.triggered.connect(
            lambda: ask_for_name(self, "Rename bank", "New name", presets.bank, presets.rename_bank)
        )
        self.delete_bank = banks.addAction("Delete with its presets")
        self.delete_bank.triggered.connect(presets.delete_bank)
        banks.addSeparator()
        banks.addAction("Import…").triggered.connect(self._ask_for_import)
        self.export_bank = banks.addAction("Export the bank…")
        self.export_bank.triggered.connect(self._ask_for_export_of_bank)
        self.bank_menu.setMenu(banks)
        one = QMenu(self)
        one.addAction("Rename…").triggered.connect(self._ask_for_new_name)
        one.addAction("Duplicate").triggered.connect(lambda: self._do(presets.duplicate))
        self._move_to = one.addMenu("Move to")
        one.addAction("Delete").triggered.connect(lambda: self._do(presets.delete))
        self.more.setMenu(one)

    def _connect(self) -> None:
        presets = self._presets
        presets.bank_changed.connect(self._show)
        self.bank.activated.connect(lambda index: presets.choose_bank(self.bank.itemData(index)))
        self.search.textChanged.connect(self._show)
        self.list.itemActivated.connect(lambda _item: self._do(presets.recall))
        self.list.currentRowChanged.connect(self._show_buttons)
        self.list.model().rowsMoved.connect(self._keep_order)
        self.play.clicked.connect(lambda: self._do(presets.recall))
        for button, by, keys in ((self.up, -1, "Alt+Up"), (self.down, 1, "Alt+Down")):
            button.setShortcut(keys)
            button.clicked.connect(lambda _on=False, by=by: self._shift(by))

    @property
    def chosen(self) -> BankEntry | None:
        """The preset that is marked."""
        item = self.list.currentItem()
        entry = None if item is None else item.data(_ENTRY)
        return entry if isinstance(entry, BankEntry) else None

    def _do(self, act: Callable[[BankEntry], None]) -> None:
        entry = self.chosen
        if entry is not None:
            act(entry)

    # --- showing --------------------------------------------------------------------------------------

    def _show(self) -> None:
        presets, before = self._presets, self.chosen or self._presets.current
        searching = bool(self.search.text().strip())
        self.bank.clear()
        self._move_to.clear()
        for bank in presets.banks:
            self.bank.addItem(bank_title(bank), bank)
            if bank != presets.bank:
                self._move_to.addAction(bank_title(bank)).triggered.connect(
                    lambda _on=False, bank=bank: self._do(lambda entry: presets.move(entry, bank))
                )
        self._move_to.setEnabled(len(presets.banks) > 1)
        self.bank.setCurrentIndex(presets.banks.index(presets.bank))
        entries = rack_bank.search(self.search.text()) if searching else presets.entries
        self.list.clear()
        for place, entry in enumerate(entries, 1):
            self.list.addItem(_item(entry, f"{bank_title(entry.bank)}: " if searching else f"{place:3d}   "))
        if before in entries:
            self.list.setCurrentRow(entries.index(before))
        self.list.setDragEnabled(not searching)
        for action in (self.rename_bank, self.delete_bank):
            action.setEnabled(presets.bank != rack_bank.FIRST)
        self.export_bank.setEnabled(bool(presets.entries))
        self._show_buttons()

    def _show_buttons(self) -> None:
        row, count = self.list.currentRow(), self.list.count()
        searching = bool(self.search.text().strip())
        for button in (self.play, self.more):
            button.setEnabled(row >= 0)
        self.up.setEnabled(row > 0 and not searching)
        self.down.setEnabled(0 <= row < count - 1 and not searching)

    # --- changing -------------------------------------------------------------------------------------

    def _shift(self, by: int) -> None:
        row = self.list.currentRow()
        order = list(self._presets.entries)
        order.insert(row + by, order.pop(row))
        self._presets.reorder(order)

    def _keep_order(self) -> None:
        order = [self.list.item(row).data(_ENTRY) for row in range(self.list.count())]
        self._presets.reorder(order)

    def _ask_for_new_name(self) -> None:
        entry = self.chosen
        if entry is not None:
            rename = self._presets.rename
            ask_for_name(self, "Rename preset", "New name", entry.name, lambda name: rename(name, entry))

    def _ask_for_import(self) -> None:
        filters = (IMPORT_FILTER, dialogs.ALL_FILTER)
        dialogs.ask_for_file(self, "Import a preset or a bank", filters, self._presets.add)

    def _ask_for_export_of_bank(self) -> None:
        proposal = Path(f"{bank_title(self._presets.bank)}{rack_bank_file.SUFFIX}")
        dialogs.ask_where_to_save(self, "Export the bank", proposal, BANK_FILTER, self._presets.export_bank)


def _item(entry: BankEntry, prefix: str) -> QListWidgetItem:
    item = QListWidgetItem(f"{prefix}{entry.name}")
    item.setData(_ENTRY, entry)
    return item


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
