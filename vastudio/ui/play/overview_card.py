"""Cabinet and equaliser at a glance; each opens its panel."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from vastudio.app.impulses import title
from vastudio.app.rack import RackState
from vastudio.engine.cabinet_mix import CabinetMix
from vastudio.ui.play.tone_panel import response_of
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.impulse_view import ImpulseView
from vastudio.ui.widgets.response_curve import ResponseCurve
from vastudio.ui.widgets.text import ElidedLabel, label, restyle

WIDTH = 210


class OverviewCard(Card):
    """Signals
    -------
    chosen(str):
        The person wants to see the slot `cabinet` or `tone`.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName("Cabinet and equaliser")
        self.setFixedWidth(WIDTH)
        self._tone: object = None
        self.cabinet_on, self.tone_on = label("", "note"), label("", "note")
        self.file = ElidedLabel("", "quiet")
        self.impulse = ImpulseView("Impulse response of the cabinet")
        self.curve = ResponseCurve("Frequency response of the equaliser", small=True)
        self._add("Cabinet", "cabinet", self.cabinet_on)
        self.body.addWidget(self.file)
        self.body.addWidget(self.impulse, 1)
        self.body.addSpacing(4)
        self._add("Equaliser", "tone", self.tone_on)
        self.body.addWidget(self.curve, 1)

    def _add(self, text: str, key: str, state: QLabel) -> None:
        button = QPushButton(f"{text}  ›")
        button.setProperty("kind", "link")
        button.setAccessibleName(f"Open {text}")
        button.setToolTip(f"Open the {text.lower()}'s panel")
        button.clicked.connect(lambda: self.chosen.emit(key))
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        row.addWidget(state)
        self.body.addLayout(row)

    def show_rack(self, state: RackState, cabinet: CabinetMix | None, rate: int) -> None:
        """Follow the rack; `cabinet` is what is ready of it at `rate` in Hz."""
        _say_on(self.cabinet_on, state.cabinet_on)
        _say_on(self.tone_on, state.tone_on)
        names = [title(item.response) for item in state.cabinet.microphones]
        self.file.set_full_text(" + ".join(names) or "No impulse response")
        response = cabinet.taps(rate) if cabinet is not None else None
        self.impulse.show_response(response, rate, active=state.cabinet_on)
        if self._tone != (state.tone, state.tone_on):
            self._tone = (state.tone, state.tone_on)
            self.curve.show_response(*response_of(state.tone), active=state.tone_on)


def _say_on(text: QLabel, on: bool) -> None:
    text.setText("on" if on else "bypassed")
    text.setProperty("meaning", "model" if on else None)
    restyle(text)
