"""OSC on the Settings page: on or off, where, and who can reach it."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSpinBox, QWidget

from vastudio.app.control.store import LOOPBACK
from vastudio.ui.control.bridge import ControlBridge
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import ElidedLabel, label

_EVERYWHERE = "0.0.0.0"
_PLACES = (("This computer only", LOOPBACK), ("Every network it is on", _EVERYWHERE))
_OPEN = "Every computer in the network can turn the knobs now."
_OPEN_HINT = "Choose “This computer only” unless a tablet or another computer is to send."


class OscCard(Card):
    """Shows a `ControlBridge`'s OSC."""

    def __init__(self, bridge: ControlBridge, parent: QWidget | None = None) -> None:
        super().__init__("OSC", parent)
        self._bridge = bridge
        self.enabled = QCheckBox("Listen to OSC messages (UDP)")
        self.enabled.setToolTip("Let other programs turn knobs and recall presets")
        self.place = QComboBox()
        self.place.setAccessibleName("Who may send OSC")
        self.place.setToolTip("Which computers can send")
        self.port = QSpinBox(minimum=1024, maximum=65_535)
        self.port.setAccessibleName("OSC port")
        self.port.setToolTip("The UDP port that is listened on")
        self.port.setPrefix("port ")
        self.line = ElidedLabel("/vastudio/query tells every address", "note")
        self.notice = Notice()
        self._arrange()
        self.enabled.clicked.connect(lambda on: bridge.set_osc(enabled=on))
        self.place.activated.connect(lambda _index: bridge.set_osc(address=self.place.currentData()))
        self.port.editingFinished.connect(self._choose_port)
        bridge.counted.connect(self.show_settings)
        self.show_settings()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.addWidget(label("From", "quiet"))
        row.addWidget(self.place, 1)
        row.addWidget(self.port)
        self.body.addWidget(self.enabled)
        self.body.addLayout(row)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.line)

    def _choose_port(self) -> None:
        if self.port.value() != self._bridge.settings.osc.port:
            self._bridge.set_osc(port=self.port.value())

    def show_settings(self) -> None:
        """Follow the settings."""
        settings, problem = self._bridge.settings.osc, self._bridge.osc_problem
        self.enabled.setChecked(settings.enabled)
        self._show_place(settings.address)
        if not self.port.hasFocus():
            self.port.setValue(settings.port)
        for widget in (self.place, self.port):
            widget.setEnabled(settings.enabled)
        if problem is not None:
            self.notice.show_error(problem)
        elif settings.enabled and settings.is_open_to_others:
            self.notice.say(_OPEN, _OPEN_HINT, severity="warning")
        else:
            self.notice.clear()

    def _show_place(self, address: str) -> None:
        if self.place.count() == 0:
            for text, place in _PLACES:
                self.place.addItem(f"{text} ({place})", place)
        if self.place.findData(address) < 0:
            self.place.addItem(address, address)
        self.place.setCurrentIndex(self.place.findData(address))
