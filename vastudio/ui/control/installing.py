"""Puts MIDI and OSC into the window: everything that can be learned, and the cards on the Settings page."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from vastudio.ui.bridge.session import Session
from vastudio.ui.control.bridge import ControlBridge
from vastudio.ui.control.learn_menu import LearnMenu
from vastudio.ui.control.midi_card import MidiCard
from vastudio.ui.control.osc_card import OscCard
from vastudio.ui.control.window_parameters import window_parameters
from vastudio.ui.play.page import PlayPage
from vastudio.ui.play.tone_panel import TonePanel
from vastudio.ui.practice.installing import Practice
from vastudio.ui.settings.page import SettingsPage
from vastudio.ui.widgets.notice import Notice

_SLOTS = ("gate", "model", "tone", "cabinet")


class Control:
    """Everything of MIDI and OSC in one window.

    Attributes
    ----------
    bridge, menu, midi, osc:
        What listens, what lets controls be learned, and the two cards.
    """

    def __init__(
        self, window: QWidget, session: Session, play: PlayPage, practice: Practice,
        settings: SettingsPage, notice: Notice,
    ) -> None:  # fmt: skip
        self.bridge = ControlBridge(
            session, lambda: window_parameters(session, play, practice.bridge), window
        )
        self.menu = LearnMenu(self.bridge, notice, window)
        self.midi, self.osc = MidiCard(self.bridge), OscCard(self.bridge)
        settings.add_cards(self.midi, self.osc)
        self.bridge.failed.connect(notice.show_error)
        self._play = play
        self._offer_rack(play)
        self._offer_buttons(play, practice)
        self._offer_knobs()
        session.model_changed.connect(self._offer_knobs)
        play.presets.bank_changed.connect(self.bridge.refresh)
        self.bridge.start()

    def _offer_knobs(self) -> None:
        """The knobs of the model that is open."""
        for name, cell in self._play.panel.cells.items():
            self.menu.offer(cell.dial, f"model.knob.{name}")

    def _offer_rack(self, play: PlayPage) -> None:
        offer = self.menu.offer
        offer(play.input.cell.dial, "rack.trim_db")
        offer(play.input.second.dial, "rack.gate.threshold_db")
        offer(play.output.cell.dial, "rack.output_db")
        offer(play.output.second.dial, "rack.mix")
        for name, cell in play.gate.cells.items():
            offer(cell.dial, f"rack.gate.{name}")
        for name, cell in play.tone.band_cells.items():
            offer(cell.dial, partial(_band_key, play.tone, name))
        for name, cell in play.tone.stack_cells.items():
            offer(cell.dial, f"rack.tone.stack.{name}")
        for which, row in play.cabinet.rows.items():
            offer(row.level.dial, f"rack.cabinet.{which}.level_db")
            offer(row.delay.dial, f"rack.cabinet.{which}.delay_ms")
        for slot, panel in zip(_SLOTS, (play.gate, play.panel, play.tone, play.cabinet), strict=True):
            offer(panel.switch, f"rack.{slot}.on")
        for slot in ("input", *_SLOTS, "output"):
            offer(play.chain.switch(slot), f"rack.{slot.replace('input', 'trim')}.on")

    def _offer_buttons(self, play: PlayPage, practice: Practice) -> None:
        offer, panel = self.menu.offer, practice.panel
        offer(play.memory.slots.button("a"), "memory.b")
        offer(play.memory.slots.button("b"), "memory.b")
        offer(play.memory.bypass, "rack.bypass")
        offer(play.recorder.record, "record")
        offer(play.views.choice.button("tuner"), "tuner")
        offer(panel.metronome.switch, "metronome.on")
        offer(panel.metronome.tap, "metronome.tap")
        offer(panel.metronome.level.dial, "metronome.level_db")
        for button, name in (
            (panel.looper.next, "press"), (panel.looper.stop, "stop"), (panel.looper.undo, "undo"),
            (panel.looper.redo, "redo"), (panel.looper.clear, "clear"),
        ):  # fmt: skip
            offer(button, f"looper.{name}")


def _band_key(tone: TonePanel, name: str) -> str:
    """The parameter of the band that is shown."""
    return f"rack.tone.band{int(tone.band.key) + 1}.{name}"
