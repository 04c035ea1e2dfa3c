"""A device's phase as recordings show it, and what two recordings of one device differ by: delay, polarity.

A device that disperses hides its latency and its polarity from every single recording of it. Two recordings
share the dispersion, whatever was played: what their transfer functions differ by is delay and sign, and the
little that a turned knob changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio.likeness import correlation_peak
from vastudio.types import Audio

_Real = npt.NDArray[np.float64]
_Complex = npt.NDArray[np.complex128]

_FRAME = 4096
_HOP = 1024
_LOWEST_HZ = 60.0
_HIGHEST_HZ = 10_000.0
_QUIETEST = 1e-5  # power relative to the loudest frame
_CHANCE = 6.0  # coherence in units of what unrelated signals show
_OVERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class Transfer:
    """A transfer function: unit phasors weighted by coherence, shape (bins,), `lag` samples taken out."""

    phasors: _Complex
    lag: int


@dataclass(frozen=True)
class Offset:
    """How one recording differs from another.

    Attributes
    ----------
    delay_samples:
        How much later it is.
    height:
        0..1: how alike the two are, delay and polarity apart.
    polarity:
        Log ratio of how well the same and the opposite polarity explain it: positive for the same, beyond
        ±0.5 beyond doubt.
    """

    delay_samples: float
    height: float
    polarity: float


def measure_transfer(clean: Audio, target: Audio, rate: int, lag: int) -> Transfer:
    """Estimate the transfer function from `clean` to `target`, mono at `rate` Hz and `lag` samples later.

    Welch's method; every frame that sounds weighs alike. Bins between 60 Hz and 10 kHz in which the two
    signals have something in common count, by the root of their coherence.
    """
    first = max(0, -lag)
    x, y = clean[first:], target[first + lag :]
    frames = min(len(x), len(y))
    bins = _FRAME // 2 + 1
    if frames < _FRAME:
        return Transfer(np.zeros(bins, np.complex128), lag)
    windowed = np.lib.stride_tricks.sliding_window_view
    frames_x, frames_y = windowed(x[:frames], _FRAME)[::_HOP], windowed(y[:frames], _FRAME)[::_HOP]
    power_x, power_y = np.mean(frames_x**2, axis=1), np.mean(frames_y**2, axis=1)
    sounding = (power_x > _QUIETEST * power_x.max()) & (power_y > _QUIETEST * power_y.max())
    if not sounding.any() or not power_x.max() or not power_y.max():
        return Transfer(np.zeros(bins, np.complex128), lag)
    window = scipy.signal.get_window("hann", _FRAME)
    spectra_x = scipy.fft.rfft(frames_x[sounding] * window)
    spectra_y = scipy.fft.rfft(frames_y[sounding] * window)
    weight = 1.0 / (power_x[sounding] * power_y[sounding]) ** 0.5
    cross = weight @ (spectra_y * spectra_x.conj())
    total = (weight @ np.abs(spectra_x) ** 2) * (weight @ np.abs(spectra_y) ** 2)
    coherence = np.abs(cross) ** 2 / np.maximum(total, 1e-300)
    hertz = np.arange(bins) * rate / _FRAME
    chance = _CHANCE / max(1.0, 0.4 * float(np.count_nonzero(sounding)))
    heard = (hertz > _LOWEST_HZ) & (hertz < _HIGHEST_HZ) & (coherence > chance)
    phasors = np.where(heard, np.sqrt(coherence) * cross / np.maximum(np.abs(cross), 1e-300), 0.0)
    return Transfer(np.asarray(phasors, np.complex128), lag)


def offset_between(first: Transfer, second: Transfer) -> Offset:
    """How much later the second recording is, and whether it is inverted; height 0 where nothing is known."""
    cross = second.phasors * first.phasors.conj()
    total = float(np.abs(cross).sum())
    if total == 0.0:
        return Offset(0.0, 0.0, 0.0)
    size = _FRAME * _OVERSAMPLING
    padded = np.zeros(size // 2 + 1, np.complex128)
    padded[: len(cross)] = cross
    delay, height = correlation_peak(padded, size, size // 4)
    response = scipy.fft.irfft(padded, size)
    polarity = math.log(max(response.max(), 1e-30) / max(-response.min(), 1e-30))
    return Offset(delay / _OVERSAMPLING + second.lag - first.lag, abs(height) / total, polarity)


def height_at(first: Transfer, second: Transfer, delay_samples: float) -> float:
    """How alike two recordings are, −1..1, the second taken as `delay_samples` later; 0: nothing known."""
    cross = second.phasors * first.phasors.conj()
    total = float(np.abs(cross).sum())
    omega = 2.0 * np.pi * np.arange(len(cross)) / _FRAME
    turned = cross * np.exp(1j * omega * (delay_samples - second.lag + first.lag))
    return float(turned.real.sum()) / total if total else 0.0
