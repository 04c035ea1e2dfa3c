"""The equaliser's panel: a curve to be drawn with five handles, or the three knobs of a tone stack."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.rack import ToneSettings
from vastudio.engine.equaliser import GUITAR_BANDS, LARGEST_Q, SMALLEST_Q, Band
from vastudio.engine.offline import apply
from vastudio.engine.passive_tone import CIRCUITS
from vastudio.types import STANDARD_RATE
from vastudio.ui.play.dials import BASS, FREQUENCY, GAIN, MIDDLE, SHARPNESS, TREBLE
from vastudio.ui.play.slot_panel import SlotPanel
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.response_curve import HIGHEST_HZ, LOWEST_HZ, Handle, ResponseCurve
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label

Doubles = npt.NDArray[np.float64]

_KINDS = (
    Segment("bands", "Bands", tip="Five bands: two shelves and three bells"),
    Segment("stack", "Tone stack", tip="The treble, middle and bass of a guitar amplifier"),
)
_NAMES = (
    "Thump: a low shelf",
    "Mud: a bell",
    "Honk: a bell",
    "Bite: a bell",
    "Fizz: a high shelf",
)
_BANDS = tuple(Segment(str(index), str(index + 1), tip=name) for index, name in enumerate(_NAMES))
_CIRCUITS = tuple(
    Segment(key, key.capitalize(), tip=f"Component values of a classic {key.capitalize()} amplifier")
    for key in CIRCUITS
)
_WHEEL = 1.15
_FRAMES = 16_384
_POINTS = 160


@cache
def _axis() -> tuple[Doubles, npt.NDArray[np.intp]]:
    """Frequencies of the curve in Hz, and the bins of the spectrum they are."""
    hz = np.fft.rfftfreq(_FRAMES, 1.0 / STANDARD_RATE)
    bins = np.unique(np.searchsorted(hz, np.geomspace(LOWEST_HZ, HIGHEST_HZ, _POINTS)))
    return np.asarray(hz[bins], np.float64), bins


def response_of(tone: ToneSettings) -> tuple[Doubles, Doubles]:
    """Return (Hz, dB), both (points,): what the kernel answers to an impulse."""
    impulse = np.zeros(_FRAMES, np.float32)
    impulse[0] = 1.0
    hz, bins = _axis()
    spectrum = np.abs(np.fft.rfft(apply(tone.effect, impulse, STANDARD_RATE)))[bins]
    return hz, 20.0 * np.log10(np.maximum(spectrum, 1e-6))


class TonePanel(SlotPanel):
    """Signals
    -------
    tone_changed(object):
        The `ToneSettings` that the person made.
    """

    tone_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Equaliser", parent)
        self._tone = ToneSettings()
        self._on = False
        self.kind = Segmented("Kind of tone control", _KINDS)
        self.flat = QPushButton("Flat")
        self.flat.setToolTip("All bands to 0 dB, where they were at first")
        self.curve = ResponseCurve("Frequency response of the equaliser")
        self.curve.setToolTip("Drag a handle; the wheel over it makes its band wider or narrower")
        self.band = Segmented("Band", _BANDS)
        self.band_name, self.circuit_name = label("", "note"), label("Passive: it can only take away", "note")
        self.circuit = Segmented("Tone stack", _CIRCUITS)
        self.band_cells = {knob.name: KnobCell(knob, "model", 64) for knob in (FREQUENCY, GAIN, SHARPNESS)}
        self.stack_cells = {knob.name: KnobCell(knob, "model", 64) for knob in (BASS, MIDDLE, TREBLE)}
        self._arrange()
        self._connect()
        self.show_tone(self._tone, on=False)

    def _arrange(self) -> None:
        self.header.addWidget(self.flat)
        self.header.addWidget(self.kind)
        self._controls = QStackedWidget()
        for choice, name, cells in (
            (self.band, self.band_name, self.band_cells),
            (self.circuit, self.circuit_name, self.stack_cells),
        ):
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            chooser = QVBoxLayout()
            chooser.addStretch(1)
            chooser.addWidget(choice)
            chooser.addWidget(name)
            chooser.addStretch(1)
            row.addLayout(chooser)
            row.addStretch(1)
            for cell in cells.values():
                row.addWidget(cell)
            row.addStretch(1)
            self._controls.addWidget(holder)
        self._controls.setFixedHeight(110)
        self.body.addWidget(self.curve, 1)
        self.body.addWidget(self._controls)

    def _connect(self) -> None:
        self.kind.chosen.connect(lambda kind: self._send(replace(self._tone, kind=kind)))
        self.flat.clicked.connect(lambda: self._send(replace(self._tone, bands=GUITAR_BANDS)))
        self.band.chosen.connect(lambda _key: self._show())
        self.circuit.chosen.connect(lambda key: self._set_stack(circuit=key))
        self.curve.handle_chosen.connect(self._choose)
        self.curve.handle_moved.connect(
            lambda index, hz, gain: self._set_band(index, frequency_hz=_whole(hz), gain_db=gain)
        )
        self.curve.handle_turned.connect(self._turn)
        for cell in self.band_cells.values():
            cell.moved.connect(lambda name, value: self._set_band(self._chosen, **{name: value}))
        for cell in self.stack_cells.values():
            cell.moved.connect(lambda name, value: self._set_stack(**{name: value / 10.0}))

    @property
    def _chosen(self) -> int:
        return int(self.band.key)

    def _choose(self, index: int) -> None:
        self.band.select(str(index))
        self._show()

    def _turn(self, index: int, notches: float) -> None:
        q = self._tone.bands[index].q * _WHEEL**notches
        self._set_band(index, q=min(max(q, SMALLEST_Q), LARGEST_Q))

    def _set_band(self, index: int, **changes: float) -> None:
        bands = list(self._tone.bands)
        bands[index] = replace(bands[index], **changes)  # type: ignore[arg-type]
        self._send(replace(self._tone, bands=tuple(bands)))

    def _set_stack(self, **changes: object) -> None:
        self._send(replace(self._tone, stack=replace(self._tone.stack, **changes)))  # type: ignore[arg-type]

    def _send(self, tone: ToneSettings) -> None:
        self._tone = tone
        self._show()
        self.tone_changed.emit(tone)

    def show_tone(self, tone: ToneSettings, on: bool) -> None:
        """Follow settings that were made elsewhere."""
        self._tone, self._on = tone, on
        self.show_on(on)
        self._show()

    def _show(self) -> None:
        tone, is_bands = self._tone, self._tone.kind == "bands"
        self.kind.select(tone.kind)
        self.circuit.select(tone.stack.circuit)
        self.flat.setVisible(is_bands)
        self._controls.setCurrentIndex(0 if is_bands else 1)
        band = tone.bands[min(self._chosen, len(tone.bands) - 1)]
        self.band_name.setText(_NAMES[self._chosen])
        for name, cell in self.band_cells.items():
            cell.set_value(getattr(band, name))
        for name, cell in self.stack_cells.items():
            cell.set_value(10.0 * getattr(tone.stack, name))
        hz, db = response_of(tone)
        handles = [_handle(item) for item in tone.bands] if is_bands else []
        self.curve.show_response(hz, db, handles, self._chosen, active=self._on)


def _handle(band: Band) -> Handle:
    return Handle(band.frequency_hz, band.gain_db)


def _whole(frequency_hz: float) -> float:
    """Three figures, on the dial."""
    rounded = float(f"{frequency_hz:.3g}")
    return min(max(rounded, FREQUENCY.minimum), FREQUENCY.maximum)
