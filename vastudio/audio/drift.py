"""Clock drift between two devices: and what to do about it.

An interface that plays and another that records count the same second with two crystals. Good ones differ by
some parts per million, cheap ones by a hundred; beyond that no crystal is at fault but a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["fine", "correct", "refuse"]

MOST_MOVEMENT_SAMPLES = 0.5
"""Over a take; ± 0.25 samples around its middle costs an ESR of 0.001 at 1 kHz and 48 kHz."""

HIGHEST_PPM = 300.0
"""Crystals in audio devices hold ±100 ppm, the worst of them ±150."""


@dataclass(frozen=True)
class Drift:
    """A drift in parts per million (positive: the recording becomes later) over `seconds` of a take."""

    ppm: float
    seconds: float
    rate: int

    @property
    def movement_samples(self) -> float:
        """How far the recording moves from beginning to end."""
        return self.ppm * 1e-6 * self.seconds * self.rate

    @property
    def decision(self) -> Decision:
        """`fine` below half a sample over the take, `correct` by resampling up to 300 ppm, else `refuse`."""
        if abs(self.movement_samples) < MOST_MOVEMENT_SAMPLES:
            return "fine"
        return "correct" if abs(self.ppm) <= HIGHEST_PPM else "refuse"

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        if self.decision == "refuse":
            return f"{abs(self.ppm):.0f} ppm is more than two crystals differ by: a sample rate is set wrong."
        moved = f"The recording moves by {abs(self.movement_samples):.2g} samples over the take"
        return f"{moved}: too little to matter." if self.decision == "fine" else f"{moved}: two clocks."
