"""The looper: one button for what comes next, and what there is besides."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from vastudio.ui.bridge.session import Session
from vastudio.ui.practice.bridge import PracticeBridge
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import ElidedLabel

_NEXT = {
    "empty": "● Record a loop",
    "recording": "Close the loop",
    "playing": "● Play onto it",
    "overdubbing": "End playing onto it",
    "stopped": "▶ Play the loop",
}
_AMOUNTS = (2, 4, 8, 16, 30, 60)
_BAR_AMOUNTS = (1, 2, 4, 8, 12, 16)
_NO_INPUT = "The looper loops what you play: choose an audio device on the Settings page"


class LoopBar(QWidget):
    """How far into the loop it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share, self._is_recording = 0.0, False
        self.setAccessibleName("Place in the loop")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_place(self, share: float, recording: bool) -> None:
        """Draw a share of the loop, in the colour of recording or of playing."""
        if (share, recording) != (self._share, self._is_recording):
            self._share, self._is_recording = share, recording
            self.update()

    def sizeHint(self) -> QSize:
        """A thin bar."""
        return QSize(120, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A filled stretch on a ground."""
        theme, painter = tokens(), QPainter(self)
        whole = QRectF(0, 1, self.width(), 6)
        painter.fillRect(whole, QColor(theme.ground.control))
        colour = theme.meaning.bad if self._is_recording else theme.meaning.clean
        painter.fillRect(QRectF(0, 1, self.width() * self._share, 6), QColor(colour))
        painter.end()


class LooperCard(Card):
    """Shows a `PracticeBridge`'s looper."""

    def __init__(self, practice: PracticeBridge, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Looper", parent)
        self._practice, self._session = practice, session
        self.next = QPushButton()
        self.place = LoopBar()
        self.line = ElidedLabel("", "note")
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.stop = _button("Stop", "Silence the loop; it stays")
        self.undo = _button("Undo", "Take back what was played onto it last")
        self.redo = _button("Redo", "Play again what was taken back")
        self.clear = _button("Clear", "Forget the loop")
        self.keep = QPushButton("Loop the last")
        self.amount = QComboBox()
        self.amount.setAccessibleName("How much to loop")
        self.amount.setToolTip("How much to loop")
        self.phrase = _button(
            "Use as DI loop", "Hear the loop as the DI loop: it stays, and you need not play"
        )
        self._arrange()
        self._connect()
        self._show()

    def _arrange(self) -> None:
        edits, kept = QHBoxLayout(), QHBoxLayout()
        for row, widgets in ((edits, (self.stop, self.undo, self.redo, self.clear)), (kept, (self.keep,))):
            row.setSpacing(6)
            for widget in widgets:
                row.addWidget(widget)
        kept.addWidget(self.amount, 1)
        kept.addWidget(self.phrase)
        self.body.addWidget(self.next)
        self.body.addWidget(self.place)
        self.body.addWidget(self.line)
        self.body.addLayout(edits)
        self.body.addLayout(kept)
        self.body.addStretch(1)

    def _connect(self) -> None:
        practice = self._practice
        for button, act in (
            (self.next, practice.press_loop), (self.stop, practice.stop_loop),
            (self.undo, practice.undo_loop), (self.redo, practice.redo_loop),
            (self.clear, practice.clear_loop), (self.phrase, practice.use_as_phrase), (self.keep, self._keep),
        ):  # fmt: skip
            button.clicked.connect(act)
        practice.loop_changed.connect(self._show)
        practice.beat_changed.connect(self._show_amounts)
        practice.moved.connect(self._show_place)

    def _keep(self) -> None:
        self._practice.keep_last(float(self.amount.currentData()))

    def _show(self) -> None:
        looper = self._session.studio.player.looper
        state, can = looper.state, self._practice.can_loop
        self.next.setText(_NEXT[state])
        self.next.setAccessibleName(_NEXT[state].lstrip("●▶ "))
        self.next.setEnabled(can)
        self.next.setToolTip(f"{_NEXT[state].lstrip('●▶ ')} (L)" if can else _NO_INPUT)
        self.keep.setEnabled(can)
        self.keep.setToolTip("Loop what you have just played, after the fact" if can else _NO_INPUT)
        self.stop.setEnabled(state in ("recording", "playing", "overdubbing"))
        self.undo.setEnabled(looper.can_undo)
        self.redo.setEnabled(looper.can_redo)
        self.clear.setEnabled(state in ("playing", "overdubbing", "stopped"))
        self.phrase.setEnabled(state in ("playing", "stopped"))
        self._show_amounts()
        self._show_place()

    def _show_amounts(self) -> None:
        bars = self._practice.is_clicking
        if self.amount.property("bars") == bars:
            return
        self.amount.setProperty("bars", bars)
        self.amount.clear()
        for amount in _BAR_AMOUNTS if bars else _AMOUNTS:
            unit = ("bar" if amount == 1 else "bars") if bars else "s"
            self.amount.addItem(f"{amount} {unit}", amount)
        self.amount.setCurrentIndex(2)

    def _show_place(self) -> None:
        player = self._session.studio.player
        looper, rate = player.looper, player.sample_rate
        recording = looper.state in ("recording", "overdubbing")
        share = min(looper.length / looper.longest, 1.0) if looper.state == "recording" else looper.position
        self.place.show_place(share, recording)
        self.line.set_full_text(self._words(looper.length / rate, looper.layer_count))

    def _words(self, seconds: float, layers: int) -> str:
        state = self._session.studio.player.looper.state
        if state == "empty":
            if not self._practice.can_loop:
                return "Needs a live input."
            return "Whole bars while the metronome runs." if self._practice.is_clicking else "Of any length."
        if state == "recording":
            return f"Recording, {seconds:.1f} s"
        bars = self._bars(seconds)
        return f"{seconds:.1f} s{bars}, {layers} {'layer' if layers == 1 else 'layers'}, clean signal"

    def _bars(self, seconds: float) -> str:
        beat = self._practice.beat
        bars = seconds * beat.bpm / 60.0 / beat.beats
        return f" = {round(bars)} bars" if abs(bars - round(bars)) < 1e-3 and round(bars) > 1 else ""


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
