"""Which presets a take is to be played through."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vastudio.app import rack_bank
from vastudio.app.rack_bank import BankEntry
from vastudio.ui.play.preset_dialog import bank_title
from vastudio.ui.widgets.text import label

_ENTRY = Qt.ItemDataRole.UserRole


class ReampDialog(QDialog):
    """A list of all presets with a box before each."""

    def __init__(self, take: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Re-amp through presets")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(420, 460)
        self.list = QListWidget()
        self.list.setAccessibleName("Presets to re-amp through")
        self.list.setProperty("role", "list")
        self.list.setToolTip("Space marks a preset")
        for entry in rack_bank.search(""):
            self.list.addItem(_item(entry))
        self.go, self.leave = QPushButton("Re-amp"), QPushButton("Cancel")
        self.go.setProperty("kind", "primary")
        self.go.setToolTip("Make a file beside the take for every preset that is marked")
        self.leave.setToolTip("Make nothing")
        self.list.itemChanged.connect(lambda _item: self._show())
        self.go.clicked.connect(self.accept)
        self.leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.go)
        column = QVBoxLayout(self)
        column.addWidget(label(f"The clean sound of {take.name} is played through:", "quiet", wrap=True))
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        self._show()

    @property
    def chosen(self) -> list[BankEntry]:
        """The presets that are marked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(_ENTRY) for item in items if item.checkState() == Qt.CheckState.Checked]

    def _show(self) -> None:
        self.go.setEnabled(bool(self.chosen))


def _item(entry: BankEntry) -> QListWidgetItem:
    item = QListWidgetItem(f"{bank_title(entry.bank)}: {entry.name}")
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Unchecked)
    item.setData(_ENTRY, entry)
    return item
