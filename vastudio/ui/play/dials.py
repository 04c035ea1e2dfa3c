"""The dials of the rack's own slots: names, ranges, defaults and units."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vastudio.types import Knob

TRIM = Knob("trim", "Trim", -24.0, 24.0, 0.0, "dB")
LEVEL = Knob("level", "Level", -60.0, 12.0, 0.0, "dB")
MIX = Knob("mix", "Mix", 0.0, 100.0, 100.0, "%")

THRESHOLD = Knob("threshold_db", "Threshold", -90.0, 0.0, -60.0, "dB")
HYSTERESIS = Knob("hysteresis_db", "Hysteresis", 0.0, 24.0, 6.0, "dB")
TREBLE = Knob("treble", "Treble", 0.0, 10.0, 5.0)
MIDDLE = Knob("middle", "Middle", 0.0, 10.0, 5.0)
BASS = Knob("bass", "Bass", 0.0, 10.0, 5.0)

GAIN = Knob("gain_db", "Gain", -24.0, 24.0, 0.0, "dB")
MICROPHONE_LEVEL = Knob("level_db", "Level", -60.0, 12.0, 0.0, "dB")
DELAY = Knob("delay_ms", "Delay", 0.0, 20.0, 0.0, "ms")


@dataclass(frozen=True)
class LogKnob(Knob):
    """A dial on which equal turns are equal ratios. Its range lies above 0."""

    def normalised(self, value: float) -> float:
        """Map a dial value to 0..1."""
        super().normalised(value)
        return math.log(value / self.minimum) / math.log(self.maximum / self.minimum)

    def denormalised(self, fraction: float) -> float:
        """Map 0..1 to the dial, with three figures."""
        exact = self.minimum * (self.maximum / self.minimum) ** fraction
        rounded = float(f"{exact:.3g}")
        return min(max(rounded, self.minimum), self.maximum)


FREQUENCY = LogKnob("frequency_hz", "Frequency", 20.0, 16_000.0, 700.0, "Hz")
SHARPNESS = LogKnob("q", "Q", 0.1, 20.0, 1.0)
ATTACK = LogKnob("attack_ms", "Attack", 1.0, 100.0, 1.0, "ms")
HOLD = Knob("hold_ms", "Hold", 0.0, 1000.0, 50.0, "ms")
RELEASE = LogKnob("release_ms", "Release", 10.0, 5000.0, 300.0, "ms")
