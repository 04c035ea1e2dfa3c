"""The chain of the signal: a chip for each slot, with its switch; the chosen one is opened below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from vastudio.ui.widgets.power_switch import PowerSwitch
from vastudio.ui.widgets.text import label, restyle


@dataclass(frozen=True)
class Link:
    """One slot of the chain.

    Attributes
    ----------
    key, text, tip:
        What it is called, by the program and by the person.
    has_switch:
        Whether it can be bypassed.
    """

    key: str
    text: str
    tip: str
    has_switch: bool = True


class _Chip(QFrame):
    """A switch, where there is one, and the name."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.setProperty("role", "chip")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.name = QPushButton(link.text)
        self.name.setProperty("kind", "chip")
        self.name.setAccessibleName(f"Show {link.text}")
        self.name.setToolTip(link.tip)
        self.switch = PowerSwitch(link.text) if link.has_switch else None
        row = QHBoxLayout(self)
        row.setContentsMargins(4 if self.switch else 8, 0, 8, 0)
        row.setSpacing(0)
        if self.switch:
            row.addWidget(self.switch)
        row.addWidget(self.name)

    def show_on(self, on: bool) -> None:
        """Strike out what is bypassed."""
        if self.switch is not None:
            self.switch.setChecked(on)
        font = QFont(self.name.font())
        font.setStrikeOut(not on)
        self.name.setFont(font)

    def show_selected(self, selected: bool) -> None:
        """Mark the one that is opened."""
        if self.property("selected") != selected:
            self.setProperty("selected", selected)
            self.name.setProperty("selected", selected)
            restyle(self)
            restyle(self.name)


class ChainBar(QWidget):
    """Chips in the order of the signal, arrows between them.

    Signals
    -------
    chosen(str):
        The person wants to see the slot of this key.
    switched(str, bool):
        The person put a slot on, or bypassed it.
    """

    chosen = Signal(str)
    switched = Signal(str, bool)

    def __init__(self, title: str, links: Sequence[Link], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._chips: dict[str, _Chip] = {}
        self._arrows = [label("→", "note") for _ in links[1:]]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        for index, link in enumerate(links):
            if index:
                row.addWidget(self._arrows[index - 1], alignment=Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(self._chip(link))

    def _chip(self, link: Link) -> _Chip:
        chip = self._chips[link.key] = _Chip(link)
        chip.name.clicked.connect(lambda: self.chosen.emit(link.key))
        if chip.switch is not None:
            chip.switch.clicked.connect(lambda on: self.switched.emit(link.key, on))
        return chip

    def set_wide(self, wide: bool) -> None:
        """Leave the arrows out where there is no room."""
        for arrow in self._arrows:
            arrow.setVisible(wide)

    def select(self, key: str) -> None:
        """Mark one slot as the one that is shown."""
        for other, chip in self._chips.items():
            chip.show_selected(other == key)

    def show_on(self, key: str, on: bool) -> None:
        """Show whether a slot works or is bypassed."""
        self._chips[key].show_on(on)

    def switch(self, key: str) -> PowerSwitch:
        """The switch of a slot that has one."""
        switch = self._chips[key].switch
        assert switch is not None, key
        return switch

    def name(self, key: str) -> QPushButton:
        """The button of a slot."""
        return self._chips[key].name
