"""Timing several engines side by side, so that what disturbs one disturbs the others as well."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from vastudio.types import Audio

Play = Callable[[Audio], object]
"""Plays a signal whose length is a whole number of blocks; the state goes on to the next call."""

_TRIAL_BLOCKS = 8
_FINE_SECONDS = 1e-6

clock = (
    time.thread_time_ns
    if time.get_clock_info("thread_time").resolution <= _FINE_SECONDS
    else time.perf_counter_ns
)
"""Nanoseconds. Where the system counts them finely, those that this thread works, not those it waits for a
core: every engine here runs in the thread that calls it."""


@dataclass(frozen=True)
class Plan:
    """How long to measure.

    Attributes
    ----------
    turn_seconds:
        About how long one engine plays before the next one's turn.
    rounds:
        Turns of each engine.
    """

    turn_seconds: float
    rounds: int


@dataclass(frozen=True)
class Times:
    """Nanoseconds per sample of one engine, one number for each turn, in order."""

    turns: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle turn."""
        return statistics.median(self.turns)

    @property
    def least(self) -> float:
        """The turn that was disturbed least."""
        return min(self.turns)

    def ratio_to(self, other: Times) -> float:
        """How many times longer than `other` this takes: the median over the rounds."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.turns, other.turns, strict=True))


def interleaved(engines: Mapping[str, Play], audio: Audio, block: int, plan: Plan) -> dict[str, Times]:
    """Play parts of `audio` (frames,) through every engine in turns: A B C A B C …

    Each engine gets as many blocks of `block` samples as fill about a turn; `audio` is repeated where it is
    too short. The first turns of each, which load code and data, do not count.
    """
    pieces = {name: _piece(play, audio, block, plan.turn_seconds) for name, play in engines.items()}
    turns: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(plan.rounds):
        for name, play in engines.items():
            turns[name].append(_nanoseconds(play, pieces[name]))
    return {name: Times(tuple(values)) for name, values in turns.items()}


def _piece(play: Play, audio: Audio, block: int, seconds: float) -> Audio:
    """As many whole blocks as `play` manages in about `seconds`."""
    trial = _repeated(audio, _TRIAL_BLOCKS * block)
    play(trial)
    per_sample = min(_nanoseconds(play, trial) for _ in range(2))
    blocks = max(_TRIAL_BLOCKS, round(1e9 * seconds / (per_sample * block)))
    piece = _repeated(audio, blocks * block)
    play(piece)
    return piece


def _repeated(audio: Audio, frames: int) -> Audio:
    return np.resize(audio, frames)


def _nanoseconds(play: Play, audio: Audio) -> float:
    begun = clock()
    play(audio)
    return (clock() - begun) / audio.size
