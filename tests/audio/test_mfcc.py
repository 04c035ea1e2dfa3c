"""Cepstral coefficients against librosa."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.audio.mfcc import RATE, mfcc
from vastudio.types import Audio


def falling_noise() -> Audio:
    noise = np.random.default_rng(0).standard_normal(RATE)
    return (0.3 * noise * np.exp(-8.0 * np.arange(RATE) / RATE)).astype(np.float32)


def test_shape_and_silence() -> None:
    assert mfcc(falling_noise()).shape == (20, 87)
    silent = mfcc(np.zeros(RATE, np.float32))
    np.testing.assert_allclose(silent[0], -100.0 * np.sqrt(128))
    np.testing.assert_allclose(silent[1:], 0.0, atol=1e-9)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_against_librosa() -> None:
    import librosa  # noqa: PLC0415 - compiles for half a minute

    expected = librosa.feature.mfcc(y=falling_noise(), sr=RATE, n_mfcc=20, n_fft=2048, hop_length=512)
    np.testing.assert_allclose(mfcc(falling_noise()), expected, atol=2e-3)
