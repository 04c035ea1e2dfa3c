"""Spectrograms and spectra of known signals."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.audio import spectral
from vastudio.types import Audio

RATE = 48_000


def sine(hz: float, peak: float, seconds: float = 1.0) -> Audio:
    return (peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize("scale", ["mel", "linear", "log"])
def test_a_sine_shows_at_its_frequency(scale: spectral.Scale) -> None:
    shown = spectral.spectrogram(sine(3000.0, 1.0), RATE, scale, bins=128)
    assert shown.level_db.shape == (128, len(shown.times_s))
    assert np.all(np.diff(shown.frequencies_hz) > 0)
    middle = shown.level_db[:, len(shown.times_s) // 2]
    nearest = int(np.argmin(np.abs(shown.frequencies_hz - 3000.0)))
    assert abs(int(np.argmax(middle)) - nearest) <= 1
    assert -12.0 < middle.max() <= 0.0


def test_a_click_shows_at_its_time() -> None:
    x = np.zeros(RATE, np.float32)
    x[RATE // 2] = 1.0
    shown = spectral.spectrogram(x, RATE)
    loudest = shown.times_s[int(np.argmax(shown.level_db.sum(axis=0)))]
    assert loudest == pytest.approx(0.5, abs=0.011)


def test_silence_empty_and_long_clips() -> None:
    assert np.all(spectral.spectrogram(np.zeros(RATE, np.float32), RATE).level_db == spectral.FLOOR_DB)
    assert spectral.spectrogram(np.zeros(0, np.float32), RATE).level_db.shape[1] == 1
    assert spectral.spectrogram(np.zeros(RATE * 60, np.float32), RATE).level_db.shape[1] <= 2049


def test_average_spectrum_is_calibrated_to_a_sine() -> None:
    hz, level_db = spectral.average_spectrum(sine(48_000 / 4096 * 100, 0.1), RATE)
    assert hz[int(np.argmax(level_db))] == pytest.approx(1171.875)
    assert level_db.max() == pytest.approx(-20.0, abs=0.1)
    assert len(spectral.average_spectrum(np.zeros(10, np.float32), RATE)[0]) == 2049
