"""Presets side by side: a name, and below it what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vastudio.ui.widgets.text import label

_PADDING = 7


@dataclass(frozen=True)
class Tile:
    """One choice: its key, its name, and what a player gets."""

    key: str
    title: str
    tip: str


class _TileButton(QPushButton):
    """A button with three lines of text; the second and third may change."""

    def __init__(self, tile: Tile) -> None:
        super().__init__()
        self._tile = tile
        self.setCheckable(True)
        self.setProperty("kind", "segment")
        self._lines = (label(tile.title), label("", "note"), label("", "note"))
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(2, _PADDING, 2, _PADDING)
        column.setSpacing(2)
        for line in self._lines:
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(line)
        self.show_cost("", "")

    @property
    def lines(self) -> tuple[QLabel, ...]:
        """Name and cost, as shown."""
        return self._lines

    def show_cost(self, load: str, time: str) -> None:
        """Show the load of the player and the time to train, or that they are not known."""
        self._lines[1].setText(load or "—")
        self._lines[2].setText(time or "—")
        cost = f"{load} of a core to play, {time} to train" if load else "not measured on this computer"
        self.setAccessibleName(f"Preset {self._tile.title}: {cost}")
        self.setToolTip(f"{self._tile.tip}\n{cost[0].upper()}{cost[1:]}")

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(60, self._column.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()


class PresetTiles(QFrame):
    """Exactly one is chosen; arrow keys move within them.

    Signals
    -------
    chosen(str):
        The person chose the preset with this key.
    """

    chosen = Signal(str)

    def __init__(self, tiles: Sequence[Tile], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "segments")
        self.setAccessibleName("Preset")
        self._buttons: dict[str, _TileButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for tile in tiles:
            button = _TileButton(tile)
            button.clicked.connect(lambda _checked=False, key=tile.key: self.chosen.emit(key))
            self._group.addButton(button)
            self._buttons[tile.key] = button
            row.addWidget(button, 1)
        self.select(tiles[0].key)

    @property
    def key(self) -> str:
        """The key of the chosen preset."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def select(self, key: str) -> None:
        """Show `key` as chosen without saying that the person chose it."""
        self._buttons[key].setChecked(True)

    def button(self, key: str) -> _TileButton:
        """The button of a preset."""
        return self._buttons[key]

    def show_cost(self, key: str, load: str, time: str) -> None:
        """Tell what a preset costs; empty where that is not known."""
        self._buttons[key].show_cost(load, time)
