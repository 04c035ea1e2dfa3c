"""Metrics where sign, scale and edges matter: silence, equal, inverted, late, louder, nothing, very short."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from vastudio.audio import metrics
from vastudio.types import Audio

RATE = 48_000
EVERY: dict[str, Callable[[Audio, Audio], float]] = {
    "esr": metrics.esr,
    "dc": metrics.dc,
    "mae": metrics.mae,
    "null_depth_db": metrics.null_depth_db,
    "mr_stft": metrics.mr_stft,
    "complex_stft": metrics.complex_stft,
    "loudness_difference": lambda y, other: metrics.loudness_difference(y, other, RATE),
    "mfcc_distance": lambda y, other: metrics.mfcc_distance(y, other, RATE),
}
PERFECT = {name: -math.inf if name == "null_depth_db" else 0.0 for name in EVERY}


def noise(seed: int, frames: int = 24_000, gain: float = 0.1) -> Audio:
    return (gain * np.random.default_rng(seed).standard_normal(frames)).astype(np.float32)


def turning_sine(cycles: int, frames: int = 24_000, peak: float = 0.5) -> Audio:
    """A sine that goes on where it began, so that rolling it delays it."""
    return (peak * np.sin(2 * np.pi * cycles * np.arange(frames) / frames)).astype(np.float32)


@pytest.mark.parametrize("name", EVERY)
def test_equal_signals_are_perfect(name: str) -> None:
    y = noise(0)
    assert EVERY[name](y, y.copy()) == PERFECT[name]


@pytest.mark.parametrize("name", EVERY)
def test_silence_against_silence_is_perfect_or_undefined(name: str) -> None:
    silence = np.zeros(24_000, np.float32)
    value = EVERY[name](silence, silence)
    assert math.isnan(value) if name == "mfcc_distance" else value == PERFECT[name]


@pytest.mark.parametrize("name", EVERY)
def test_sound_where_there_should_be_silence_is_never_perfect(name: str) -> None:
    value = EVERY[name](np.zeros(24_000, np.float32), noise(0))
    assert math.isnan(value) or value > 1e-3


@pytest.mark.parametrize("name", EVERY)
def test_silence_where_there_should_be_sound_is_never_perfect(name: str) -> None:
    value = EVERY[name](noise(0) + np.float32(0.01), np.zeros(24_000, np.float32))
    assert value == 0.0 if name == "null_depth_db" else value > 1e-3


@pytest.mark.parametrize("name", EVERY)
def test_no_samples_are_no_error_and_no_crash(name: str) -> None:
    nothing = np.zeros(0, np.float32)
    value = EVERY[name](nothing, nothing)
    assert math.isnan(value) if name == "mfcc_distance" else value == PERFECT[name]


@pytest.mark.parametrize("frames", [1, 2, 7, 240, 2047])
@pytest.mark.parametrize("name", EVERY)
def test_shorter_than_a_frame(name: str, frames: int) -> None:
    y = noise(1, frames)
    assert EVERY[name](y, y) == PERFECT[name]
    assert math.isfinite(EVERY[name](y, np.float32(0.9) * y))


@pytest.mark.parametrize("name", EVERY)
def test_unequal_lengths_are_a_mistake_of_the_caller(name: str) -> None:
    with pytest.raises(ValueError, match="differ in length"):
        EVERY[name](noise(0), noise(0)[:-1])


def test_inverted() -> None:
    """What counts samples sees four times the energy; what counts magnitudes sees nothing."""
    y = noise(0) + np.float32(0.01)
    assert metrics.esr(y, -y) == pytest.approx(4.0, rel=1e-6)
    assert metrics.null_depth_db(y, -y) == pytest.approx(6.0206, abs=1e-4)
    assert metrics.mae(y, -y) == pytest.approx(2.0 * np.abs(y).mean(), rel=1e-6)
    mean, power = y.astype(np.float64).mean(), np.square(y.astype(np.float64)).mean()
    assert metrics.dc(y, -y) == pytest.approx(4.0 * mean**2 / power, rel=1e-6)
    silence = np.zeros_like(y)
    assert metrics.complex_stft(y, -y) == pytest.approx(2.0 * metrics.complex_stft(y, silence), rel=1e-6)
    assert metrics.mr_stft(y, -y) == 0.0
    assert metrics.loudness_difference(y, -y, RATE) == 0.0
    assert metrics.mfcc_distance(y, -y, RATE) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("cycles", [50, 500, 5000])
def test_late_by_one_sample(cycles: int) -> None:
    """A sine minus itself one sample late is a sine of 2·sin(ω/2) times its height."""
    y = turning_sine(4 * cycles, 96_000)
    share = 2.0 * math.sin(math.pi * 4 * cycles / y.size)
    late = np.roll(y, 1)
    assert metrics.esr(y, late) == pytest.approx(share**2, rel=1e-4)
    assert metrics.null_depth_db(y, late) == pytest.approx(20 * math.log10(share), abs=1e-3)
    silence = np.zeros_like(y)
    assert metrics.complex_stft(y, late) == pytest.approx(share * metrics.complex_stft(y, silence), rel=0.02)
    assert metrics.loudness_difference(y, late, RATE) < 0.01
    assert metrics.dc(y, late) < 1e-12


@pytest.mark.parametrize("gain_db", [-0.5, 0.5, 6.0])
def test_louder_and_softer(gain_db: float) -> None:
    y, gain = noise(0, 48_000), 10 ** (gain_db / 20)
    other = np.asarray(gain * y, np.float32)
    assert metrics.esr(y, other) == pytest.approx((gain - 1.0) ** 2, rel=1e-4)
    assert metrics.null_depth_db(y, other) == pytest.approx(20 * math.log10(abs(gain - 1.0)), abs=1e-3)
    assert metrics.mae(y, other) == pytest.approx(abs(gain - 1.0) * np.abs(y).mean(), rel=1e-4)
    assert metrics.loudness_difference(y, other, RATE) == pytest.approx(abs(gain_db), abs=1e-3)
    # convergence and logarithm are both constant over time and frequency
    assert metrics.mr_stft(y, other) == pytest.approx(abs(gain - 1) + abs(math.log(gain)), rel=1e-3)


@pytest.mark.parametrize("name", ["esr", "dc", "null_depth_db"])
def test_ratios_do_not_depend_on_the_level(name: str) -> None:
    y, other = noise(0) + np.float32(0.02), noise(0) + noise(1, gain=0.01)
    assert EVERY[name](y, other) == pytest.approx(
        EVERY[name](np.float32(0.25) * y, np.float32(0.25) * other), rel=1e-6
    )


@pytest.mark.parametrize("name", ["mae", "complex_stft"])
def test_amounts_grow_with_the_level(name: str) -> None:
    y, other = noise(0), noise(1)
    assert EVERY[name](np.float32(0.25) * y, np.float32(0.25) * other) == pytest.approx(
        0.25 * EVERY[name](y, other), rel=1e-6
    )


def test_complex_stft_against_torch() -> None:
    y = noise(0)
    other = np.float32(0.8) * np.roll(y, 3) + noise(1, gain=0.01)
    means = []
    for size in (2048, 1024, 512, 256):
        window = torch.hann_window(size, dtype=torch.float64)
        first, second = (
            torch.stft(torch.from_numpy(x).double(), size, size // 4, window=window, return_complex=True)
            for x in (y, other)
        )
        means.append(float((first - second).abs().mean()))
    assert metrics.complex_stft(y, other) == pytest.approx(np.mean(means), rel=1e-8)


def test_complex_stft_of_noise() -> None:
    """Lines of white noise are Rayleigh distributed: σ·√(π/4·Σw²), and Σw² = 3/8 of the window's length."""
    error = noise(2, 480_000, gain=0.1)
    expected = 0.1 * np.mean([math.sqrt(math.pi / 4 * 3 / 8 * size) for size in metrics.COMPLEX_STFT_SIZES])
    assert metrics.complex_stft(error, np.zeros_like(error)) == pytest.approx(expected, rel=0.005)


