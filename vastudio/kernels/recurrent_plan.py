"""How a recurrent cell of a given size is best computed. The choices were made by measuring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from vastudio.kernels.cells import GATE_COUNT, Kind
from vastudio.kernels.jit import LANES, MAX_LANES

FAST_CACHE = 28 * 1024
"""Bytes of weights that stay in the fastest cache, in most processors one of 32 KiB."""


@dataclass(frozen=True)
class Plan:
    """The choices that are left open by a kind and a size.

    Attributes
    ----------
    lanes:
        Widest vector.
    group:
        Most chunks in a panel.
    sets:
        Sets of sums, so that multiply-adds need not wait for each other.
    tail:
        How many columns, the last ones, are taken chunk by chunk.
    sweeps:
        Whether instead each panel takes all columns on its own, for want of registers.
    order:
        The gates, in groups whose columns are taken together.
    head:
        How many columns, the first ones, get their number of the state from registers: sooner than from
        memory.
    hold:
        Whether these numbers stay in registers over the groups of gates.
    unroll:
        Columns in one round of a loop; 0: no loop.
    zigzag:
        Whether every second sample goes backwards.
    """

    lanes: int
    group: int
    sets: int
    tail: int
    sweeps: bool
    order: tuple[str, ...]
    head: int = 8
    hold: bool = False
    unroll: int = 0
    zigzag: bool = False


@cache
def best_plan(kind: Kind, hidden: int, lanes: int = LANES) -> Plan:
    """Return the plan that was found best for a size and the width of vectors."""
    chunks = -(-hidden // lanes)
    if chunks == 1:
        return _single(kind, hidden, lanes)
    large = 4 * GATE_COUNT[kind] * hidden * hidden > FAST_CACHE
    all_gates = ("rzn",) if kind == "gru" else ("gifo",)
    if lanes == MAX_LANES:
        group, sets = chunks, 2 if chunks == 2 and hidden % lanes == 0 else 1
    else:  # 16 registers
        group, sets = _narrow(kind, chunks)
    return Plan(
        lanes,
        group,
        sets,
        tail=16 if large else 8,
        sweeps=group < chunks,
        order=all_gates,
        head=0 if large else 8,
        unroll=4 if large else 0,
        zigzag=large,
    )


def _single(kind: Kind, hidden: int, lanes: int) -> Plan:
    """All units in one vector: what counts is how soon each gate function can begin."""
    many = lanes == MAX_LANES
    order = (("r", "zn") if many and hidden > 8 else ("r", "n", "z")) if kind == "gru" else ("g", "if", "o")
    return Plan(lanes, 1, 4, tail=hidden, sweeps=False, order=order, hold=many)


def _narrow(kind: Kind, chunks: int) -> tuple[int, int]:
    """Chunks in a panel and sets of sums, at most twelve sums at a time."""
    if chunks == 2:
        return 2, 2
    if kind == "lstm":
        return 3, 1
    return (2, 2) if chunks == 4 else (4, 1)
