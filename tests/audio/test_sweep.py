"""The linear part of a device is found, whatever harmonics it makes."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from vastudio.audio import sweep

RATE = 48_000


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("peak", [0.001, 0.5])
def test_the_response_of_known_filters(rate: int, peak: float) -> None:
    clean, hz = sweep.sweep(peak, rate), sweep.octave_steps(rate)
    for sos in (
        scipy.signal.butter(2, 80.0, "high", fs=rate, output="sos"),
        scipy.signal.butter(2, [300.0, 3000.0], "band", fs=rate, output="sos"),
        np.hstack(scipy.signal.iirpeak(1000.0, 2.0, fs=rate))[None],
    ):
        heard = scipy.signal.sosfilt(sos, clean.astype(np.float64)).astype(np.float32)
        found = sweep.linear_response(clean, heard, rate, hz)
        _, expected = scipy.signal.sosfreqz(sos, hz, fs=rate)
        loud = np.abs(expected) > 1e-2
        error_db = 20 * np.log10(np.abs(found[loud]) / np.abs(expected[loud]))
        assert np.abs(error_db).max() < 0.1
        assert np.abs(np.angle(found[loud] / expected[loud])).max() < 0.02


def test_harmonics_do_not_touch_the_linear_part() -> None:
    """x + a·x² has the linear part x; b·x³ adds 3b·A²/4 to it."""
    clean, hz = sweep.sweep(0.5, RATE), sweep.octave_steps(RATE)
    x = clean.astype(np.float64)
    inner = (hz > 30.0) & (hz < 7000.0)
    heard = (x + 0.3 * x**2).astype(np.float32)
    found = np.abs(sweep.linear_response(clean, heard, RATE, hz))[inner]
    np.testing.assert_allclose(found, 1.0, atol=1e-2)
    heard = (x + 0.4 * x**3).astype(np.float32)
    found = np.abs(sweep.linear_response(clean, heard, RATE, hz))[inner]
    np.testing.assert_allclose(found, 1.0 + 0.75 * 0.4 * 0.25, atol=5e-3)


def test_a_delay_is_phase() -> None:
    clean, hz = sweep.sweep(0.5, RATE), np.array([100.0, 1000.0])
    heard = np.concatenate([np.zeros(10, np.float32), clean])[: clean.size]
    found = sweep.linear_response(clean, heard, RATE, hz)
    np.testing.assert_allclose(found, np.exp(-2j * np.pi * hz * 10 / RATE), atol=3e-3)


def test_steps_are_parts_of_octaves() -> None:
    hz = sweep.octave_steps(RATE, 3)
    assert hz[0] == 20.0
    assert hz[3] == pytest.approx(40.0)
    assert hz[-1] < 0.4 * RATE
