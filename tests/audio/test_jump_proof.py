"""Which jumps of a delay are proven, and that a device's own are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from tests.audio.material import RATE, amplified, riff
from vastudio.audio.jump_proof import Witness, proven_jumps
from vastudio.audio.movement import Jump
from vastudio.types import Audio

SECONDS = 8.0


def moved(y: Audio, at_s: float, samples: int) -> Audio:
    """Samples lost (negative) or repeated (positive) at one place."""
    place = round(at_s * RATE)
    return np.pad(np.concatenate([y[:place], y[place - samples :]]), (0, max(0, -samples)))[: len(y)]


@pytest.mark.parametrize("samples", [-480, -64, 16, 64, 256])
def test_lost_and_repeated_blocks_are_proven_by_music_alone(samples: int) -> None:
    x = riff(SECONDS)
    y = moved(amplified(x), 4.0, samples)
    seeming = (Jump(2.1, 2.2), Jump(3.9, samples + 0.3), Jump(6.0, -1.6))
    assert proven_jumps(x, y, RATE, 0, seeming, ()) == (Jump(3.9, float(samples)),)


def test_two_blocks_are_proven_each_by_itself() -> None:
    x = riff(SECONDS)
    y = moved(moved(amplified(x), 5.5, 128), 2.5, -64)
    seeming = (Jump(2.5, -64.0), Jump(5.5, 128.2))
    assert proven_jumps(x, y, RATE, 0, seeming, ()) == (Jump(2.5, -64.0), Jump(5.5, 128.0))


def test_a_device_that_answers_later_when_it_is_loud_has_no_jump() -> None:
    x = riff(SECONDS)
    low = signal.sosfilt(signal.butter(4, 500.0, fs=RATE, output="sos"), x)
    y = np.where(np.arange(len(x)) < len(x) // 2, x, low).astype(np.float32)
    for samples in (2.0, -3.0, 9.0, 24.0):
        assert not proven_jumps(x, y, RATE, 0, (Jump(4.0, samples),), ())


def test_few_samples_take_a_witness_that_says_the_same() -> None:
    x = riff(2.0)
    seeming = (Jump(0.5, 2.0), Jump(1.0, -1.3))
    assert not proven_jumps(x, x, RATE, 0, seeming, ())
    assert not proven_jumps(x, x, RATE, 0, seeming, [Witness(0.1, 1.8, 0.02)])
    assert not proven_jumps(x, x, RATE, 0, seeming, [Witness(0.1, 1.8, -1.45)]), "samples are lost whole"
    assert proven_jumps(x, x, RATE, 0, seeming, [Witness(0.1, 1.8, -1.02)]) == (Jump(1.0, -1.0),)
    assert not proven_jumps(x, x, RATE, 0, seeming, [Witness(1.2, 1.8, -1.0)]), "it saw neither"


def test_a_witness_outweighs_the_phase() -> None:
    x = riff(SECONDS)
    y = moved(amplified(x), 4.0, 64)
    assert not proven_jumps(x, y, RATE, 0, (Jump(4.0, 64.0),), [Witness(1.0, 7.0, 0.01)])
    assert proven_jumps(x, y, RATE, 0, (Jump(4.0, 64.0),), [Witness(1.0, 7.0, 64.01)])
