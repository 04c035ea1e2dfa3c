"""What the panels of the rack's slots share: a card with the slot's switch in front of its title."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.power_switch import PowerSwitch


class SlotPanel(Card):
    """A card that can be bypassed.

    Signals
    -------
    switched(bool):
        The person put the slot on, or bypassed it.
    """

    switched = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.title.setProperty("role", "heading")
        self.switch = PowerSwitch(title)
        self.header.insertWidget(0, self.switch)
        self.switch.clicked.connect(self.switched)

    def show_on(self, on: bool) -> None:
        """Show whether the slot works."""
        self.switch.setChecked(on)
