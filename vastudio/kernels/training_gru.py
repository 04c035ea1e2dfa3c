"""The GRU of `training.py`: forward and backward pass of many sequences.

In torch's notation:

    r = σ(W_r x + U_r h + b_r)          z = σ(W_z x + U_z h + b_z)
    m = U_n h + b_hn                    n = tanh(W_n x + b_in + r·m)
    h' = (1 − z)·n + z·h                y = w_out · h'

Rates and gate values are in the order n, r, z, m: the first three depend on the input, the last three on
the state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from vastudio.kernels.jit import LANES, compiled, compiled_parallel, inlined
from vastudio.kernels.simd import Vector, sigmoid, sload, tanh, vfma, vfma_scalar, vload, vsplat, vstore
from vastudio.kernels.training import (
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
from vastudio.kernels.training_panels import panel

STATE_GATES = 3
"""Gates that depend on the state: r, z, m."""

UNITS = 8 if HAS_WIDE_REGISTERS else 4
"""Units whose gates are computed together."""

PANEL = STATE_GATES * UNITS

_ONE = np.float32(1)

_gate_sums = panel(PANEL, 1, accumulate=False)


class GruCells(NamedTuple):
    """One weight set per group, arranged in the order of reading. K = H + 1 + I.

    forward:
        (G, H / UNITS, K, 3, UNITS): per column (states, bias, inputs) the weights of r, z, m; zero where m
        would read an input.
    candidate:
        (G, H, 1 + I): bias and input weights of n.
    backward:
        (G, H / STATE_ROWS, 3H, STATE_ROWS): state weights of r, z, m by the unit they read.
    w_input:
        (G, 3H, I): input weights of n, r, z.
    w_out:
        (G, H).
    """

    forward: Floats
    candidate: Floats
    backward: Floats
    w_input: Floats
    w_out: Floats


@inlined
def _unit(
    cells: GruCells, group: int, j: int, sums: Floats, p: int, columns: Floats, at: int, following: int,
    gates: Floats, g: int, extent: Extent,
) -> Vector:  # fmt: skip
    """Finish unit j: keep its gates, write its new state and return it.

    `sums[p:]` holds the sums of r; those of z and m follow UNITS vectors apart.
    """
    hidden, ends = extent.hidden, 1 + extent.inputs
    r = sigmoid(vload(sums, p))
    z = sigmoid(vload(sums, p + UNITS * LANES))
    m = vload(sums, p + 2 * UNITS * LANES)
    w = (group * hidden + j) * ends
    candidate = vfma(r, m, vsplat(sload(cells.candidate, w)))
    for i in range(1, ends):
        values = vload(columns, at + (hidden + i) * LANES)
        candidate = vfma_scalar(sload(cells.candidate, w + i), values, candidate)
    n = tanh(candidate)
    vstore(gates, g, n)
    vstore(gates, g + LANES, r)
    vstore(gates, g + 2 * LANES, z)
    vstore(gates, g + 3 * LANES, m)
    h = vfma(z, vload(columns, at + j * LANES) - n, n)
    vstore(columns, following + j * LANES, h)
    return h


@compiled
def _forward_block(
    cells: GruCells, x: Floats, columns: Floats, gates: Floats, sums: Floats, y: Floats, keep: bool,
    block: int, extent: Extent,
) -> None:  # fmt: skip
    hidden, group = extent.hidden, block // extent.per_group
    height = hidden + 1 + extent.inputs
    kept_columns, kept_gates = (extent.steps + 1, extent.steps) if keep else (2, 1)
    p = block * PANEL * LANES
    for t in range(extent.steps):
        now, then = (t, t + 1) if keep else (t % 2, (t + 1) % 2)
        at = (block * kept_columns + now) * height * LANES
        following = (block * kept_columns + then) * height * LANES
        g = (block * kept_gates + (t if keep else 0)) * GATES * hidden * LANES
        fill_inputs(columns, at, x, extent, block, t)
        total = vsplat(np.float32(0))
        for j in range(0, hidden, UNITS):
            w = (group * hidden + j) * STATE_GATES * height
            _gate_sums(cells.forward, w, PANEL, columns, at, LANES, sums, p, LANES, height)
            for i in range(UNITS):
                k = j + i
                h = _unit(
                    cells, group, k, sums, p + i * LANES, columns, at, following,
                    gates, g + GATES * k * LANES, extent,
                )  # fmt: skip
                total = vfma_scalar(sload(cells.w_out, group * hidden + k), h, total)
        vstore(y, signal_index(extent, block, t, 1, 0), total)


# The body of a `prange` loop is one call: numba's parallel transformation does not know that `vstore`
# writes, and drops or moves stores it sees.


@compiled_parallel
def gru_forward(
    cells: GruCells, x: Floats, columns: Floats, gates: Floats, sums: Floats, y: Floats, keep: bool,
    extent: Extent,
) -> None:  # fmt: skip
    """Run every block over its time steps: fills `columns`, `gates` and `y`.

    The state rows of `columns[:, 0]` hold the state to start from. Without `keep` there is no way back:
    `columns` is (B, 2, K, L), the last state in `[:, T % 2]`, and `gates` (B, 1, H, 4, L).
    `sums` is scratch of (B, PANEL·L).
    """
    for block in prange(extent.groups * extent.per_group):
        _forward_block(cells, x, columns, gates, sums, y, keep, block, extent)


@inlined
def _unit_back(
    gates: Floats, g: int, h_before: Vector, dh: Vector, rates: Floats, p: int, gate: int
) -> Vector:
    """Write the rates of a unit, `gate` numbers apart; return dh's way past the gates."""
    one = vsplat(_ONE)
    n, r = vload(gates, g), vload(gates, g + LANES)
    z, m = vload(gates, g + 2 * LANES), vload(gates, g + 3 * LANES)
    through = dh * (one - z)
    dn = through * (one - n * n)
    dm = dn * r
    vstore(rates, p, dn)
    vstore(rates, p + gate, dm * m * (one - r))
    vstore(rates, p + 2 * gate, through * (h_before - n) * z)
    vstore(rates, p + 3 * gate, dm)
    return dh * z


