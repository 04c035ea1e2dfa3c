"""What full scale is in dBu at the device's sockets: typed from the data sheet, or measured."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vastudio.app import calibration
from vastudio.app.device_test import LONG_TONE_SECONDS
from vastudio.engine.stream import Meters
from vastudio.errors import StudioError
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.settings.device_trial import DeviceTrial
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label

_PURPOSE = (
    "A model that knows the level it was captured at can then be driven exactly as its amplifier was. "
    "Data sheets call it maximum level, in dBu, at minimum gain."
)
_HELP = {
    "input": "Feed a steady sine into the live input, below clipping, and type its voltage (RMS).",
    "output": "Play the tone, measure its voltage (RMS) at the first output in use, and type it.",
}
_UNKNOWN_DBU = calibration.LOWEST_DBU - 0.1


class LevelRow(QWidget):
    """One side of the device: `input` or `output`.

    Signals
    -------
    changed(object):
        The level in dBu that the person set; None: not known.
    used(float):
        The voltage that the person measured.
    tone_wanted():
        The tone for the voltmeter, or its end.
    """

    changed = Signal(object)
    used = Signal(float)
    tone_wanted = Signal()

    def __init__(self, side: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = side.capitalize()
        self.level = _spin(f"{name} level at full scale", _UNKNOWN_DBU, calibration.HIGHEST_DBU, 1, " dBu")
        self.level.setSpecialValueText("not known")
        self.level.setToolTip(f"Level of a sine at full scale at the {side}, in dBu")
        self.measure = QPushButton("Measure…")
        self.measure.setCheckable(True)
        self.measure.setAccessibleName(f"Measure the {side} level")
        self.measure.setToolTip("Find it with a voltmeter")
        self.volts = _spin(f"Voltage at the {side}", 0.001, 50.0, 3, " V")
        self.volts.setValue(calibration.REFERENCE_VOLTS)
        self.volts.setToolTip("What the voltmeter shows, RMS")
        self.tone = QPushButton("Play tone")
        self.tone.setToolTip("440 Hz at −20 dBFS, for twenty seconds")
        self.use = QPushButton("Use")
        self.use.setAccessibleName(f"Use the voltage at the {side}")
        self.use.setToolTip("Work the level out from this voltage")
        self.tone.setVisible(side == "output")
        self._steps = QWidget()
        self._arrange(name, _HELP[side], has_tone=side == "output")
        self.measure.toggled.connect(self._steps.setVisible)
        self.level.editingFinished.connect(lambda: self.changed.emit(self.dbu))
        self.use.clicked.connect(lambda: self.used.emit(self.volts.value()))
        self.tone.clicked.connect(self.tone_wanted)

    def _arrange(self, name: str, text: str, *, has_tone: bool) -> None:
        top = QHBoxLayout()
        top.addWidget(label(name, "quiet"))
        top.addStretch(1)
        top.addWidget(self.level)
        top.addWidget(self.measure)
        line = QHBoxLayout()
        line.addStretch(1)
        for widget in ((self.tone,) if has_tone else ()) + (self.volts, self.use):
            line.addWidget(widget)
        steps = QVBoxLayout(self._steps)
        steps.setContentsMargins(0, 0, 0, 4)
        steps.addWidget(label(text, "note", wrap=True))
        steps.addLayout(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self._steps)
        self._steps.hide()

    @property
    def dbu(self) -> float | None:
        """The level that is shown; None: not known."""
        return self.level.value() if self.level.value() > _UNKNOWN_DBU else None

    def show_level(self, dbu: float | None) -> None:
        """Follow the settings."""
        self.level.setValue(_UNKNOWN_DBU if dbu is None else dbu)


class LevelsCard(Card):
    """Input and output level of the device in use."""

    def __init__(
        self, session: Session, feed: EngineFeed, trial: DeviceTrial, parent: QWidget | None = None
    ) -> None:
        super().__init__("Levels in dBu", parent)
        self._session, self._trial = session, trial
        self._peak_db = -math.inf
        self.input, self.output = LevelRow("input"), LevelRow("output")
        self.notice = Notice()
        self.body.addWidget(label(_PURPOSE, "note", wrap=True))
        for widget in (self.input, self.output, self.notice):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        feed.metered.connect(self._keep_peak)
        self.input.changed.connect(lambda dbu: self._save(input_dbu=dbu))
        self.output.changed.connect(lambda dbu: self._save(output_dbu=dbu))
        self.input.used.connect(
            lambda volts: self._use("input_dbu", lambda: calibration.input_dbu(volts, self._peak_db))
        )
        self.output.used.connect(lambda volts: self._use("output_dbu", lambda: calibration.output_dbu(volts)))
        self.output.tone_wanted.connect(self._toggle_tone)
        trial.running_changed.connect(lambda on: self.output.tone.setText("Stop tone" if on else "Play tone"))
        session.audio_changed.connect(self.show_levels)
        self.show_levels()

    def show_levels(self) -> None:
        """Follow the settings of the device in use."""
        audio = self._session.studio.settings.audio
        self.input.show_level(audio.input_dbu)
        self.output.show_level(audio.output_dbu)

    def _keep_peak(self, meters: Meters) -> None:
        channel = self._session.studio.settings.audio.input_channel
        if len(meters.inputs_db) >= channel:
            self._peak_db = meters.inputs_db[channel - 1]

    def _toggle_tone(self) -> None:
        if self._trial.is_running:
            self._trial.cancel()
        else:
            self._trial.play_tone(self._session.studio.settings.audio.output_channel, LONG_TONE_SECONDS)

    def _use(self, name: str, work: Callable[[], float]) -> None:
        try:
            dbu = round(work(), 1)
        except StudioError as error:
            self.notice.show_error(error)
            return
        self.notice.clear()
        self._save(**{name: dbu})
        self.show_levels()

    def _save(self, **levels: float | None) -> None:
        studio = self._session.studio
        audio = studio.settings.audio.changed(**levels)
        if audio != studio.settings.audio:
            studio.save_settings(audio=audio)
            self._session.audio_changed.emit()


def _spin(name: str, lowest: float, highest: float, decimals: int, suffix: str) -> QDoubleSpinBox:
    spin = QDoubleSpinBox()
    spin.setDecimals(decimals)
    spin.setRange(lowest, highest)
    spin.setSuffix(suffix)
    spin.setSingleStep(0.1)
    spin.setAccessibleName(name)
    return spin
