"""Engines play in turns, each as many whole blocks as fill its turn, and the figures are what they say."""

from __future__ import annotations

import time

import numpy as np
import pytest

from vastudio.app.bench.timing import Plan, Times, interleaved
from vastudio.types import Audio

BLOCK = 64
AUDIO = np.zeros(100, np.float32)


def test_engines_take_turns_with_whole_blocks() -> None:
    calls: list[tuple[str, int]] = []

    def engine(name: str, seconds: float) -> None:
        def play(audio: Audio) -> None:
            calls.append((name, audio.size))
            time.sleep(seconds * audio.size / BLOCK)

        engines[name] = play

    engines: dict = {}
    engine("a", 1e-4)
    engine("b", 4e-4)
    times = interleaved(engines, AUDIO, BLOCK, Plan(0.01, 5))
    measured = calls[-10:]
    assert [name for name, _ in measured] == ["a", "b"] * 5
    assert all(size % BLOCK == 0 for _, size in calls)
    assert len(set(measured)) == 2
    assert dict(measured)["a"] > dict(measured)["b"]
    assert all(len(each.turns) == 5 for each in times.values())
    assert times["a"].least >= 1e5 / BLOCK


def test_figures_of_turns() -> None:
    quick, slow = Times((2.0, 1.0, 3.0)), Times((8.0, 3.0, 6.0))
    assert quick.median == 2.0
    assert quick.least == 1.0
    assert slow.ratio_to(quick) == pytest.approx(3.0)
