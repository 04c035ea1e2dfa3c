"""Delay and polarity between two recordings of one device that were played different things."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.material import RATE, amplified, noise, riff
from tests.audio.test_align import late
from vastudio.audio.transfer import measure_transfer, offset_between


@pytest.mark.parametrize("delay", [0.0, 7.3, -20.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_two_takes_differ_by_delay_and_polarity(delay: float, sign: float) -> None:
    first, second = riff(5.0), riff(10.0)[5 * RATE :]
    one = measure_transfer(first, late(amplified(first), 50.0), RATE, 50)
    other = measure_transfer(second, sign * late(amplified(second), 50.0 + delay), RATE, 55)
    found = offset_between(one, other)
    assert found.delay_samples == pytest.approx(delay, abs=0.6)
    assert found.height > 0.8
    assert found.polarity * sign > 0.5


def test_nothing_in_common_tells_nothing() -> None:
    x = riff(3.0)
    silent = measure_transfer(x, np.zeros_like(x), RATE, 0)
    short = measure_transfer(x[:100], x[:100], RATE, 0)
    for other in (silent, short):
        assert offset_between(measure_transfer(x, x, RATE, 0), other).height == 0.0
    unrelated = measure_transfer(x, noise(len(x), 0.1), RATE, 0)
    assert np.count_nonzero(unrelated.phasors) < 0.05 * len(unrelated.phasors)