def third_octave(x: Audio, centre_hz: float) -> Audio:
    """What of `x` lies in the third-octave around `centre_hz`."""
    spectrum = np.fft.rfft(x.astype(np.float64))
    hz = np.fft.rfftfreq(x.size, 1 / RATE)
    inside = (hz >= centre_hz * 2 ** (-1 / 6)) & (hz < centre_hz * 2 ** (1 / 6))
    return np.fft.irfft(spectrum * inside, x.size).astype(np.float32)


@pytest.mark.parametrize(("centre_hz", "depth_db"), [(250.0, -20.0), (1000.0, -30.0), (8000.0, -6.0)])
def test_null_depth_of_noise_in_one_third_octave(centre_hz: float, depth_db: float) -> None:
    y = noise(3, 10 * RATE)
    error = np.float32(10 ** (depth_db / 20)) * third_octave(y, centre_hz)
    centres, depths = metrics.null_depth_bands(y, y + error, RATE)
    octaves = np.abs(np.log2(centres / centre_hz))
    assert depths[octaves < 0.1] == pytest.approx(depth_db, abs=0.5)
    assert np.all(depths[octaves > 1.0] < depth_db - 40.0)


def test_null_depth_in_bands_of_a_delay_rises_with_frequency() -> None:
    y = noise(4, 10 * RATE)
    centres, depths = metrics.null_depth_bands(y, np.roll(y, 1), RATE)
    expected = 20 * np.log10(2 * np.sin(np.pi * centres / RATE))
    wide: npt.NDArray[np.bool_] = centres > 200.0
    np.testing.assert_allclose(depths[wide], expected[wide], atol=0.5)


def test_null_depth_in_bands_at_the_edges() -> None:
    for frames in (0, 1, 100, 24_000):
        silence = np.zeros(frames, np.float32)
        centres, depths = metrics.null_depth_bands(silence, silence, RATE)
        assert centres.shape == depths.shape
        assert np.isnan(depths).all()
    y = noise(5)
    assert (metrics.null_depth_bands(y, y, RATE)[1] == -np.inf).all()
    np.testing.assert_allclose(metrics.null_depth_bands(y, -y, RATE)[1], 6.0206, atol=1e-4)
    assert metrics.null_depth_bands(y, y, 44_100)[0][-1] * 2 ** (1 / 6) < 22_050


def test_predicted_score() -> None:
    """The published table: 100 up to d = 2.91, then 69.4 points less for every decade."""
    for distance, score in ((0.0, 100.0), (2.91, 100.0), (2.92, 100 - 69.4 * (math.log10(2.92) - 0.464)),
                            (10.0, 62.8016), (29.1, 30.6), (1e3, 0.0), (math.inf, 0.0)):  # fmt: skip
        assert metrics.predicted_mushra(distance) == pytest.approx(score, abs=0.01)
    assert math.isnan(metrics.predicted_mushra(math.nan))
