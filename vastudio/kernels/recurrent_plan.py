"""How a recurrent cell of a given size is best computed. All choices were made by measuring."""

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
        Sets of sums.
    unroll:
        Columns in one round of a loop; 0: no loop.
    fence:
        Columns between two fences of unrolled code; 0: none.
    hold:
        Whether the broadcast numbers of the state are kept in registers over the gates.
    zigzag:
        Whether every second sample goes backwards.
    sweeps:
        Whether each panel takes all columns on its own.
    order:
        Of a single chunk's gates, in groups.
    """

    lanes: int
    group: int
    sets: int
    unroll: int = 0
    fence: int = 4
    hold: bool = False
    zigzag: bool = False
    sweeps: bool = False
    order: tuple[str, ...] = ()


@cache
def best_plan(kind: Kind, hidden: int, lanes: int = LANES) -> Plan:
    """Return the plan that was found best for a size."""
    gates = GATE_COUNT[kind]
    large = 4 * gates * hidden * hidden > FAST_CACHE
    if hidden <= lanes:
        order = ("r", "zn") if kind == "gru" else ("ig", "f", "o")
        return Plan(lanes, 1, 4, order=order, hold=lanes == MAX_LANES)
    if lanes == MAX_LANES:
        sets = 2 if gates * hidden <= 128 else 1
        return Plan(lanes, 8, sets, unroll=4 if large else 0, zigzag=large)
    group = 4 if kind == "gru" else 3
    few = -(-hidden // lanes) <= group
    return Plan(lanes, group, 1, unroll=4 if large else 0, sweeps=not few, zigzag=large)