@compiled
def _backward_tile(
    cells: GruCells, dy: Floats, columns: Floats, gates: Floats, scratch: Scratch, dh: Floats,
    gradients: Gradients, tile: Tile, extent: Extent,
) -> None:  # fmt: skip
    block, hidden, group = tile.block, extent.hidden, tile.block // extent.per_group
    height = hidden + 1 + extent.inputs
    rates, gate, d = block * GATES * hidden * ROW, hidden * ROW, block * hidden * LANES
    for t in range(tile.stop - 1, tile.start - 1, -1):
        gy = vload(dy, signal_index(extent, block, t, 1, 0))
        at = (block * (extent.steps + 1) + t) * height * LANES
        g = (block * extent.steps + t) * GATES * hidden * LANES
        p = rates + (t - tile.start) * LANES
        for j in range(hidden):
            o = j * LANES
            arriving = vfma_scalar(sload(cells.w_out, group * hidden + j), gy, vload(dh, d + o))
            h_before = vload(columns, at + o)
            past = _unit_back(gates, g + GATES * o, h_before, arriving, scratch.rates, p + j * ROW, gate)
            vstore(dh, d + o, past)
        w = group * STATE_GATES * hidden * hidden
        add_state_gradient(
            cells.backward, w, scratch.rates, p + gate, STATE_GATES * hidden, dh, d, extent,
            gates, g, columns, at,
        )  # fmt: skip
    add_weight_gradients(scratch, columns, dy, gradients, hidden, tile, extent)
    if gradients.x.size:
        w = group * 3 * hidden * extent.inputs
        input_gradient(cells.w_input, w, 3 * hidden, scratch.rates, gradients.x, tile, extent)


@compiled
def _backward_block(
    cells: GruCells, dy: Floats, columns: Floats, gates: Floats, scratch: Scratch, dh: Floats,
    gradients: Gradients, block: int, extent: Extent,
) -> None:  # fmt: skip
    clear_sums(scratch, gradients, block, STATE_GATES * extent.hidden, extent)
    stop = extent.steps
    while stop > 0:
        start = max(0, stop - TILE)
        tile = Tile(block, start, stop)
        _backward_tile(cells, dy, columns, gates, scratch, dh, gradients, tile, extent)
        stop = start
    collect_sums(scratch, gradients, block, extent)


@compiled_parallel
def gru_backward(
    cells: GruCells, dy: Floats, columns: Floats, gates: Floats, scratch: Scratch, dh: Floats,
    gradients: Gradients, extent: Extent,
) -> None:  # fmt: skip
    """Compute the gradients of every block for the output gradient `dy`, after `gru_forward` with `keep`.

    `dh` (B, H, L) holds the gradient that arrives at the last state and is replaced by that of the first.
    """
    for block in prange(extent.groups * extent.per_group):
        _backward_block(cells, dy, columns, gates, scratch, dh, gradients, block, extent)
