"""Steady sines: lines of known height, distortion in closed form, aliases of known frequency."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy

from vastudio.audio import aliasing, distortion
from vastudio.audio.tones import Tone, frames_at, power, spectrum

RATE = 48_000


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
def test_tones_fit_the_analysis_and_their_folds_lie_apart(rate: int) -> None:
    assert 1.4 < rate / frames_at(rate) <= 3.0
    for hz in np.geomspace(60.0, 0.45 * rate, 40):
        tone = Tone.near(hz, rate)
        assert abs(tone.hz - hz) < max(15.0, 0.03 * hz)
        assert math.gcd(tone.cycles, tone.frames) == 1
        x = tone.sine(0.5)
        np.testing.assert_allclose(x[:8], x[tone.frames : tone.frames + 8], atol=1e-6)
        folded = np.arange(1, 5) * tone.frames % tone.cycles
        assert np.minimum(folded, tone.cycles - folded).min() > 16 or tone.cycles < 600


def test_a_line_has_the_height_and_the_power_of_its_sine() -> None:
    tone = Tone.near(1000.0, RATE)
    amplitudes = spectrum(tone.sine(0.25), tone.frames)
    assert abs(amplitudes[tone.cycles]) == pytest.approx(0.25, rel=1e-6)
    assert power(amplitudes, tone.lines()) == pytest.approx(0.25**2 / 2, rel=1e-5)
    off = 20 * np.log10(np.abs(amplitudes[~tone.lines()]).max() / 0.25)
    assert off < -150.0  # single precision, above the window's side lobes


def test_white_noise_has_its_power() -> None:
    noise = np.random.default_rng(0).normal(size=frames_at(RATE)).astype(np.float32)
    amplitudes = spectrum(noise, frames_at(RATE))
    everything = np.ones(amplitudes.size, bool)
    assert power(amplitudes, everything) == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("peak", [1.0, 0.3])
def test_harmonics_of_a_polynomial(peak: float) -> None:
    """For x = A·sin: a·x² has a·A²/2 at 2f, b·x³ has 3b·A³/4 at f and b·A³/4 at 3f."""
    tone, a, b = Tone.near(440.0, RATE), 0.2, 0.1
    x = tone.sine(peak).astype(np.float64)
    found = np.abs(distortion.harmonics((x + a * x**2 + b * x**3).astype(np.float32), tone))
    first = peak + 0.75 * b * peak**3
    np.testing.assert_allclose(found[:3], [first, a * peak**2 / 2, b * peak**3 / 4], rtol=1e-5)
    assert found[3:].max() < 1e-6
    expected = math.hypot(a * peak**2 / 2, b * peak**3 / 4) / first
    assert distortion.harmonic_distortion(found) == pytest.approx(expected, rel=1e-5)


def test_distortion_of_x_and_a_x_squared_is_half_of_a_a() -> None:
    tone = Tone.near(220.0, RATE)
    x = tone.sine(0.5).astype(np.float64)
    found = distortion.harmonics((x + 0.1 * x**2).astype(np.float32), tone)
    assert distortion.harmonic_distortion(found) == pytest.approx(0.1 * 0.5 / 2, rel=1e-5)


def test_harmonics_above_half_the_rate_are_none_and_silence_has_no_distortion() -> None:
    tone = Tone.near(9000.0, RATE)
    found = distortion.harmonics(np.sign(tone.sine(1.0)), tone)
    assert np.abs(found[1]) < 0.2
    assert not found[2:].any()
    assert math.isnan(distortion.harmonic_distortion(np.zeros(10, complex)))


def test_a_known_alias_is_found_at_its_height() -> None:
    """The Chebyshev polynomial T7 turns a full sine into its seventh harmonic alone: 35 kHz fold to 13."""
    tone, height = Tone.near(5000.0, RATE), 0.01
    x = tone.sine(1.0).astype(np.float64)
    seventh = scipy.special.eval_chebyt(7, x)
    found = aliasing.purity((x + height * seventh).astype(np.float32), tone)
    assert found.alias_db == pytest.approx(20 * math.log10(height), abs=0.01)
    assert found.lines_db == pytest.approx(found.alias_db, abs=0.01)
    assert found.noise_db < -120.0
    below = Tone.near(3000.0, RATE)
    x = below.sine(1.0).astype(np.float64)
    clean = aliasing.purity((x + height * scipy.special.eval_chebyt(7, x)).astype(np.float32), below)
    assert clean.alias_db < -120.0


def test_noise_is_told_from_lines_and_the_mean_counts_as_neither() -> None:
    tone = Tone.near(1000.0, RATE)
    noise = 1e-3 * np.random.default_rng(1).normal(size=tone.sine(1.0).size)
    found = aliasing.purity((tone.sine(0.5) + 0.2 + noise).astype(np.float32), tone)
    share = np.count_nonzero(~tone.lines()) / tone.lines().size
    expected = 10 * math.log10(1e-6 * share / (0.5**2 / 2))
    assert found.noise_db == pytest.approx(expected, abs=0.2)
    assert found.lines_db == -math.inf
    assert math.isnan(aliasing.purity(np.zeros(20_000, np.float32), tone).alias_db)


@pytest.mark.parametrize("bits", [8, 12])
def test_quantising_adds_what_is_known(bits: int) -> None:
    """Steps of 2 over 2ᵇ leave an error of step²/12."""
    tone, step = Tone.near(997.0, RATE), 2.0 / 2**bits
    x = tone.sine(0.5)
    found = aliasing.purity(np.round(x / np.float32(step)) * np.float32(step), tone)
    assert found.alias_db == pytest.approx(10 * math.log10(step**2 / 12 / (0.5**2 / 2)), abs=1.0)
    assert found.lines_db < found.alias_db


def test_smpte_of_a_square_law() -> None:
    """x + a·x² puts a·A_low·A_high on either side of the high tone."""
    tones, a = distortion.smpte_tones(0.5, RATE), 0.1
    assert tones.low_peak == pytest.approx(4 * tones.high_peak)
    x = tones.signal().astype(np.float64)
    assert np.abs(x).max() == pytest.approx(0.5, rel=1e-2)
    found = distortion.smpte((x + a * x**2).astype(np.float32), tones)
    assert found == pytest.approx(math.sqrt(2) * a * 0.4, rel=1e-4)
    assert distortion.smpte(x.astype(np.float32), tones) < 1e-5
    assert math.isnan(distortion.smpte(np.zeros(20_000, np.float32), tones))


def test_ccif_of_a_square_and_a_cubic_law() -> None:
    """With both tones p high: a·x² leaves a·p² at f2 − f1, b·x³ leaves 3b·p³/4 at 2·f1 − f2 and 2·f2 − f1."""
    tones, a, b, p = distortion.ccif_tones(0.5, RATE), 0.1, 0.2, 0.25
    x = tones.signal().astype(np.float64)
    second, third = distortion.ccif((x + a * x**2 + b * x**3).astype(np.float32), tones)
    both = 2 * (p + 0.75 * b * p**3 + 1.5 * b * p**3)
    assert second == pytest.approx(a * p**2 / both, rel=1e-3)
    assert third == pytest.approx(2 * 0.75 * b * p**3 / both, rel=1e-3)
    assert all(map(math.isnan, distortion.ccif(np.zeros(20_000, np.float32), tones)))


def test_the_alias_to_signal_ratio_agrees_with_another_way() -> None:
    """A clipped sine: its harmonics below half the rate from its Fourier series, all the rest is alias."""
    tone, clip = Tone.near(3000.0, RATE), 0.5
    x = np.clip(tone.sine(1.0).astype(np.float64), -clip, clip)[-tone.frames :]
    turn = 2 * np.pi * np.arange(1 << 20) / (1 << 20)
    series = 2 * np.abs(np.fft.rfft(np.clip(np.sin(turn), -clip, clip))) / turn.size
    heard = series[1 : int(RATE / 2 / tone.hz) + 1]
    alias = np.mean(x**2) - np.sum(heard**2) / 2
    found = aliasing.purity(x.astype(np.float32), tone)
    assert found.alias_db == pytest.approx(10 * math.log10(alias / (np.sum(heard**2) / 2)), abs=0.1)
