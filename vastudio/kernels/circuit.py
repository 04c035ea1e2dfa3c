"""The studio's own amplifier: two triode stages and a tone stack, with a gain and a tone knob.

    in → oversampling → gain → V1 → attenuator → V2 → cathode follower (ideal) → tone stack → decimation → out

It stands in for hardware in the demonstration and in tests: a real nonlinear system with memory, made of
component values, so that what is learned from it can be checked against the circuit itself.
"""

from __future__ import annotations

import numpy as np
import scipy

from vastudio.kernels.oversampling import Oversampler
from vastudio.kernels.tone_stack import ToneStack
from vastudio.kernels.triode import TriodeStage, run_stage
from vastudio.types import STANDARD_RATE, Audio, Knob

KNOBS = (
    Knob("gain", "Gain", 0.0, 10.0, 5.0),
    Knob("tone", "Tone", 0.0, 10.0, 5.0),
)

FIRST_STAGE = TriodeStage()
SECOND_STAGE = TriodeStage(source_ohm=680e3, grid_leak_ohm=220e3, miller_farad=330e-12)
TONE_STACK = ToneStack()
MIDDLE, BASS = 0.6, 0.4

OVERSAMPLING = 4
_LATENCY = 48

_INPUT_VOLT, _GAIN_RANGE_DB = 1.6, 26.0
_OUTPUT_VOLT = 210.0


def input_volt(gain: float) -> float:
    """Return the volts at the first grid for a full-scale sample, `gain` 0..10 (26 dB, even in dB)."""
    return _INPUT_VOLT * float(10.0 ** (_GAIN_RANGE_DB * (gain / 10.0 - 1.0) / 20.0))


class Amplifier:
    """The circuit at one knob position, fed in blocks of any size; starts settled at silence.

    Parameters
    ----------
    gain, tone:
        Dial positions, 0..10. `tone` turns the treble pot.
    rate:
        Samples per second in and out, in Hz; inside it is OVERSAMPLING times as high.

    Raises KnobError for a position outside the dial.
    """

    latency = _LATENCY
    """Frames by which the output is late: half of each of the two linear-phase filters."""

    def __init__(self, gain: float, tone: float, rate: int = STANDARD_RATE) -> None:
        for knob, value in zip(KNOBS, (gain, tone), strict=True):
            knob.normalised(value)
        inside = float(rate * OVERSAMPLING)
        self._volt = input_volt(gain)
        self._oversampler = Oversampler(OVERSAMPLING, _LATENCY)
        self._stages = [
            (stage.constants(inside), stage.settled(inside)) for stage in (FIRST_STAGE, SECOND_STAGE)
        ]
        self._tone = TONE_STACK.digital(tone / 10.0, MIDDLE, BASS, inside)
        self._tone_state = np.zeros(3)

    def process(self, block: Audio) -> Audio:
        """Return the amplifier's next `block.size` samples, `latency` frames late, peaks below −1 dBFS."""
        volt = self._oversampler.up(self._volt * block.astype(np.float64))
        for constants, state in self._stages:
            volt = run_stage(volt, constants, state)
        volt, self._tone_state = scipy.signal.lfilter(*self._tone, volt, zi=self._tone_state)
        return (self._oversampler.down(volt) / _OUTPUT_VOLT).astype(np.float32)


def amplify(audio: Audio, gain: float, tone: float, rate: int = STANDARD_RATE) -> Audio:
    """Return `audio` through the amplifier, equal in length and aligned in time to the input.

    Raises KnobError for a position outside the dial.
    """
    padded = np.concatenate([audio, np.zeros(Amplifier.latency, np.float32)])
    return Amplifier(gain, tone, rate).process(padded)[Amplifier.latency :]
