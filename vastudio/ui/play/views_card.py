"""What can be seen of the sound: spectrum, spectrogram, scope, and the tuner.

Activities: thirty times a second, while it is seen, the window's thread copies the newest input and output
out of the player's rings and draws them; the tuner's work is done in the pool, one reading at a time.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.tuner import CONCERT_PITCH_HZ, HIGHEST_PITCH_HZ, LOWEST_PITCH_HZ, WINDOW_SECONDS, Tuner
from vastudio.types import Audio
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.scope import ScopeView
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.spectrum import FRAMES, SpectrumView
from vastudio.ui.widgets.text import label
from vastudio.ui.widgets.tuner_view import TunerView
from vastudio.ui.widgets.waterfall import WaterfallView

_VIEWS = (
    Segment("spectrum", "Spectrum", tip="Level over frequency, input and output"),
    Segment("spectrogram", "Spectrogram", tip="The last twelve seconds of the output's spectrum"),
    Segment("scope", "Scope", tip="The wave of input and output"),
    Segment("tuner", "Tuner", tip="The note that you play, and how much it is off (Ctrl+T)"),
)


class _AudioView(Protocol):
    def show_audio(self, heard: Audio, made: Audio, rate: int, /) -> None: ...


class ViewsCard(Card):
    """One of the views at a time.

    Signals
    -------
    mute_changed(bool):
        Whether the output is to be silent, while the person tunes.
    """

    mute_changed = Signal(bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Spectrum", parent)
        self._session = session
        self.spectrum, self.spectrogram, self.scope = SpectrumView(), WaterfallView(), ScopeView()
        self.tuner = TunerView()
        self.mute = QCheckBox("Mute while tuning")
        self.mute.setToolTip("Let nothing be heard as long as the tuner is shown")
        self.concert_pitch = _pitch_box()
        self.choice = Segmented("View", _VIEWS)
        self._legend = QWidget()
        self._reader = Tuner()
        self._tuning = Latest(session.pool, self)
        self._tuning.done.connect(self._show_reading)
        self._muted = False
        self._arrange()
        self.choice.chosen.connect(self.show_view)
        self.mute.toggled.connect(lambda _on: self._send_mute())
        self.concert_pitch.valueChanged.connect(self._set_concert_pitch)

    def _arrange(self) -> None:
        row = QHBoxLayout(self._legend)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label("● input", "note", "clean"))
        row.addWidget(label("● output", "note", "model"))
        self.header.addWidget(self._legend)
        self.header.addWidget(self.choice)
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {
            "spectrum": self.spectrum,
            "spectrogram": self.spectrogram,
            "scope": self.scope,
            "tuner": self._tuner_page(),
        }
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.body.addWidget(self._stack)

    def _tuner_page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.tuner, 1)
        column = QVBoxLayout()
        column.addStretch(1)
        column.addWidget(self.mute)
        column.addWidget(self.concert_pitch)
        column.addStretch(1)
        row.addLayout(column)
        return page

    # --- choosing -------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        """The key of the view that is shown."""
        return self.choice.key

    def show_view(self, key: str) -> None:
        """Show `spectrum`, `spectrogram`, `scope` or `tuner`."""
        self.choice.select(key)
        self._stack.setCurrentWidget(self._pages[key])
        self.title.setText(next(segment.text for segment in _VIEWS if segment.key == key))
        self._legend.setVisible(key in ("spectrum", "scope"))
        self._send_mute()

    def toggle_tuner(self) -> None:
        """Show the tuner, or the spectrum again."""
        self.show_view("spectrum" if self.view == "tuner" else "tuner")

    def _set_concert_pitch(self, hertz: float) -> None:
        self._reader = Tuner(hertz)

    def _send_mute(self) -> None:
        muted = self.mute.isChecked() and self.view == "tuner" and self.isVisible()
        if muted != self._muted:
            self._muted = muted
            self.mute_changed.emit(muted)

    # --- showing --------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw the newest sound, if somebody looks and something plays."""
        player = self._session.studio.player
        if not self.isVisible():
            return
        self._send_mute()
        if not player.playing:
            if self.view == "tuner":
                self.tuner.show_reading(None)
            return
        if self.view == "tuner":
            self._tune()
            return
        heard, made = player.tap(FRAMES)
        view: _AudioView = getattr(self, self.view)
        view.show_audio(heard, made, player.sample_rate)

    def _tune(self) -> None:
        if self._tuning.is_busy:
            return
        player, reader = self._session.studio.player, self._reader
        rate = player.sample_rate
        heard, _ = player.tap(round(WINDOW_SECONDS * rate))
        self._tuning.submit(lambda: reader.read(heard, rate))

    def _show_reading(self, reading: object) -> None:
        self.tuner.show_reading(reading)  # type: ignore[arg-type]

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody tunes any more."""
        super().hideEvent(event)
        self._send_mute()


def _pitch_box() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ)
    box.setDecimals(1)
    box.setValue(CONCERT_PITCH_HZ)
    box.setPrefix("A4 = ")
    box.setSuffix(" Hz")
    box.setAccessibleName("Concert pitch")
    box.setToolTip("The frequency of the A that everything is tuned to")
    return box
