"""Every metric against a value worked out by hand or an independent implementation."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
import torch

from vastudio.audio import metrics
from vastudio.types import Audio

RATE = 48_000


def noise(seed: int, frames: int = 24_000, gain: float = 0.1) -> Audio:
    return (gain * np.random.default_rng(seed).standard_normal(frames)).astype(np.float32)


def test_esr_and_null_depth() -> None:
    y = noise(0)
    assert metrics.esr(y, y) == 0.0
    assert metrics.esr(y, np.zeros_like(y)) == pytest.approx(1.0)
    assert metrics.esr(y, 0.9 * y) == pytest.approx(0.01, rel=1e-5)
    assert metrics.null_depth_db(y, 0.9 * y) == pytest.approx(-20.0, abs=1e-4)
    assert metrics.null_depth_db(y, y) == -math.inf


def test_silent_target_is_defined() -> None:
    silence = np.zeros(100, np.float32)
    assert metrics.esr(silence, silence) == 0.0
    assert metrics.esr(silence, noise(0, 100)) == math.inf
    assert metrics.dc(silence, silence + np.float32(0.1)) == math.inf


def test_dc_and_mae() -> None:
    y = np.array([0.5, -0.5, 0.5, -0.5], np.float32)
    assert metrics.dc(y, y + np.float32(0.25)) == pytest.approx(0.25)
    assert metrics.mae(y, y + np.float32(0.25)) == pytest.approx(0.25)


def test_pre_emphasis() -> None:
    x = np.array([1.0, 1.0, 2.0, 0.0], np.float32)
    np.testing.assert_allclose(metrics.pre_emphasis(x), [1.0, 0.15, 1.15, -1.7], rtol=1e-6)
    np.testing.assert_allclose(metrics.pre_emphasis(x, 0.85, lag=2), [1.0, 1.0, 1.15, -0.85], rtol=1e-6)


def torch_stft_distance(target: Audio, model: Audio) -> float:
    results = []
    for size, hop, window in metrics.STFT_RESOLUTIONS:
        first, second = (
            torch.stft(
                torch.from_numpy(x).double(), size, hop, window, torch.hann_window(window).double(),
                center=True, pad_mode="reflect", return_complex=True,
            ).abs().clamp_min(1e-4)
            for x in (target, model)
        )  # fmt: skip
        convergence = torch.linalg.norm(first - second) / torch.linalg.norm(first)
        results.append(float(convergence + (first.log() - second.log()).abs().mean()))
    return float(np.mean(results))


def test_mr_stft_against_torch() -> None:
    y = noise(0)
    other = 0.8 * y + noise(1, gain=0.01)
    other[5000:8000] = 0.0
    assert metrics.mr_stft(y, other) == pytest.approx(torch_stft_distance(y, other), rel=1e-4)
    assert metrics.mr_stft(y, y) == 0.0
    assert math.isfinite(metrics.mr_stft(y[:100], other[:100]))


def test_loudness_difference() -> None:
    y = noise(0, 48_000)
    silence = np.zeros_like(y)
    assert metrics.loudness_difference(y, 0.5 * y, RATE) == pytest.approx(6.02, abs=0.01)
    assert metrics.loudness_difference(silence, silence, RATE) == 0.0
    assert metrics.loudness_difference(y, silence, RATE) == math.inf


def test_mfcc_distance_of_a_gain() -> None:
    y = noise(0, 48_000)
    assert metrics.mfcc_distance(y, y, RATE) == 0.0
    # A gain of −6 dB moves only the first coefficient, by 6.02·√128 for an orthonormal DCT.
    expected = 6.0206 * math.sqrt(128) / 20
    assert metrics.mfcc_distance(y, 0.5 * y, RATE) == pytest.approx(expected, rel=0.01)
    assert math.isnan(metrics.mfcc_distance(np.zeros_like(y), y, RATE))


def test_null_depth_bands_show_where_the_error_is() -> None:
    y = noise(0, 96_000)
    tone = (0.01 * np.sin(2 * np.pi * 1000 * np.arange(96_000) / RATE)).astype(np.float32)
    centres, depth = metrics.null_depth_bands(y, y + tone, RATE)
    assert centres[int(np.nanargmax(depth))] == pytest.approx(1000.0)
    assert np.nanmedian(depth) < -60
    assert centres[-1] < RATE / 2


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_mfcc_distance_against_librosa_and_pyloudnorm(rate: int) -> None:
    import librosa  # noqa: PLC0415 - compiles for half a minute

    time = np.arange(2 * rate) / rate
    y = (0.3 * np.sin(2 * np.pi * 220 * time) * np.exp(-2 * time)).astype(np.float32) + noise(
        0, time.size, 0.01
    )
    other = np.tanh(3 * y).astype(np.float32)
    loudness = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(y.astype(np.float64))
    gain = 10 ** ((-16.0 - loudness) / 20)
    first, second = (
        librosa.feature.mfcc(
            y=librosa.resample(gain * x.astype(np.float64), orig_sr=rate, target_sr=44_100),
            sr=44_100,
            n_mfcc=20,
        )
        for x in (y, other)
    )
    expected = float(np.abs(first - second).mean())
    assert expected > 2.0
    assert metrics.mfcc_distance(y, other, rate) == pytest.approx(expected, rel=0.01)
