"""How fast training is on this computer, beside torch's own cells.

Each figure is one update's share of the work: forward and backward pass of a cell with its output layer over
a batch of sequences, for one time step. Both engines take turns in one process and with the same number of
threads, so that what disturbs one disturbs the other; of the turns of each the quickest counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from vastudio.kernels.training import use_threads
from vastudio.nets.gru import GruLayout, run_gru
from vastudio.nets.lstm import LstmLayout, run_lstm
from vastudio.types import STANDARD_RATE

STEPS = 256
"""Time steps per update."""

TURNS = 4

_MICRO = 1e6

Update = Callable[[], object]


def training_rows(
    hidden: Iterable[int] = (16, 32, 48, 64),
    batches: Iterable[int] = (64, 128),
    threads: Iterable[int] | None = None,
    *,
    steps: int = STEPS,
    turns: int = TURNS,
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
        Time steps per update, and updates of each engine.

    Returns
    -------
    One row per combination: `cell`, `hidden`, `batch`, `threads`; `ours_us` and `torch_us`, microseconds per
    time step; `ratio`, their quotient; `audio_seconds_per_second`, seconds of audio at the standard rate
    that our kernel trains on in a second. With the defaults it takes less than a minute.
    """
    counts = sorted({1, os.cpu_count() or 1}) if threads is None else list(threads)
    before = torch.get_num_threads()
    rows = []
    try:
        for cell in ("gru", "lstm"):
            for units in hidden:
                for batch in batches:
                    rows += [_row(cell, units, batch, count, steps, turns) for count in counts]
    finally:
        _set_threads(before)
    return rows


def _row(cell: str, hidden: int, batch: int, threads: int, steps: int, turns: int) -> dict[str, Any]:
    _set_threads(threads)
    ours, theirs = _quickest([_ours(cell, hidden, batch, steps), _theirs(cell, hidden, batch, steps)], turns)
    return {
        "cell": cell,
        "hidden": hidden,
        "batch": batch,
        "threads": threads,
        "ours_us": round(_MICRO * ours / steps, 3),
        "torch_us": round(_MICRO * theirs / steps, 3),
        "ratio": round(theirs / ours, 2),
        "audio_seconds_per_second": round(batch * steps / (ours * STANDARD_RATE), 1),
    }


def _set_threads(count: int) -> None:
    use_threads(count)
    torch.set_num_threads(count)


def _quickest(updates: list[Update], turns: int) -> list[float]:
    """Seconds of the quickest turn of each; the first turns, which compile and claim memory, do not count."""
    seconds: list[list[float]] = [[] for _ in updates]
    for _ in range(1 + turns):
        for update, taken in zip(updates, seconds, strict=True):
            begun = time.perf_counter()
            update()
            taken.append(time.perf_counter() - begun)
    return [min(taken[1:]) for taken in seconds]


def _ours(cell: str, hidden: int, batch: int, steps: int) -> Update:
    layout: GruLayout | LstmLayout = GruLayout(hidden) if cell == "gru" else LstmLayout(hidden)
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
