"""Offline rendering: block sizes, silence, automation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models import random_model
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render, render_automation
from vastudio.errors import KnobError
from vastudio.types import Audio

BLOCKS = (1, 63, 64, 65, 8193)
MOVES = [(0, {"knob_1": 1.0}), (1_000, {"knob_1": 9.0}), (1_300, {"knob_2": 0.0}), (9_999, {"knob_1": 4.0})]


def noise(frames: int = 20_000) -> Audio:
    return np.random.default_rng(3).normal(size=frames).astype(np.float32) * np.float32(0.2)


def test_block_size_changes_nothing() -> None:
    model, audio = PlayableModel.from_file(random_model(16)), noise()
    first = render(model, audio, {"knob_1": 2.0}, BLOCKS[0])
    assert first.dtype == np.float32
    assert first.shape == audio.shape
    for block in BLOCKS[1:]:
        assert np.array_equal(first, render(model, audio, {"knob_1": 2.0}, block))


def test_block_size_changes_nothing_while_knobs_turn() -> None:
    model, audio = PlayableModel.from_file(random_model(16)), noise()
    first = render_automation(model, audio, MOVES, BLOCKS[0])
    for block in BLOCKS[1:]:
        assert np.array_equal(first, render_automation(model, audio, MOVES, block))
    assert np.array_equal(first[:1_000], render(model, audio, {"knob_1": 1.0})[:1_000])


@pytest.mark.parametrize("conditioning", ["hyper", "concat"])
def test_silence_stays_silence_at_every_knob_position(conditioning: str) -> None:
    model = PlayableModel.from_file(random_model(24, conditioning=conditioning, seed=4))
    rng = np.random.default_rng(5)
    for _ in range(12):
        values = {"knob_1": rng.uniform(0, 10), "knob_2": rng.uniform(0, 10)}
        assert np.max(np.abs(render(model, np.zeros(24_000, np.float32), values))) < 1e-6  # −120 dBFS


def test_nothing_in_is_nothing_out() -> None:
    model = PlayableModel.from_file(random_model())
    assert render(model, np.zeros(0, np.float32)).size == 0
    assert render_automation(model, np.zeros(0, np.float32), []).size == 0


def test_unknown_knobs_are_refused() -> None:
    with pytest.raises(KnobError):
        render(PlayableModel.from_file(random_model()), noise(10), {"volume": 1.0})
