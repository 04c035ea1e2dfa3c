"""Puts practising into the window: its button and keys, its panel, the phrases, the loop points."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from vastudio.ui.actions import add_action
from vastudio.ui.bridge.session import Session
from vastudio.ui.play.record_bar import RecordBar
from vastudio.ui.practice.bridge import PracticeBridge
from vastudio.ui.practice.panel import PracticePanel
from vastudio.ui.practice.phrase_menu import PhraseMenu
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.transport import Transport


class Practice:
    """Everything of practising in one window.

    Attributes
    ----------
    bridge, panel, phrases:
        What is practised with, what shows it, and the menu of phrases.
    """

    def __init__(self, window: QWidget, session: Session, transport: Transport, notice: Notice) -> None:
        self.bridge = PracticeBridge(session, window)
        self.panel = PracticePanel(self.bridge, session, window, transport)
        self.phrases = PhraseMenu(session, self.bridge, transport.phrase, transport)
        self.phrases.failed.connect(notice.show_error)
        self._session, self._transport = session, transport
        transport.practice.clicked.connect(self.toggle)
        transport.wave.selected.connect(self.phrases.choose)
        session.excerpt_changed.connect(self._show_excerpt)
        session.loop_changed.connect(self._show_excerpt)
        self.bridge.beat_changed.connect(self._show_running)
        self.bridge.loop_changed.connect(self._show_running)
        for text, key, act in (
            ("Tap the tempo", "J", self.bridge.tap),
            ("Metronome", "K", self.bridge.toggle_clicking),
            ("Loop", "L", self.bridge.press_loop),
        ):
            add_action(window, text, key, act, plain=True)
        add_action(window, "Practice", "Ctrl+Shift+P", self.toggle)

    def count_in(self, recorder: RecordBar) -> None:
        """Count the recordings of a bar of buttons in, and show that it is done."""
        recorder.count_in = self.bridge.count_in
        self.bridge.counting_changed.connect(
            lambda counting: recorder.line.set_full_text("Counting in…" if counting else "")
        )

    def toggle(self) -> None:
        """Open the panel, or close it."""
        self.panel.set_open(not self.panel.isVisible())

    def _show_excerpt(self) -> None:
        self._transport.show_excerpt(self._session.studio.excerpt)

    def _show_running(self) -> None:
        state = self._session.studio.player.looper.state
        self._transport.show_practising(self.bridge.is_clicking or state not in ("empty", "stopped"))
