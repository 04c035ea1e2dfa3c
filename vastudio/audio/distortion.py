"""Harmonic and intermodulation distortion of steady sines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.audio.tones import Complex, Tone, spectrum
from vastudio.types import Audio


def harmonics(x: Audio, tone: Tone, count: int = 10) -> Complex:
    """Return complex amplitudes (count,) of `tone` and its harmonics in the response `x`.

    Entry 0 is the fundamental. What would lie above half the rate is 0.
    """
    amplitudes = spectrum(x, tone.frames)
    bins = tone.cycles * np.arange(1, count + 1)
    below = bins < len(amplitudes)
    return np.where(below, amplitudes[np.where(below, bins, 0)], 0.0)


def harmonic_distortion(amplitudes: Complex) -> float:
    """Total harmonic distortion: root of the sum of squares of the harmonics over the fundamental.

    nan where there is no fundamental.
    """
    fundamental = float(np.abs(amplitudes[0]))
    return float(np.linalg.norm(amplitudes[1:])) / fundamental if fundamental > 0.0 else float("nan")


@dataclass(frozen=True)
class TwoTones:
    """Two sines together; peaks of each in units of full scale."""

    low: Tone
    high: Tone
    low_peak: float
    high_peak: float

    def signal(self) -> Audio:
        """Return both, as `Tone.sine`."""
        return self.low.sine(self.low_peak) + self.high.sine(self.high_peak)

    def amplitude(self, x: Audio, low_times: int, high_times: int) -> float:
        """Amplitude of the product at low_times·f_low + high_times·f_high; 0 above half the rate."""
        index = abs(low_times * self.low.cycles + high_times * self.high.cycles)
        return float(np.abs(spectrum(x, self.low.frames)[index])) if index <= self.low.frames // 2 else 0.0


def smpte_tones(peak: float, rate: int) -> TwoTones:
    """60 Hz and 7 kHz at 4:1 (SMPTE RP 120), together `peak` high."""
    return TwoTones(Tone.near(60.0, rate), Tone.near(7000.0, rate), 0.8 * peak, 0.2 * peak)


def smpte(x: Audio, tones: TwoTones, orders: int = 3) -> float:
    """Root of the sum of squares of the side lines around the high tone, over that tone; nan without it.

    Lines at ±1 to ±`orders` times the low frequency: distortion of second to (`orders` + 1)th order.
    """
    carrier = tones.amplitude(x, 0, 1)
    sides = [tones.amplitude(x, n, 1) for n in range(-orders, orders + 1) if n]
    return float(np.linalg.norm(sides)) / carrier if carrier > 0.0 else float("nan")


def ccif_tones(peak: float, rate: int) -> TwoTones:
    """19 kHz and 20 kHz of equal height (CCIF, IEC 60268-3), together `peak` high; needs 44.1 kHz."""
    return TwoTones(Tone.near(19_000.0, rate), Tone.near(20_000.0, rate), 0.5 * peak, 0.5 * peak)


def ccif(x: Audio, tones: TwoTones) -> tuple[float, float]:
    """Difference-frequency distortion of second and of third order (IEC 60268-3); nan without the tones.

    Second: the line at f2 − f1. Third: the sum of those at 2·f1 − f2 and 2·f2 − f1. Both over the sum of the
    two tones.
    """
    both = tones.amplitude(x, 1, 0) + tones.amplitude(x, 0, 1)
    if both <= 0.0:
        return float("nan"), float("nan")
    third = tones.amplitude(x, 2, -1) + tones.amplitude(x, -1, 2)
    return tones.amplitude(x, -1, 1) / both, third / both
