"""Levels and loudness, against the standard's table and an independent implementation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from vastudio.audio import io, level
from vastudio.types import Audio


def sine(rate: int, seconds: float, peak: float, hz: float = 997.0) -> Audio:
    return (peak * np.sin(2.0 * np.pi * hz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def test_peak_and_rms() -> None:
    x = sine(48_000, 1.0, 0.5)
    assert level.peak_db(x) == pytest.approx(-6.02, abs=0.01)
    assert level.rms_db(x) == pytest.approx(-9.03, abs=0.01)
    for silence in (np.zeros(10, np.float32), np.zeros(0, np.float32)):
        assert level.peak_db(silence) == -math.inf
        assert level.rms_db(silence) == -math.inf


def test_k_weighting_equals_the_standards_table_at_48_khz() -> None:
    table = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(level.k_weighting(48_000), table, atol=1e-9)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_full_scale_sine_is_minus_3_lufs(rate: int) -> None:
    assert level.integrated_loudness(sine(rate, 3.0, 1.0), rate) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("filters", ["DeMan", "K-weighting"])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_loudness_against_pyloudnorm(rate: int, filters: str) -> None:
    rng = np.random.default_rng(0)
    parts = [gain * rng.standard_normal(rate * 2) for gain in (0.1, 0.001, 0.03, 1e-6)]
    x = np.concatenate(parts).astype(np.float32)
    expected = pyloudnorm.Meter(rate, filter_class=filters).integrated_loudness(x.astype(np.float64))
    # DeMan's filters are those of the standard at any rate; the others are their shape only.
    assert level.integrated_loudness(x, rate) == pytest.approx(
        expected, abs=0.02 if filters == "DeMan" else 0.1
    )


def test_loudness_of_a_guitar_against_pyloudnorm(shared_data: Path) -> None:
    x, rate = io.read(shared_data / "di" / "nam_plugin" / "Guitar DI.wav")
    expected = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(x.astype(np.float64))
    assert level.integrated_loudness(x, rate) == pytest.approx(expected, abs=0.02)


def test_silent_and_short_signals() -> None:
    assert level.integrated_loudness(np.zeros(48_000, np.float32), 48_000) == -math.inf
    assert level.integrated_loudness(np.zeros(0, np.float32), 48_000) == -math.inf
    assert level.integrated_loudness(sine(48_000, 0.2, 1.0), 48_000) == pytest.approx(-3.0, abs=0.2)
