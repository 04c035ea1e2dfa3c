"""Choosing and keeping presets: a list, a button that saves, and a menu for the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from vastudio.app.rack_preset import SUFFIX
from vastudio.ui.play.preset_bridge import PresetBridge
from vastudio.ui.play.preset_dialog import FILTER, IMPORT_FILTER, PresetDialog, ask_for_name, bank_title
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.text import label

_NARROW, _WIDE = 120, 210


class PresetBar(QWidget):
    """Shows a `PresetBridge`.

    Signals
    -------
    failed(object):
        A StudioError of a preset.
    """

    failed = Signal(object)

    def __init__(self, presets: PresetBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets = presets
        self.combo = ElidedCombo("Preset")
        self.combo.setPlaceholderText("No preset")
        self.combo.setToolTip("Presets of the whole rack (Ctrl+Page Up, Ctrl+Page Down)")
        self.edited = label("edited", "note", "warning")
        self.edited.setToolTip("Something has been turned since the preset was recalled")
        self.save = QPushButton("Save")
        self.save.setToolTip("Keep what you play through as a preset (Ctrl+S)")
        self.more = QPushButton("More")
        self.more.setToolTip("Save as, rename, delete, import, export, undo")
        self._actions: dict[str, QAction] = {}
        self.more.setMenu(self._menu())
        self._arrange()
        self._connect()
        self._show_bank()
        self.edited.hide()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.set_wide(False)
        row.addWidget(self.edited)
        row.addWidget(self.combo, 1)
        row.addWidget(self.save)
        row.addWidget(self.more)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        presets = self._presets
        self._add(menu, "undo", "Undo recall", presets.undo, "Ctrl+Z")
        self._add(menu, "previous", "Previous preset", lambda: presets.step(-1), "Ctrl+PgUp")
        self._add(menu, "next", "Next preset", lambda: presets.step(1), "Ctrl+PgDown")
        menu.addSeparator()
        self._add(menu, "save", "Save", self.save_current, "Ctrl+S")
        self._add(menu, "save_as", "Save as…", self._ask_for_name, "Ctrl+Shift+S")
        self._add(menu, "rename", "Rename…", self._ask_for_new_name)
        self._add(menu, "delete", "Delete", presets.delete)
        menu.addSeparator()
        self._banks = menu.addMenu("Bank")
        self._add(menu, "manage", "Banks and order…", self.manage, "Ctrl+B")
        menu.addSeparator()
        self._add(menu, "import", "Import…", self._ask_for_import)
        self._add(menu, "export", "Export…", self._ask_for_export)
        return menu

    def manage(self) -> PresetDialog:
        """Open the list of all presets."""
        dialog = PresetDialog(self._presets, self)
        dialog.show()
        return dialog

    def _add(self, menu: QMenu, key: str, text: str, act: Callable[[], object], keys: str = "") -> None:
        action = menu.addAction(text)
        if keys:
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked=False: act())
        self._actions[key] = action

    def _connect(self) -> None:
        presets = self._presets
        self.combo.activated.connect(lambda index: presets.recall(presets.entries[index]))
        self.save.clicked.connect(self.save_current)
        presets.bank_changed.connect(self._show_bank)
        presets.edited_changed.connect(self.edited.setVisible)
        presets.undo_changed.connect(self.action("undo").setEnabled)
        presets.failed.connect(self.failed)
        self.action("undo").setEnabled(False)

    def action(self, key: str) -> QAction:
        """An entry of the menu."""
        return self._actions[key]

    @property
    def shortcuts(self) -> list[QAction]:
        """The entries with keys, for the page on which they work."""
        return [action for action in self._actions.values() if not action.shortcut().isEmpty()]

    def _show_bank(self) -> None:
        presets = self._presets
        self.combo.clear()
        self.combo.addItems([entry.name for entry in presets.entries])
        at = presets.entries.index(presets.current) if presets.current in presets.entries else -1
        self.combo.setCurrentIndex(at)
        away = presets.current.name if presets.current is not None and at < 0 else "No preset"
        self.combo.setPlaceholderText(away)
        self._show_banks()
        for key in ("rename", "delete", "export"):
            self.action(key).setEnabled(presets.current is not None)
        for key in ("previous", "next"):
            self.action(key).setEnabled(bool(presets.entries))

    def _show_banks(self) -> None:
        self._banks.clear()
        for bank in self._presets.banks:
            action = self._banks.addAction(bank_title(bank))
            action.setCheckable(True)
            action.setChecked(bank == self._presets.bank)
            action.triggered.connect(lambda _on=False, bank=bank: self._presets.choose_bank(bank))

    def set_wide(self, wide: bool) -> None:
        """Give the names more room, or less."""
        self.combo.setMinimumWidth(_WIDE if wide else _NARROW)

    # --- asking ---------------------------------------------------------------------------------------

    def save_current(self) -> None:
        """Save over the preset that plays; where there is none, ask for a name."""
        if self._presets.current is None:
            self._ask_for_name()
        else:
            self._presets.save(self._presets.current.name)

    def _ask_for_name(self) -> None:
        current = self._presets.current
        ask_for_name(
            self, "Save preset", "Name of the preset", current.name if current else "", self._presets.save
        )

    def _ask_for_new_name(self) -> None:
        current = self._presets.current
        if current is not None:
            ask_for_name(self, "Rename preset", "New name of the preset", current.name, self._presets.rename)

    def _ask_for_import(self) -> None:
        filters = (IMPORT_FILTER, dialogs.ALL_FILTER)
        dialogs.ask_for_file(self, "Import a preset or a bank", filters, self._presets.add)

    def _ask_for_export(self) -> None:
        current = self._presets.current
        if current is not None:
            proposal = Path(f"{current.name}{SUFFIX}")
            dialogs.ask_where_to_save(self, "Export the preset", proposal, FILTER, self._presets.export)
