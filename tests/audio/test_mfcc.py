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


LIBROSA_FRAME = (
    -322.037, -11.144, 0.207, 7.145, 7.372, 1.962, -4.114, -1.151, -1.836, -0.83,
    -1.257, -1.439, 0.55, -3.732, -7.72, -4.511, -1.114, -5.239, -2.843, -2.027,
)  # fmt: skip
"""What librosa 0.11 makes of frame 40 of `falling_noise`: the whole of it is compared in the slow test."""


def test_one_frame_against_librosa() -> None:
    np.testing.assert_allclose(mfcc(falling_noise())[:, 40], LIBROSA_FRAME, atol=2e-3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_against_librosa() -> None:
    import librosa  # noqa: PLC0415 - compiles for half a minute

    expected = librosa.feature.mfcc(y=falling_noise(), sr=RATE, n_mfcc=20, n_fft=2048, hop_length=512)
    np.testing.assert_allclose(mfcc(falling_noise()), expected, atol=2e-3)
