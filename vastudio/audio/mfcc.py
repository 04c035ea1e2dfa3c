"""Mel-frequency cepstral coefficients as librosa computes them by default, without its import time.

Slaney's mel scale and area-normalised triangles (Auditory Toolbox, 1998), power in dB limited to 80 dB
below its maximum, orthonormal DCT-II.
"""

from __future__ import annotations

import functools
import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio.frames import framed, map_blocks
from vastudio.types import Audio

_Real: TypeAlias = npt.NDArray[np.float64]

RATE = 44_100
"""Hz; the only rate these coefficients are defined for here."""

_SIZE, _HOP, _BANDS, _COEFFICIENTS = 2048, 512, 128, 20
_LEAST_POWER = 1e-10
_RANGE_DB = 80.0
_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_LOG_START_HZ = 1000.0
_LOG_START_MEL = _LOG_START_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27.0


def mfcc(x: Audio) -> _Real:
    """Return 20 coefficients for each frame of mono audio at 44.1 kHz, shape (20, 1 + len(x) // 512)."""
    padded = np.pad(x.astype(np.float64), _SIZE // 2)
    frames, window = framed(padded, _SIZE, _HOP), scipy.signal.get_window("hann", _SIZE)

    def work(block: slice) -> _Real:
        spectra = np.fft.rfft(frames[block] * window)
        return np.asarray((_mel_bands() @ (spectra.real**2 + spectra.imag**2).T).T)

    power = np.concatenate(map_blocks(work, frames))
    level_db = 10.0 * np.log10(np.maximum(power, _LEAST_POWER))
    level_db = np.maximum(level_db, level_db.max() - _RANGE_DB)
    return np.asarray(scipy.fft.dct(level_db, axis=1, norm="ortho")[:, :_COEFFICIENTS].T)


@functools.cache
def _mel_bands() -> scipy.sparse.csr_array[np.float64]:
    """Triangles of equal area, shape (128, 1025); nearly all of it is 0."""
    edges = _mel_to_hz(np.linspace(0.0, _hz_to_mel(RATE / 2.0), _BANDS + 2))
    hz = np.fft.rfftfreq(_SIZE, 1.0 / RATE)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.minimum((hz - left) / (centre - left), (right - hz) / (right - centre))
    return scipy.sparse.csr_array(np.maximum(0.0, triangles) * 2.0 / (right - left))


def _hz_to_mel(hz: float) -> float:
    """Above the linear part only."""
    return _LOG_START_MEL + math.log(hz / _LOG_START_HZ) / _LOG_STEP


def _mel_to_hz(mel: _Real) -> _Real:
    linear = mel * _LINEAR_HZ_PER_MEL
    logarithmic = _LOG_START_HZ * np.exp(_LOG_STEP * (mel - _LOG_START_MEL))
    return np.asarray(np.where(mel < _LOG_START_MEL, linear, logarithmic))
