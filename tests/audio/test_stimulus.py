"""The sweep, and clicks found again."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.test_align import late
from vastudio.audio import level, stimulus
from vastudio.errors import AudioFileError

RATE = 48_000


def test_sweep_rises_exponentially_to_full_scale() -> None:
    sweep = stimulus.log_sweep(2.0, RATE, 20.0, 20_000.0)
    assert len(sweep) == 2 * RATE
    assert level.peak_db(sweep) == pytest.approx(0.0, abs=0.05)
    middle = sweep[RATE - 2400 : RATE + 2400]  # after half the time: the geometric mean, 632 Hz
    crossings = np.count_nonzero(np.diff(np.signbit(middle)))
    assert crossings / 2 / (4800 / RATE) == pytest.approx(632.0, rel=0.03)


@pytest.mark.parametrize("delay", [0.0, 37.4, 5000.0])
@pytest.mark.parametrize("gain", [1.0, -0.02])
def test_delay_of_clicks_is_found_in_either_polarity(delay: float, gain: float) -> None:
    rng = np.random.default_rng(0)
    recorded = gain * late(stimulus.blips(RATE), delay)
    recorded += (1e-5 * rng.standard_normal(len(recorded))).astype(np.float32)
    found = stimulus.blip_delay(recorded, RATE)
    assert found.delay_samples == pytest.approx(delay, abs=0.05)
    assert found.spread_samples < 0.1


def test_missing_clicks_are_an_error() -> None:
    noise = (0.01 * np.random.default_rng(0).standard_normal(RATE * 2)).astype(np.float32)
    for recorded in (noise, np.zeros(RATE * 2, np.float32), np.zeros(0, np.float32)):
        with pytest.raises(AudioFileError, match="clicks"):
            stimulus.blip_delay(recorded, RATE)
