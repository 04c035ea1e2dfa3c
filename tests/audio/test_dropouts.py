"""Holes in a recording."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.material import RATE, amplified, noise, riff
from vastudio.audio.capture_stimulus import capture_stimulus
from vastudio.audio.dropouts import find_dropouts
from vastudio.types import Audio

PLACE = 100_000


def recording() -> tuple[Audio, Audio]:
    x = riff()
    return x, amplified(x)


def test_music_has_no_holes() -> None:
    x, y = recording()
    assert not find_dropouts(y, x, RATE, 0)
    assert not find_dropouts(np.where(np.arange(len(y)) < RATE, 0, y).astype(np.float32), x[:0], RATE, 0)


@pytest.mark.parametrize("frames", [16, 64, 480])
@pytest.mark.parametrize("value", [0.0, None])
def test_held_samples(frames: int, value: float | None) -> None:
    x, y = recording()
    y[PLACE : PLACE + frames] = y[PLACE - 1] if value is None else value
    (hole,) = find_dropouts(y, x, RATE, 0)
    assert hole.kind == "held"
    assert hole.start == pytest.approx(PLACE, abs=1)
    assert hole.frames == pytest.approx(frames, abs=2)


@pytest.mark.parametrize("block", [64, 128, 441, 1024])
def test_a_block_that_comes_twice(block: int) -> None:
    x, y = recording()
    block = 480 if block == 441 else block
    y[PLACE : PLACE + block] = y[PLACE - block : PLACE]
    (hole,) = find_dropouts(y, x, RATE, 0)
    assert (hole.kind, hole.start, hole.frames) == ("repeated", PLACE, block)


def test_a_gap_filled_with_noise() -> None:
    x, y = recording()
    y[PLACE : PLACE + 512] = 0.0
    y += noise(len(y), 1e-5)
    (hole,) = find_dropouts(y, x, RATE, 0)
    assert hole.kind == "gap"
    assert hole.start == pytest.approx(PLACE, abs=150)


def test_digital_silence_between_notes_is_no_hole() -> None:
    x, y = recording()
    y[np.abs(y) < 1e-3 * np.abs(y).max()] = 0.0
    assert not find_dropouts(y, x, RATE, 0)


def test_silence_between_clicks_that_a_wire_gives_back_is_no_hole() -> None:
    clean = capture_stimulus(20.0, 0, 0, RATE).audio
    target = np.concatenate([np.zeros(1024, np.float32), clean])[: clean.size]
    assert find_dropouts(target, clean, RATE, 1024) == ()
    target[300_000:300_064] = 0.0
    assert [hole.start for hole in find_dropouts(target, clean, RATE, 1024)] == [300_000]
