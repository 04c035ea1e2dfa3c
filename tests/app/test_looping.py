"""Loops made ready for the player."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.app.looping import prepare_loop
from vastudio.audio.resample import resample
from vastudio.types import Audio

RATE = 48_000


def noise(frames: int, seed: int) -> Audio:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, frames).astype(np.float32)


@pytest.mark.parametrize("frames", [700, 1000, 1300])
def test_target_is_as_long_as_the_clean_signal(frames: int) -> None:
    clean, target = noise(1000, 1), noise(frames, 2)

    loop = prepare_loop(clean, target, RATE, RATE)

    shared = min(frames, 1000)
    assert loop.target is not None
    assert loop.target.size == 1000
    assert np.array_equal(loop.target[:shared], target[:shared])
    assert not loop.target[shared:].any()
    assert np.array_equal(loop.clean, clean)


def test_both_come_to_the_players_rate_and_the_outline_is_of_what_is_played() -> None:
    clean, target = noise(4410, 3), noise(4410, 4)

    loop = prepare_loop(clean, target, 44_100, RATE)

    assert loop.rate == RATE
    assert np.array_equal(loop.clean, resample(clean, 44_100, RATE))
    assert loop.target is not None
    assert np.array_equal(loop.target, resample(target, 44_100, RATE))
    assert loop.outline.signal is loop.clean
    assert loop.outline.peak == np.abs(loop.clean).max()


def test_there_may_be_no_target() -> None:
    assert prepare_loop(noise(100, 5), None, RATE, RATE).target is None
