"""The transport: play and stop, what is played, where it is, and which of the three signals is heard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from vastudio.audio.envelope import Pyramid
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.loudness_control import LoudnessControl
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import ElidedLabel
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import Track, WaveformView

HEIGHT = 84
_SOURCES = (
    Segment("live", "Live input", tip="Play through the input of the audio device"),
    Segment("loop", "DI loop", tip="Play a recorded clean phrase again and again"),
)
_MONITORS = (
    Segment("clean", "Clean", "clean", "Hear the clean input (C)"),
    Segment("target", "Target", "target", "Hear the recorded device (T)"),
    Segment("model", "Model", "model", "Hear the model (M)"),
    Segment("null", "Null", "difference", "Hear what is left of the model without the target (N)"),
)
_NEED_TARGET = ("target", "null")


class Transport(QFrame):
    """The strip at the bottom of the window.

    Signals
    -------
    play_toggled(), source_chosen(str), monitor_chosen(str), sought(float):
        What the person asked for; `sought` carries seconds in the loop.
    """

    play_toggled = Signal()
    source_chosen = Signal(str)
    monitor_chosen = Signal(str)
    sought = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setProperty("edge", "top")
        self.setFixedHeight(HEIGHT)
        self._is_playing = self._is_practising = False
        self.play = QPushButton("Play")
        self.play.setProperty("kind", "primary")
        self.play.setFixedSize(92, 34)
        self.play.setToolTip("Play or stop (Space)")
        self.practice = QPushButton()
        self.practice.setProperty("kind", "toggle")
        self.practice.setFixedSize(34, 34)
        self.practice.setAccessibleName("Practice")
        self.practice.setToolTip("Metronome and looper (Ctrl+Shift+P; K, J and L: click, tap, loop)")
        self.source = Segmented("Source", _SOURCES)
        self.monitor = Segmented("Heard", _MONITORS)
        self.loudness = LoudnessControl()
        self.window_of_loop = TimeWindow(self)
        self.marks = Marks(self)
        self.wave = WaveformView("Loop", self.window_of_loop, self.marks, labels=False)
        self.wave.setToolTip("Click to move the playhead, Shift-drag to choose what is looped")
        self.phrase = QPushButton("Phrase")
        self.phrase.setProperty("kind", "link")
        self.phrase.setStyleSheet("padding: 0px 16px 0px 2px; min-height: 18px; font-size: 12px;")
        self.phrase.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.phrase.setToolTip("Play another audio file through the rack; or drop one here")
        self.caption = ElidedLabel("", "note")
        self.caption.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.blind = ElidedLabel("A listening test is running", "note")
        self.blind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.blind.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.blind.hide()
        self._arrange()
        self._connect()
        self.show_playing(False)

    def _arrange(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.phrase)
        below.addWidget(self.caption, 1)
        middle.addWidget(self.wave, 1)
        middle.addLayout(below)
        middle.addWidget(self.blind)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 6)
        row.setSpacing(11)
        row.addWidget(self.play)
        row.addWidget(self.practice)
        row.addWidget(self.source)
        row.addSpacing(4)
        row.addLayout(middle, 1)
        row.addSpacing(4)
        row.addWidget(self.monitor)
        row.addWidget(self.loudness)

    def _connect(self) -> None:
        self.play.clicked.connect(self.play_toggled)
        self.source.chosen.connect(self.source_chosen)
        self.monitor.chosen.connect(self.monitor_chosen)
        self.wave.sought.connect(self.sought)

    def show_loop(self, clean: Pyramid, rate: int, caption: str) -> None:
        """Draw the phrase that is looped and name it."""
        self.wave.show_tracks([Track("Clean", "clean", clean.signal, clean)], rate)
        self.window_of_loop.reset(len(clean) / rate)
        self.caption.set_full_text(caption)

    def show_excerpt(self, excerpt: tuple[float, float] | None) -> None:
        """Mark the stretch that goes round, in seconds; None: the whole phrase."""
        self.marks.select(excerpt)

    def show_practising(self, running: bool) -> None:
        """Show that the metronome or the looper runs."""
        self._is_practising = running
        self._tint()

    def show_live_available(self, available: bool, reason: str) -> None:
        """Enable Live input, or disable it and say why."""
        self.source.set_available("live", available, _SOURCES[0].tip if available else reason)

    def show_target_available(self, available: bool, reason: str) -> None:
        """Enable Target and Null, or disable them and say why."""
        for segment in _MONITORS:
            if segment.key in _NEED_TARGET:
                self.monitor.set_available(segment.key, available, segment.tip if available else reason)

    def show_monitor(self, monitor: str) -> None:
        """Show what is heard."""
        self.monitor.select(monitor)
        self.loudness.show_null(monitor == "null")

    def show_listening(self, listening: bool) -> None:
        """During a blind test only Play and Stop are left: all else would tell what is heard."""
        for widget in (self.source, self.monitor, self.loudness, self.wave):
            widget.setEnabled(not listening)
        self.wave.setVisible(not listening)
        self.caption.setVisible(not listening)
        self.phrase.setVisible(not listening)
        self.practice.setEnabled(not listening)
        self.blind.setVisible(listening)

    def show_playing(self, playing: bool) -> None:
        """The button says what it will do next."""
        self._is_playing = playing
        self.play.setText("Stop" if playing else "Play")
        self.play.setAccessibleName("Stop" if playing else "Play")
        self._tint()

    def _tint(self) -> None:
        name = "stop-filled" if self._is_playing else "play-filled"
        theme = tokens()
        self.play.setIcon(icons.icon(name, theme.text.on_accent, 14))
        running = theme.meaning.model if self._is_practising else theme.text.secondary
        self.practice.setIcon(icons.icon("metronome", running, 20))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)
