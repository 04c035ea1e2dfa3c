"""The LSTM of `training.py`: forward and backward pass of many sequences.

In torch's notation and gate order, with both biases added:

    i = σ(W_i x + U_i h + b_i)          f = σ(W_f x + U_f h + b_f)
    g = tanh(W_g x + U_g h + b_g)       o = σ(W_o x + U_o h + b_o)
    c' = f·c + i·g                      h' = o·tanh(c')              y = w_out · h'
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from vastudio.kernels.jit import LANES, compiled, compiled_parallel, inlined
from vastudio.kernels.simd import Vector, sigmoid, sload, tanh, vfma, vfma_scalar, vload, vsplat, vstore
from vastudio.kernels.training import (
    AHEAD,
    GATES,
    HAS_WIDE_REGISTERS,
    ROW,
    TILE,
    Extent,
    Floats,
    Gradients,
    Scratch,
    Tile,
    add_state_gradient,
    add_weight_gradients,
    clear_sums,
    collect_sums,
    fill_inputs,
    input_gradient,
    signal_index,
)
from vastudio.kernels.training_panels import panel, prefetch

UNITS = 4 if HAS_WIDE_REGISTERS else 2
"""Units whose gates are computed together."""

PANEL = GATES * UNITS

_ONE = np.float32(1)

_gate_sums = panel(PANEL, 1, accumulate=False)


class LstmCells(NamedTuple):
    """One weight set per group, arranged in the order of reading. K = H + 1 + I.

    forward:
        (G, H / UNITS, K, 4, UNITS): per column (states, bias, inputs) the weights of i, f, g, o.
    backward:
        (G, H / STATE_ROWS, 4H, STATE_ROWS): state weights of the gates by the unit they read.
    w_input:
        (G, 4H, I).
    w_out:
        (G, H).
    """

    forward: Floats
    backward: Floats
    w_input: Floats
    w_out: Floats


class LstmHistory(NamedTuple):
    """What a forward pass leaves for the backward pass: columns and gates as in `training.py`, and
    memory, the cell states (B, T + 1, H, L).
    """

    columns: Floats
    gates: Floats
    memory: Floats


@inlined
def _unit(sums: Floats, p: int, history: LstmHistory, g: int, before: int, after: int) -> Vector:
    """Finish a unit: keep its gates, write its cell state and return its new state.

    `sums[p:]` holds the sum of i; those of f, g and o follow UNITS vectors apart.
    """
    i = sigmoid(vload(sums, p))
    f = sigmoid(vload(sums, p + UNITS * LANES))
    candidate = tanh(vload(sums, p + 2 * UNITS * LANES))
    o = sigmoid(vload(sums, p + 3 * UNITS * LANES))
    c = vfma(f, vload(history.memory, before), i * candidate)
    vstore(history.gates, g, i)
    vstore(history.gates, g + LANES, f)
    vstore(history.gates, g + 2 * LANES, candidate)
    vstore(history.gates, g + 3 * LANES, o)
    vstore(history.memory, after, c)
    return o * tanh(c)


@compiled
def _forward_block(
    cells: LstmCells, x: Floats, history: LstmHistory, sums: Floats, y: Floats, keep: bool, block: int,
    extent: Extent,
) -> None:  # fmt: skip
    hidden, group = extent.hidden, block // extent.per_group
    size, height = hidden * LANES, hidden + 1 + extent.inputs
    slots, kept_gates = (extent.steps + 1, extent.steps) if keep else (2, 1)
    p = block * PANEL * LANES
    for t in range(extent.steps):
        now, then = (t, t + 1) if keep else (t % 2, (t + 1) % 2)
        at, following = (block * slots + now) * height * LANES, (block * slots + then) * height * LANES
        before, after = (block * slots + now) * size, (block * slots + then) * size
        g = (block * kept_gates + (t if keep else 0)) * GATES * size
        fill_inputs(history.columns, at, x, extent, block, t)
        total = vsplat(np.float32(0))
        for j in range(0, hidden, UNITS):
            w = (group * hidden + j) * GATES * height
            _gate_sums(cells.forward, w, PANEL, history.columns, at, LANES, sums, p, LANES, height)
            for i in range(UNITS):
                o = (j + i) * LANES
                h = _unit(sums, p + i * LANES, history, g + GATES * o, before + o, after + o)
                vstore(history.columns, following + o, h)
                total = vfma_scalar(sload(cells.w_out, group * hidden + j + i), h, total)
        vstore(y, signal_index(extent, block, t, 1, 0), total)


# The body of a `prange` loop is one call: numba's parallel transformation does not know that `vstore`
# writes, and drops or moves stores it sees.


@compiled_parallel
def lstm_forward(
    cells: LstmCells, x: Floats, history: LstmHistory, sums: Floats, y: Floats, keep: bool, extent: Extent
) -> None:
    """Run every block over its time steps: fills `history` and `y`.

    The state rows of `columns[:, 0]` and `memory[:, 0]` hold the states to start from. Without `keep` there
    is no way back: `columns` is (B, 2, K, L) and `memory` (B, 2, H, L), the last states in `[:, T % 2]`, and
    `gates` (B, 1, H, 4, L). `sums` is scratch of (B, PANEL·L).
    """
    for block in prange(extent.groups * extent.per_group):
        _forward_block(cells, x, history, sums, y, keep, block, extent)


@inlined
def _unit_back(
    gates: Floats,
    g: int,
    c_before: Vector,
    h: Vector,
    dh: Vector,
    dc: Vector,
    rates: Floats,
    p: int,
    gate: int,
) -> Vector:
    """Write the rates of a unit, `gate` numbers apart; return the gradient of its former cell state.

    With h = o·tanh(c), both dh/do = tanh(c) and dh/dc = o·(1 − tanh²c) follow from h and o alone.
    """
    one = vsplat(_ONE)
    i, f = vload(gates, g), vload(gates, g + LANES)
    candidate, o = vload(gates, g + 2 * LANES), vload(gates, g + 3 * LANES)
    arriving = vfma(dh, o - h * h / o, dc)
    through = arriving * i
    back = arriving * f
    vstore(rates, p, through * candidate * (one - i))
    vstore(rates, p + gate, back * c_before * (one - f))
    vstore(rates, p + 2 * gate, through * (one - candidate * candidate))
    vstore(rates, p + 3 * gate, dh * h * (one - o))
    return back


@compiled
def _backward_tile(
    cells: LstmCells, dy: Floats, history: LstmHistory, scratch: Scratch, dh: Floats, dc: Floats,
    gradients: Gradients, tile: Tile, extent: Extent,
) -> None:  # fmt: skip
    block, hidden, group = tile.block, extent.hidden, tile.block // extent.per_group
    size, height = hidden * LANES, hidden + 1 + extent.inputs
    rates, d, w = block * GATES * hidden * ROW, block * size, group * GATES * hidden * hidden
    for t in range(tile.stop - 1, tile.start - 1, -1):
        gy = vload(dy, signal_index(extent, block, t, 1, 0))
        following = (block * (extent.steps + 1) + t + 1) * height * LANES
        before = (block * (extent.steps + 1) + t) * size
        g = (block * extent.steps + t) * GATES * size
        p = rates + (t - tile.start) * LANES
        for j in range(hidden):
            o = j * LANES
            arriving = vfma_scalar(sload(cells.w_out, group * hidden + j), gy, vload(dh, d + o))
            prefetch(history.memory, before + o - AHEAD * size)
            h, c_before = vload(history.columns, following + o), vload(history.memory, before + o)
            back = _unit_back(
                history.gates, g + GATES * o, c_before, h, arriving, vload(dc, d + o),
                scratch.rates, p + j * ROW, hidden * ROW,
            )  # fmt: skip
            vstore(dc, d + o, back)
            vstore(dh, d + o, vsplat(np.float32(0)))
        add_state_gradient(
            cells.backward, w, scratch.rates, p, GATES * hidden, dh, d, extent,
            history.gates, g, history.columns, following,
        )  # fmt: skip
    add_weight_gradients(scratch, history.columns, dy, gradients, 0, tile, extent)
    if gradients.x.size:
        w = group * GATES * hidden * extent.inputs
        input_gradient(cells.w_input, w, GATES * hidden, scratch.rates, gradients.x, tile, extent)


@compiled
def _backward_block(
    cells: LstmCells, dy: Floats, history: LstmHistory, scratch: Scratch, dh: Floats, dc: Floats,
    gradients: Gradients, block: int, extent: Extent,
) -> None:  # fmt: skip
    clear_sums(scratch, gradients, block, GATES * extent.hidden, extent)
    stop = extent.steps
    while stop > 0:
        start = max(0, stop - TILE)
        tile = Tile(block, start, stop)
        _backward_tile(cells, dy, history, scratch, dh, dc, gradients, tile, extent)
        stop = start
    collect_sums(scratch, gradients, block, extent)


@compiled_parallel
def lstm_backward(
    cells: LstmCells, dy: Floats, history: LstmHistory, scratch: Scratch, dh: Floats, dc: Floats,
    gradients: Gradients, extent: Extent,
) -> None:  # fmt: skip
    """Compute the gradients of every block for the output gradient `dy`, after `lstm_forward` with `keep`.

    `dh` and `dc` (B, H, L) hold the gradients that arrive at the last states and are replaced by those of
    the first.
    """
    for block in prange(extent.groups * extent.per_group):
        _backward_block(cells, dy, history, scratch, dh, dc, gradients, block, extent)
