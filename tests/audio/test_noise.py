"""Noise, hum and DC of silence against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.material import RATE, noise, riff, sine
from vastudio.audio.hum import find_hum
from vastudio.audio.landmarks import Span
from vastudio.audio.noise import measure_floor
from vastudio.types import Audio

SECOND = (Span(0, RATE),)


def hum(mains: float, seconds: float, level_db: float) -> Audio:
    amplitude = 10.0 ** (level_db / 20.0)
    return (
        sine(mains, seconds, amplitude)
        + sine(2 * mains, seconds, amplitude / 2)
        + sine(3 * mains, seconds, amplitude / 4)
    )


@pytest.mark.parametrize("mains", [49.97, 50.0, 60.03])
def test_hum_has_its_frequency_lines_and_level(mains: float) -> None:
    x = hum(mains, 1.0, -50.0) + noise(RATE, 1e-4)
    found = find_hum(x, RATE)
    assert found is not None
    assert found.mains_hz == round(mains, -1)
    assert [line.multiple for line in found.harmonics] == [1, 2, 3]
    levels = [line.level_db for line in found.harmonics]
    assert levels == pytest.approx([-50.0, -56.02, -62.04], abs=0.3)
    assert found.level_db == pytest.approx(-53.01 + 10 * np.log10(1 + 1 / 4 + 1 / 16), abs=0.2)
    assert found.loudest.multiple == 1


@pytest.mark.parametrize("seed", range(20))
def test_noise_does_not_hum(seed: int) -> None:
    assert find_hum(noise(RATE, 1e-3, seed), RATE) is None


def test_notes_are_not_hum_but_hum_under_notes_is_found() -> None:
    x = riff(8.0)
    assert find_hum(x, RATE) is None
    found = find_hum(x + hum(50.0, 8.0, -40.0)[: len(x)], RATE)
    assert found is not None
    assert found.mains_hz == 50.0


def test_too_short_to_tell() -> None:
    assert find_hum(hum(50.0, 0.3, -20.0), RATE) is None


def test_floor_tells_noise_hum_and_dc_apart() -> None:
    x = noise(RATE, 1e-3) + hum(60.0, 1.0, -50.0) + np.float32(0.002)
    floor = measure_floor(x, SECOND, RATE)
    assert floor is not None
    assert floor.noise_db == pytest.approx(-60.0, abs=0.3)
    assert floor.dc == pytest.approx(0.002, abs=1e-4)
    assert floor.hum is not None
    assert floor.rms == pytest.approx(np.std(x.astype(np.float64)), rel=0.02)


def test_floor_needs_a_silence_and_leaves_the_decay_before_it_out() -> None:
    assert measure_floor(noise(RATE, 1e-3), (), RATE) is None
    x = np.concatenate([np.ones(RATE), np.exp(-np.arange(RATE) / 1000.0)]).astype(np.float32)
    floor = measure_floor(x, (Span(RATE, 2 * RATE),), RATE)
    assert floor is not None
    assert floor.noise_db < -90.0
    assert floor.seconds == pytest.approx(0.74)
