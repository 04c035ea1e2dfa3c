"""Sines that fit a spectrum exactly, and the spectra of what becomes of them.

A sine with a whole number of cycles in the analysed stretch, and all its harmonics, lie on the middle of
bins. The Chebyshev window keeps what is wrong elsewhere apart from them, also where the device has not quite
settled. Its side lobes lie at −180 dB, not at the usual −120: over eight thousand bins those would add up to
−80 dB, more than a good model aliases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.types import Audio

Real: TypeAlias = npt.NDArray[np.float64]
Complex: TypeAlias = npt.NDArray[np.complex128]
Mask: TypeAlias = npt.NDArray[np.bool_]

BIN_HZ = 3.0
"""Bins are no wider than this: a line and its guard fit between the harmonics of the lowest notes."""

SIDE_LOBES_DB = 180.0
GUARD = 8
"""Bins to either side of a line that belong to it: the window's main lobe reaches 6.9."""

_SETTLE_SECONDS = 0.25
_FOLDS = 4


@dataclass(frozen=True)
class Tone:
    """A sine of `cycles` cycles in `frames` samples at `rate` Hz."""

    cycles: int
    rate: int

    @property
    def frames(self) -> int:
        """Samples of the analysis: a power of two."""
        return frames_at(self.rate)

    @classmethod
    def near(cls, hz: float, rate: int) -> Tone:
        """Return the tone nearest to `hz` whose folded harmonics stay clear of its own lines.

        An odd number of cycles has no factor in common with the number of samples; besides, the first
        multiples of the rate must not lie on multiples of the tone. Near the ends of what is possible the
        nearest odd number is taken as it is.
        """
        frames = frames_at(rate)
        wanted = hz * frames / rate
        nearest = max(1, 2 * round((wanted - 1.0) / 2.0) + 1)
        reach = max(3.0, 0.03 * wanted)
        around = (nearest + 2 * step for step in sorted(range(-100, 101), key=abs))
        apart = (
            cycles
            for cycles in around
            if abs(cycles - wanted) <= reach
            and 2 * GUARD < cycles < frames // 2
            and _folds_apart(cycles, frames)
        )
        return cls(next(apart, nearest), rate)

    @property
    def hz(self) -> float:
        """Frequency."""
        return self.cycles * self.rate / self.frames

    def sine(self, peak: float) -> Audio:
        """Return the sine: a quarter of a second for the device to settle, then what is analysed."""
        settle = round(_SETTLE_SECONDS * self.rate)
        phase = 2.0 * np.pi * self.cycles / self.frames * np.arange(-settle, self.frames)
        return np.asarray(peak * np.sin(phase), np.float32)

    def lines(self, guard: int = GUARD) -> Mask:
        """Return which bins (frames // 2 + 1,) belong to the sine, its harmonics or the mean."""
        distance = np.arange(self.frames // 2 + 1) % self.cycles
        return np.asarray(np.minimum(distance, self.cycles - distance) <= guard)


def _folds_apart(cycles: int, frames: int) -> bool:
    """Whether no harmonic folded at the first multiples of the rate lies beside a line of the tone."""
    rests = (np.arange(1, _FOLDS + 1) * frames) % cycles
    return bool(np.minimum(rests, cycles - rests).min() > 2 * GUARD)


def frames_at(rate: int) -> int:
    """Samples of an analysis at `rate` Hz: 16,384 at 44.1 and 48 kHz."""
    return 1 << math.ceil(math.log2(rate / BIN_HZ))


def spectrum(x: Audio, frames: int) -> Complex:
    """Return amplitudes (frames // 2 + 1,) of the last `frames` samples: a sine of peak a shows as |a|.

    The phase counts from the beginning of the analysed stretch. The mean shows twice as high.
    """
    window = _window(frames)
    return np.asarray(np.fft.rfft(x[-frames:].astype(np.float64) * window) * (2.0 / window.sum()))


def power(amplitudes: Complex, bins: Mask) -> float:
    """Mean square of what lies in `bins` of a spectrum: a²/2 for a sine of peak a with its guard."""
    window = _window(2 * (len(amplitudes) - 1))
    noise_bandwidth = len(window) * np.sum(window**2) / np.sum(window) ** 2
    return float(np.sum(np.abs(amplitudes[bins]) ** 2) / (2.0 * noise_bandwidth))


@lru_cache(maxsize=4)
def _window(frames: int) -> Real:
    return np.asarray(scipy.signal.windows.chebwin(frames, SIDE_LOBES_DB))
