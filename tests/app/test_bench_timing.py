"""Engines play in turns, each as many whole blocks as fill its turn, and the figures are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.app.bench import timing
from vastudio.app.bench.timing import Plan, Play, Times, interleaved
from vastudio.types import Audio

BLOCK = 64
AUDIO = np.zeros(100, np.float32)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock that stands still: its nanoseconds, to be moved by whoever works."""
    nanoseconds = [0]
    monkeypatch.setattr(timing, "clock", lambda: nanoseconds[0])
    return nanoseconds


def test_engines_take_turns_with_whole_blocks(now: list[int]) -> None:
    calls: list[tuple[str, int]] = []

    def engine(name: str, per_sample: int) -> Play:
        def play(audio: Audio) -> None:
            calls.append((name, audio.size))
            now[0] += per_sample * audio.size

        return play

    times = interleaved({"a": engine("a", 100), "b": engine("b", 400)}, AUDIO, BLOCK, Plan(0.01, 5))
    assert calls[-10:] == [("a", 1562 * BLOCK), ("b", 391 * BLOCK)] * 5
    assert all(size % BLOCK == 0 for _, size in calls)
    assert times == {"a": Times((100.0,) * 5), "b": Times((400.0,) * 5)}


def test_the_clock_moves_while_this_thread_works() -> None:
    begun = timing.clock()
    sum(range(200_000))
    assert timing.clock() > begun


def test_figures_of_turns() -> None:
    quick, slow = Times((2.0, 1.0, 3.0)), Times((8.0, 3.0, 6.0))
    assert quick.median == 2.0
    assert quick.least == 1.0
    assert slow.ratio_to(quick) == pytest.approx(3.0)
