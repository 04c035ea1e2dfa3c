"""Average spectra of clean, target and model, for one plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.comparing import Rendering
from vastudio.audio.spectral import FLOOR_DB, average_spectrum

_Real: TypeAlias = npt.NDArray[np.float64]

_HALF_THIRD_OCTAVE = 2.0 ** (1.0 / 6.0)


@dataclass(frozen=True, eq=False)
class AverageSpectra:
    """Mean levels in dB, 0 dB a full-scale sine, at common frequencies; each of shape (bins,)."""

    frequencies_hz: _Real
    clean_db: _Real
    target_db: _Real
    model_db: _Real


def average_spectra(rendering: Rendering, *, smoothed: bool = False) -> AverageSpectra:
    """Average the power of each signal over time (Welch), from the first bin above 0 Hz on.

    Parameters
    ----------
    smoothed:
        Every value is the mean power of the third-octave around it, as ears and loudspeaker plots average.
    """
    rate = rendering.sample_rate
    signals = (rendering.clean, rendering.target, rendering.model)
    spectra = [average_spectrum(signal, rate) for signal in signals]
    hz = spectra[0][0][1:]
    clean, target, model = (level_db[1:] for _, level_db in spectra)
    if smoothed:
        clean, target, model = (third_octave_mean(hz, level_db) for level_db in (clean, target, model))
    return AverageSpectra(hz, clean, target, model)


def third_octave_mean(frequencies_hz: _Real, level_db: _Real) -> _Real:
    """Mean power in dB of the bins within a sixth of an octave of each; evenly spaced `frequencies_hz`."""
    low = np.searchsorted(frequencies_hz, frequencies_hz / _HALF_THIRD_OCTAVE)
    high = np.searchsorted(frequencies_hz, frequencies_hz * _HALF_THIRD_OCTAVE, side="right")
    sums = np.concatenate([[0.0], np.cumsum(10.0 ** (level_db / 10.0))])
    mean = (sums[high] - sums[low]) / (high - low)
    return np.asarray(10.0 * np.log10(np.maximum(mean, 10.0 ** (FLOOR_DB / 10.0))))
