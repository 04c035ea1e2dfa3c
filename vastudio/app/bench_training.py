"""How fast training is on this computer, beside torch's own cells.

Each figure is one update's share of the work: forward and backward pass of a cell with its output layer over
a batch of sequences, for one time step. Both engines take turns in one process and with the same number of
threads, so that what disturbs one disturbs the other. Of the turns of each the quickest counts; the medians
of wall time and of processor time, summed over the threads, say how much the computer did besides.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any, NamedTuple

import torch
from torch import nn

from vastudio.kernels.cells import Kind
from vastudio.kernels.training import use_threads
from vastudio.nets.cell_layout import CellLayout
from vastudio.nets.gru import run_gru
from vastudio.nets.lstm import run_lstm
from vastudio.types import STANDARD_RATE

STEPS = 1024
"""Time steps per update: half of what training uses, so that a measurement stays short."""

SIZES = (16, 32, 64)
BATCHES = (64,)
ALL_SIZES = (16, 32, 48, 64)
ALL_BATCHES = (64, 128)

TURNS = 9
"""Most updates of each engine per row."""

PATIENCE = 45.0
"""Seconds that the rows of a call share; a row has at least one turn of each engine."""

_MICRO = 1e6

Update = Callable[[], object]


class Turn(NamedTuple):
    """Seconds of one update, on the clock and on all processors together."""

    wall: float
    cpu: float


def training_rows(
    hidden: Iterable[int] = SIZES,
    batches: Iterable[int] = BATCHES,
    threads: Iterable[int] | None = None,
    *,
    steps: int = STEPS,
    turns: int = TURNS,
    patience: float = PATIENCE,
) -> list[dict[str, Any]]:
    """Measure forward and backward passes of GRU and LSTM, one weight set for the whole batch.

    Parameters
    ----------
    hidden:
        Numbers of units.
    batches:
        Numbers of sequences.
    threads:
        Numbers of threads; one and all cores where not given. The process's own settings are restored.
    steps, turns:
        Time steps per update, and updates of each engine at most.
    patience:
        Seconds that all rows together should take: on a busy computer there are fewer turns.

    Returns
    -------
    One row per combination: `cell`, `hidden`, `batch`, `threads`; `ours_us` and `torch_us`, microseconds per
    time step; `ratio`, their quotient; the medians `ours_median_us`, `torch_median_us`, `ours_cpu_us` and
    `torch_cpu_us`; `turns`, of how many updates; `audio_seconds_per_second`, seconds of audio at the standard
    rate that our kernel trains on in a second. With the defaults it takes less than a minute; ALL_SIZES and
    ALL_BATCHES with more `patience` give the full table.
    """
    counts = sorted({1, os.cpu_count() or 1}) if threads is None else list(threads)
    cells: tuple[Kind, ...] = ("gru", "lstm")
    cases = list(product(cells, hidden, batches, counts))
    end = time.perf_counter() + patience
    before = torch.get_num_threads()
    rows = []
    try:
        for i, (cell, units, batch, count) in enumerate(cases):
            now = time.perf_counter()
            share = max(0.0, end - now) / (len(cases) - i)
            _set_threads(count)
            updates = [_ours(cell, units, batch, steps), _theirs(cell, units, batch, steps)]
            ours, theirs = _take_turns(updates, turns, now + share)
            row = {"cell": cell, "hidden": units, "batch": batch, "threads": count}
            rows.append(row | _figures(ours, theirs, batch, steps))
    finally:
        _set_threads(before)
    return rows


def _figures(ours: list[Turn], theirs: list[Turn], batch: int, steps: int) -> dict[str, Any]:
    """What a row says of the turns of both engines."""
    quickest, theirs_quickest = min(ours).wall, min(theirs).wall

    def median_us(seconds: Iterable[float]) -> float:
        return round(_MICRO * statistics.median(seconds) / steps, 3)

    return {
        "ours_us": round(_MICRO * quickest / steps, 3),
        "torch_us": round(_MICRO * theirs_quickest / steps, 3),
        "ratio": round(theirs_quickest / quickest, 2),
        "ours_median_us": median_us(turn.wall for turn in ours),
        "torch_median_us": median_us(turn.wall for turn in theirs),
        "ours_cpu_us": median_us(turn.cpu for turn in ours),
        "torch_cpu_us": median_us(turn.cpu for turn in theirs),
        "turns": len(ours),
        "audio_seconds_per_second": round(batch * steps / (quickest * STANDARD_RATE), 1),
    }


def _set_threads(count: int) -> None:
    use_threads(count)
    torch.set_num_threads(count)


def _take_turns(updates: list[Update], turns: int, end: float) -> list[list[Turn]]:
    """Run the updates by turns, at least once, until `end`; a first time, which compiles, does not count."""
    for update in updates:
        update()
    taken: list[list[Turn]] = [[] for _ in updates]
    for turn in range(turns):
        if turn and time.perf_counter() >= end:
            break
        for update, own in zip(updates, taken, strict=True):
            begun = Turn(time.perf_counter(), time.process_time())
            update()
            own.append(Turn(time.perf_counter() - begun.wall, time.process_time() - begun.cpu))
    return taken


def _ours(cell: Kind, hidden: int, batch: int, steps: int) -> Update:
    layout = CellLayout(cell, hidden)
    run: Callable[..., Any] = run_gru if cell == "gru" else run_lstm
    theta = layout.initial()[None].requires_grad_()
    x = torch.randn(1, steps, batch)
    state = torch.zeros(1, hidden if cell == "gru" else 2 * hidden, batch)

    def update() -> None:
        theta.grad = None
        output, _ = run(x, state, layout.split(theta))
        output.sum().backward()

    return update


def _theirs(cell: str, hidden: int, batch: int, steps: int) -> Update:
    recurrent: nn.RNNBase = nn.GRU(1, hidden) if cell == "gru" else nn.LSTM(1, hidden)
    output_layer = nn.Linear(hidden, 1)
    x = torch.randn(steps, batch, 1)

    def update() -> None:
        for parameter in (*recurrent.parameters(), *output_layer.parameters()):
            parameter.grad = None
        output_layer(recurrent(x)[0]).sum().backward()

    return update
