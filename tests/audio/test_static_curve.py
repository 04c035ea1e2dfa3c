"""Static curves of known devices."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from vastudio.audio.static_curve import period_frames, slow_sine, transfer_curve
from vastudio.types import Audio

RATE = 48_000
PERIOD = RATE // 50


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("hz", [50.0, 1000.0])
def test_the_curve_of_a_device_without_memory_is_the_device(rate: int, hz: float) -> None:
    clean = slow_sine(hz, 0.8, rate)
    curve = transfer_curve(clean, np.tanh(3.0 * clean), period_frames(hz, rate))
    assert curve.inputs[[0, 32, -1]] == pytest.approx([-0.8, 0.0, 0.8], abs=1e-5)
    for branch in (curve.rising, curve.falling):
        np.testing.assert_allclose(branch, np.tanh(3.0 * curve.inputs), atol=1e-4)
    assert curve.opening < 1e-4
    assert curve.asymmetry == pytest.approx(0.0, abs=1e-5)


def test_memory_opens_the_curve() -> None:
    """A play of 0.1 (backlash) follows 0.1 below on the way up and 0.1 above on the way down."""
    clean = slow_sine(50.0, 0.5, RATE)

    def backlash(x: Audio) -> Audio:
        out, here = np.empty_like(x), 0.0
        for i, value in enumerate(x):
            here = min(max(here, value - 0.1), value + 0.1)
            out[i] = here
        return out

    curve = transfer_curve(clean, backlash(clean), PERIOD)
    middle = len(curve.inputs) // 2
    assert curve.rising[middle] == pytest.approx(-0.1, abs=1e-3)
    assert curve.falling[middle] == pytest.approx(0.1, abs=1e-3)
    assert curve.opening == pytest.approx(0.2 / 0.8, abs=2e-3)


def test_a_filter_opens_the_curve_by_the_sine_of_its_phase() -> None:
    clean = slow_sine(50.0, 0.5, RATE)
    b, a = scipy.signal.butter(1, 500.0, fs=RATE)
    curve = transfer_curve(clean, scipy.signal.lfilter(b, a, clean).astype(np.float32), PERIOD)
    _, response = scipy.signal.freqz(b, a, [50.0], fs=RATE)
    assert curve.opening == pytest.approx(abs(np.sin(np.angle(response[0]))), rel=1e-2)


def test_asymmetry_and_silence() -> None:
    clean = slow_sine(50.0, 1.0, RATE)
    assert transfer_curve(clean, np.clip(clean, -0.5, 1.0), PERIOD).asymmetry == pytest.approx(
        1 / 3, abs=1e-3
    )
    silent = transfer_curve(clean, np.zeros_like(clean), PERIOD)
    assert (silent.opening, silent.asymmetry) == (0.0, 0.0)
