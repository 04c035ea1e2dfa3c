"""How alike two recordings of the same signal are, once delay and gain are taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio import align
from vastudio.audio.level import to_db
from vastudio.types import Audio

_Complex = npt.NDArray[np.complex128]

_NEWTON_STEPS = 8


@dataclass(frozen=True)
class Likeness:
    """What turns one recording into the other, and what then remains.

    Attributes
    ----------
    delay_samples:
        How much later the second is.
    gain_db:
        How much louder the second is.
    inverted:
        The second has the opposite polarity.
    difference:
        Energy that remains after all this, relative to the first: 0 (alike) to 1 (nothing in common).
    """

    delay_samples: float
    gain_db: float
    inverted: bool
    difference: float


def liken(first: Audio, second: Audio, most_delay: int) -> Likeness:
    """Compare two mono recordings of equal length, up to `most_delay` samples apart.

    The delay is the peak of the plain cross-correlation, found between samples by Newton's method: for two
    recordings that differ by delay, gain and white noise the most likely one (Knapp & Carter 1976).
    """
    frames = len(first)
    size = scipy.fft.next_fast_len(frames + most_delay, real=True)
    cross = scipy.fft.rfft(second, size) * scipy.fft.rfft(first, size).conj()
    delay, height = correlation_peak(np.asarray(cross, np.complex128), size, most_delay)
    moved = align.advance(second, delay)
    edge = int(abs(delay)) + 65
    kept = slice(edge, frames - edge) if frames > 4 * edge else slice(0, frames)
    a, b = first[kept].astype(np.float64), moved[kept].astype(np.float64)
    energy_a, energy_b, common = float(a @ a), float(b @ b), float(a @ b)
    if energy_a == 0.0 or energy_b == 0.0 or common == 0.0:
        return Likeness(0.0, 0.0, False, float(energy_a != energy_b))
    gain_db = to_db(abs(common) / energy_a)
    return Likeness(delay, gain_db, height < 0.0, max(0.0, 1.0 - common**2 / (energy_a * energy_b)))


def correlation_peak(cross: _Complex, size: int, most_delay: int) -> tuple[float, float]:
    """Delay in samples and signed height of the largest peak of the correlation with the spectrum `cross`."""
    correlation = scipy.fft.irfft(cross, size)
    lags = np.concatenate([np.arange(most_delay + 1), np.arange(-most_delay, 0)])
    delay = float(lags[np.argmax(np.abs(correlation[lags]))])
    omega = 2.0 * np.pi * np.arange(len(cross)) / size
    for _ in range(_NEWTON_STEPS):
        turned = cross * np.exp(1j * omega * delay)
        curvature = float((omega**2 * turned.real).sum())
        if curvature == 0.0:
            break
        delay -= float(np.clip((omega * turned.imag).sum() / curvature, -0.25, 0.25))
    return delay, float((cross * np.exp(1j * omega * delay)).real.sum())
