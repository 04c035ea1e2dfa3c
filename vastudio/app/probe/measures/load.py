"""Load: how much of a processor core playing takes, at every block size a device may ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from vastudio.app.bench.timing import Plan, interleaved
from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.stimuli import standard_phrase
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Scale, Verdict
from vastudio.types import KnobValues

BLOCKS = (16, 32, 64, 128, 256, 512, 1024)
USUAL_BLOCK = 64
SCALE = Scale(25.0, 60.0, "% of a core")

BUSY_PERCENT = 10.0
"""When others had the core for longer than this, the figures may be too high: it is said."""

own_clock, wall_clock = time.thread_time, time.perf_counter
"""Seconds that this thread worked, and that went by."""

_PLAN = Plan(turn_seconds=0.01, rounds=7)


@dataclass(frozen=True)
class LoadAt:
    """Time to play at one block size: the least of several turns, so that others' work does not count."""

    block_frames: int
    nanoseconds_per_sample: float
    core_percent: float


@dataclass(frozen=True)
class Load:
    """By ascending block size. Unlike all other measures this depends on the computer.

    Attributes
    ----------
    waited_percent:
        Share of the time of measuring in which others had the core.
    """

    blocks: tuple[LoadAt, ...]
    waited_percent: float = 0.0

    @property
    def is_disturbed(self) -> bool:
        """Whether other work ran beside it, so that the figures may be too high."""
        return self.waited_percent > BUSY_PERCENT

    def at(self, frames: int) -> LoadAt:
        """The entry for a block size."""
        return next(load for load in self.blocks if load.block_frames == frames)


def run(subject: Subject, values: KnobValues) -> Load | None:
    """Time every block size; None for what cannot play in blocks."""
    if subject.stream is None:
        return None
    play, loads = subject.stream(values), []
    own, wall = own_clock(), wall_clock()
    for block in BLOCKS:
        timed = interleaved(
            {"model": lambda audio, block=block: play(audio, block)},  # type: ignore[misc]
            standard_phrase(subject.sample_rate),
            block,
            _PLAN,
        )
        least = timed["model"].least
        loads.append(LoadAt(block, round(least, 1), round(least * subject.sample_rate * 1e-7, 3)))
    worked, passed = own_clock() - own, wall_clock() - wall
    waited = 100.0 * max(0.0, 1.0 - worked / passed) if passed > 0.0 else 0.0
    return Load(tuple(loads), round(waited, 1))


def judge(result: Load) -> tuple[Verdict, ...]:
    """Judge the usual block size."""
    percent = result.at(USUAL_BLOCK).core_percent
    verdict = SCALE.verdict("load", "Load", percent, (
        "The model plays live on this computer with room for more.",
        "The model plays live on this computer, but leaves little room for anything else.",
        "The model is too heavy to be played live on this computer without dropouts.",
    ))  # fmt: skip
    if result.is_disturbed:
        verdict = replace(verdict, sentence=f"{verdict.sentence} {_disturbance(result)}")
    return (verdict,)


def _disturbance(result: Load) -> str:
    return (
        f"Other work had the core for {result.waited_percent:.0f} % of the time: "
        "probe again when the computer is quiet."
    )


def grid(result: Load) -> Grid:
    """A row for every block size."""
    rows = (
        (str(load.block_frames), f"{load.nanoseconds_per_sample:.0f}", f"{load.core_percent:.2f}")
        for load in result.blocks
    )
    return Grid(("frames", "ns per sample", "% of a core"), tuple(rows))


MEASURE = Measure("Load by block size", run, judge, grid)
