"""One button for the looper: begin, close, add; in time with the metronome where it runs."""

from __future__ import annotations

import math

from vastudio.engine.metronome import BeatGrid
from vastudio.engine.stream import Player


def press(player: Player) -> None:
    """Do what comes next: record, close, add to the loop, end that, or play a loop that was stopped.

    While the metronome runs a loop begins on the beat that is nearest and is whole bars long: what was played
    a moment too early is in it, and what is missing at its end is still taken.
    """
    looper, grid = player.looper, player.metronome.grid
    if looper.state == "empty":
        looper.begin(None if grid is None else grid.nearest_beat(looper.clock))
    elif looper.state == "recording":
        looper.close(None if grid is None else grid.whole_bars(looper.length))
    elif looper.state == "stopped":
        looper.play(from_start=grid is None)
    else:
        looper.overdub(looper.state == "playing")


def keep_last(player: Player, amount: float) -> None:
    """Loop what was just played: so many seconds of it; bars up to the last beat while the metronome runs."""
    looper, grid = player.looper, player.metronome.grid
    if grid is None:
        looper.keep_last(round(amount * player.sample_rate))
    else:
        looper.keep_last(round(amount * grid.beats * grid.period), _last_beat(grid, looper.clock))


def _last_beat(grid: BeatGrid, frame: int) -> int:
    return math.ceil(grid.origin + math.floor((frame - grid.origin) / grid.period) * grid.period)
