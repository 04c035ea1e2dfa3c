"""The static curve of a device: output over input, for a slow sine, on its way up and on its way down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy

from vastudio.audio.tones import Real
from vastudio.types import Audio

_SETTLE_SECONDS = 0.3
_ANALYSED = 4
_FINE = 4096


@dataclass(frozen=True)
class TransferCurve:
    """Output (points,) at the inputs (points,) while the input rises and while it falls.

    A device without memory gives twice the same; what lies between the two is phase and memory.
    """

    inputs: Real
    rising: Real
    falling: Real

    @property
    def opening(self) -> float:
        """Greatest distance between the two, over the span of the output; 0 for a device without memory."""
        span = float(max(self.rising.max(), self.falling.max()) - min(self.rising.min(), self.falling.min()))
        return float(np.abs(self.rising - self.falling).max()) / span if span > 0.0 else 0.0

    @property
    def asymmetry(self) -> float:
        """Mean of the highest and the lowest output, over half the span; 0 for an odd curve."""
        high, low = (float(pick([pick(self.rising), pick(self.falling)])) for pick in (np.max, np.min))
        return (high + low) / (high - low) if high > low else 0.0


def period_frames(hz: float, rate: int) -> int:
    """Whole samples of the period nearest to that of `hz`."""
    return round(rate / hz)


def slow_sine(hz: float, peak: float, rate: int) -> Audio:
    """Return a sine near `hz`: 0.3 s for the device to settle, and the periods to be analysed."""
    period = period_frames(hz, rate)
    periods = _ANALYSED + math.ceil(_SETTLE_SECONDS * rate / period)
    return np.asarray(peak * np.sin(2.0 * np.pi / period * np.arange(periods * period)), np.float32)


def transfer_curve(clean: Audio, heard: Audio, period: int, points: int = 65) -> TransferCurve:
    """Return the curve from a `slow_sine` of `period` frames and its response, averaged over periods."""
    x, y = (
        signal[-_ANALYSED * period :].astype(np.float64).reshape(_ANALYSED, period).mean(axis=0)
        for signal in (clean, heard)
    )
    y = scipy.signal.resample(y, _FINE)  # exact for a period of what has no frequencies above half the rate
    turn, quarter = np.arange(_FINE) / _FINE, 0.25
    peak = float(np.abs(x).max())
    inputs = peak * np.linspace(-1.0, 1.0, points)
    up = np.arcsin(np.linspace(-1.0, 1.0, points)) / (2.0 * np.pi)
    rising, falling = (np.interp(phase % 1.0, turn, y, period=1.0) for phase in (up, 2.0 * quarter - up))
    return TransferCurve(inputs, rising, falling)
