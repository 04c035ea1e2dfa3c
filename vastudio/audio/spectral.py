"""Spectrograms and average spectra for the eye: levels in dB on the scale a person chose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio.frames import mean_power
from vastudio.types import Audio

Scale: TypeAlias = Literal["mel", "linear", "log"]
_Real: TypeAlias = npt.NDArray[np.float64]

FLOOR_DB = -120.0
"""Levels below this are shown as this."""

_SIZE = 2048
_FRAMES_AT_ONCE = 512
_MOST_FRAMES = 2048
_LOWEST_HZ = 30.0


@dataclass(frozen=True)
class Spectrogram:
    """Levels over time and frequency.

    Attributes
    ----------
    times_s:
        Middle of each frame in seconds, shape (frames,).
    frequencies_hz:
        Centre of each band, ascending, shape (bins,).
    level_db:
        Shape (bins, frames), float32; 0 dB is a full-scale sine, `FLOOR_DB` the least.
    """

    times_s: _Real
    frequencies_hz: _Real
    level_db: npt.NDArray[np.float32]


def spectrogram(x: Audio, rate: int, scale: Scale = "mel", bins: int = 160) -> Spectrogram:
    """Return the spectrogram of mono audio on a mel, linear or logarithmic frequency scale.

    Hann frames of 2048 samples; the hop is 512, or longer where the clip would give more than 2048
    frames. Each of the `bins` bands averages power with a triangle that reaches to its neighbours.
    """
    hop = max(512, -(-len(x) // _MOST_FRAMES))
    window = scipy.signal.get_window("hann", _SIZE)
    padded = np.pad(x, (_SIZE // 2, _SIZE // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::hop]
    centres = band_centres(rate, scale, bins)
    bands = _triangles(centres, rate)
    power = np.concatenate([block @ bands.T for block in _powers(frames, window)])
    level_db = 10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0)))
    times = np.arange(len(frames), dtype=np.float64) * (hop / rate)
    return Spectrogram(times, centres, np.ascontiguousarray(level_db.T, dtype=np.float32))


def average_spectrum(x: Audio, rate: int, size: int = 4096) -> tuple[_Real, _Real]:
    """Return frequencies in Hz and the mean level in dB of each FFT bin (Welch, Hann, 50 % overlap).

    0 dB is a full-scale sine. A signal shorter than `size` samples is padded with silence.
    """
    padded = np.pad(x, (0, max(0, size - len(x))))
    power = mean_power(padded, size) * (2.0 / scipy.signal.get_window("hann", size).sum()) ** 2
    power[[0, -1]] /= 2.0  # 0 Hz and half the rate have no mirror image
    level_db = 10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0)))
    return np.arange(len(power), dtype=np.float64) * (rate / size), np.asarray(level_db)


def band_centres(rate: int, scale: Scale, bins: int) -> _Real:
    """Centre frequencies in Hz of `bins` bands from 30 Hz (linear: 0) to half the rate."""
    top = rate / 2.0
    if scale == "linear":
        return np.linspace(0.0, top, bins)
    if scale == "log":
        return np.asarray(np.geomspace(_LOWEST_HZ, top, bins))
    return _hz(np.linspace(_mel(_LOWEST_HZ), _mel(top), bins))


def _mel(hz: float) -> float:
    """O'Shaughnessy's mel scale."""
    return float(2595.0 * np.log10(1.0 + hz / 700.0))


def _hz(mel: _Real) -> _Real:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))


def _triangles(centres: _Real, rate: int) -> _Real:
    """Weights that average the power of FFT bins into bands, shape (bands, bins), rows sum to 1.

    A band narrower than the FFT's resolution interpolates between the two nearest bins.
    """
    resolution = rate / _SIZE
    hz = np.arange(_SIZE // 2 + 1) * resolution
    steps = np.diff(centres)
    below = np.maximum(np.concatenate([steps[:1], steps]), resolution)[:, None]
    above = np.maximum(np.concatenate([steps, steps[-1:]]), resolution)[:, None]
    distance = hz - centres[:, None]
    weights = np.maximum(0.0, 1.0 - np.where(distance < 0.0, -distance / below, distance / above))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _powers(frames: npt.NDArray[np.float32], window: _Real) -> Iterator[_Real]:
    """Yield blocks of power spectra in which a full-scale sine peaks at 1."""
    scale = (2.0 / window.sum()) ** 2
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        spectra = np.fft.rfft(frames[start : start + _FRAMES_AT_ONCE] * window)
        yield scale * (spectra.real**2 + spectra.imag**2)
