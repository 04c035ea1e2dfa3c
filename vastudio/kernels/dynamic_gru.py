"""The dynamic GRU of `dynamic_training.py`: forward and backward pass of many sequences.

    r = σ(d_r·(W_r x + U_r h + b_r))        z = σ(d_z·(W_z x + U_z h + b_z))
    m = U_n h + b_hn                        n = tanh(d_n·(W_n x + b_in + r·m))
    h' = (1 − z)·n + z·h                    y = w_out · h'

Rates and gate values are in the order n, r, z, m as in `training_gru.py`; factors are in the order r, z, n.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from vastudio.kernels.dynamic_training import (
    ScaleGradients,
    Scales,
    add_scale_gradients,
    add_scaler_gradient,
    clear_scales,
    collect_scales,
    factor,
    fetch_products,
    keep_product,
    split_rate,
)
from vastudio.kernels.jit import LANES, compiled, compiled_parallel, inlined
from vastudio.kernels.simd import Vector, sigmoid, sload, tanh, vfma, vfma_scalar, vload, vsplat, vstore
from vastudio.kernels.training import (
    GATES,
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
from vastudio.kernels.training_gru import PANEL, STATE_GATES, UNITS, GruCells
from vastudio.kernels.training_panels import panel

PRODUCTS = 2 * STATE_GATES
"""Factors and sums of a unit."""

_R, _Z, _N = range(STATE_GATES)

_sums = panel(PANEL, 1, accumulate=False)


class GruHistory(NamedTuple):
    """What a forward pass leaves for the backward pass: see `training.py` and `dynamic_training.py`."""

    columns: Floats
    gates: Floats
    products: Floats


@inlined
def _unit(
    cells: GruCells, group: int, j: int, sums: Floats, p: int, history: GruHistory, at: int, following: int,
    g: int, e: int, extent: Extent,
) -> Vector:  # fmt: skip
    """Finish unit j: keep its gates (at g) and products (at e), write its new state and return it.

    `sums[p:]` holds the sum of r; those of z and m follow UNITS vectors apart, and behind the panel D·h.
    """
    hidden, ends = extent.hidden, 1 + extent.inputs
    gate, scaled = UNITS * LANES, p + PANEL * LANES
    d_r, d_z, d_n = factor(sums, scaled), factor(sums, scaled + gate), factor(sums, scaled + 2 * gate)
    r = sigmoid(keep_product(history.products, e, _R, STATE_GATES, d_r, vload(sums, p)))
    z = sigmoid(keep_product(history.products, e, _Z, STATE_GATES, d_z, vload(sums, p + gate)))
    m = vload(sums, p + 2 * gate)
    w = (group * hidden + j) * ends
    candidate = vfma(r, m, vsplat(sload(cells.candidate, w)))
    for i in range(1, ends):
        values = vload(history.columns, at + (hidden + i) * LANES)
        candidate = vfma_scalar(sload(cells.candidate, w + i), values, candidate)
    n = tanh(keep_product(history.products, e, _N, STATE_GATES, d_n, candidate))
    vstore(history.gates, g, n)
    vstore(history.gates, g + LANES, r)
    vstore(history.gates, g + 2 * LANES, z)
    vstore(history.gates, g + 3 * LANES, m)
    h = vfma(z, vload(history.columns, at + j * LANES) - n, n)
    vstore(history.columns, following + j * LANES, h)
    return h


@compiled
def _forward_block(
    cells: GruCells, scales: Scales, x: Floats, history: GruHistory, sums: Floats, y: Floats, keep: bool,
    block: int, extent: Extent,
) -> None:  # fmt: skip
    hidden, group = extent.hidden, block // extent.per_group
    height = hidden + 1 + extent.inputs
    slots, kept = (extent.steps + 1, extent.steps) if keep else (2, 1)
    p = block * 2 * PANEL * LANES
    for t in range(extent.steps):
        now, then = (t, t + 1) if keep else (t % 2, (t + 1) % 2)
        at, following = (block * slots + now) * height * LANES, (block * slots + then) * height * LANES
        scalers = at + (hidden - scales.scalers) * LANES
        unit = (block * kept + (t if keep else 0)) * hidden * LANES
        fill_inputs(history.columns, at, x, extent, block, t)
        total = vsplat(np.float32(0))
        for j in range(0, hidden, UNITS):
            w = (group * hidden + j) * STATE_GATES
            _sums(cells.forward, w * height, PANEL, history.columns, at, LANES, sums, p, LANES, height)
            _sums(
                scales.forward, w * scales.scalers, PANEL, history.columns, scalers, LANES,
                sums, p + PANEL * LANES, LANES, scales.scalers,
            )  # fmt: skip
            for i in range(UNITS):
                o = unit + (j + i) * LANES
                h = _unit(
                    cells, group, j + i, sums, p + i * LANES, history, at, following,
                    GATES * o, PRODUCTS * o, extent,
                )  # fmt: skip
                total = vfma_scalar(sload(cells.w_out, group * hidden + j + i), h, total)
        vstore(y, signal_index(extent, block, t, 1, 0), total)


# The body of a `prange` loop is one call: numba's parallel transformation does not know that `vstore`
# writes, and drops or moves stores it sees.


@compiled_parallel
def dynamic_gru_forward(
    cells: GruCells, scales: Scales, x: Floats, history: GruHistory, sums: Floats, y: Floats, keep: bool,
    extent: Extent,
) -> None:  # fmt: skip
    """Run every block over its time steps: fills `history` and `y`.

    The state rows of `columns[:, 0]` hold the state to start from. Without `keep` there is no way back:
    `columns` is (B, 2, K, L), the last state in `[:, T % 2]`, `gates` (B, 1, H, 4, L) and `products`
    (B, 1, H, 6, L). `sums` is scratch of (B, 2·PANEL·L).
    """
    for block in prange(extent.groups * extent.per_group):
        _forward_block(cells, scales, x, history, sums, y, keep, block, extent)


@inlined
def _unit_back(
    history: GruHistory, g: int, e: int, h_before: Vector, dh: Vector, rates: Floats, back: ScaleGradients,
    p: int, q: int, gate: int,
) -> Vector:  # fmt: skip
    """Write the rates of a unit (from p, `gate` numbers apart) and of its factors (from q).

    Returns dh's way past the gates.
    """
    gates, products, one = history.gates, history.products, vsplat(np.float32(1))
    n, r = vload(gates, g), vload(gates, g + LANES)
    z, m = vload(gates, g + 2 * LANES), vload(gates, g + 3 * LANES)
    through = dh * (one - z)
    dn = split_rate(products, e, _N, STATE_GATES, through * (one - n * n), back, q + 2 * gate)
    dm = dn * r
    vstore(rates, p, dn)
    dr = split_rate(products, e, _R, STATE_GATES, dm * m * (one - r), back, q)
    vstore(rates, p + gate, dr)
    dz = split_rate(products, e, _Z, STATE_GATES, through * (h_before - n) * z, back, q + gate)
    vstore(rates, p + 2 * gate, dz)
    vstore(rates, p + 3 * gate, dm)
    return dh * z


@compiled
def _backward_tile(
    cells: GruCells, scales: Scales, dy: Floats, history: GruHistory, scratch: Scratch, dh: Floats,
    gradients: Gradients, back: ScaleGradients, tile: Tile, extent: Extent,
) -> None:  # fmt: skip
    block, hidden, group = tile.block, extent.hidden, tile.block // extent.per_group
    height, size, gate = hidden + 1 + extent.inputs, hidden * LANES, hidden * ROW
    d, rows = block * size, STATE_GATES * hidden
    for t in range(tile.stop - 1, tile.start - 1, -1):
        gy = vload(dy, signal_index(extent, block, t, 1, 0))
        at = (block * (extent.steps + 1) + t) * height * LANES
        unit = (block * extent.steps + t) * size
        p = block * GATES * gate + (t - tile.start) * LANES
        q = block * STATE_GATES * gate + (t - tile.start) * LANES
        for j in range(hidden):
            o = j * LANES
            arriving = vfma_scalar(sload(cells.w_out, group * hidden + j), gy, vload(dh, d + o))
            fetch_products(history.products, PRODUCTS * (unit + o), PRODUCTS, PRODUCTS * size)
            past = _unit_back(
                history, GATES * (unit + o), PRODUCTS * (unit + o), vload(history.columns, at + o), arriving,
                scratch.rates, back, p + j * ROW, q + j * ROW, gate,
            )  # fmt: skip
            vstore(dh, d + o, past)
        add_state_gradient(
            cells.backward, group * rows * hidden, scratch.rates, p + gate, rows, dh, d, extent,
            history.gates, GATES * unit, history.columns, at,
        )  # fmt: skip
        add_scaler_gradient(scales, group, back, q, rows, dh, d, extent)
    add_weight_gradients(scratch, history.columns, dy, gradients, hidden, tile, extent)
    add_scale_gradients(back, history.columns, tile, rows, scales.scalers, extent)
    if gradients.x.size:
        input_gradient(
            cells.w_input, group * rows * extent.inputs, rows, scratch.rates, gradients.x, tile, extent
        )


@compiled
def _backward_block(
    cells: GruCells, scales: Scales, dy: Floats, history: GruHistory, scratch: Scratch, dh: Floats,
    gradients: Gradients, back: ScaleGradients, block: int, extent: Extent,
) -> None:  # fmt: skip
    rows = STATE_GATES * extent.hidden
    clear_sums(scratch, gradients, block, rows, extent)
    clear_scales(back, block, rows, scales.scalers)
    stop = extent.steps
    while stop > 0:
        start = max(0, stop - TILE)
        tile = Tile(block, start, stop)
        _backward_tile(cells, scales, dy, history, scratch, dh, gradients, back, tile, extent)
        stop = start
    collect_sums(scratch, gradients, block, extent)
    collect_scales(back, block, rows, scales.scalers)


@compiled_parallel
def dynamic_gru_backward(
    cells: GruCells, scales: Scales, dy: Floats, history: GruHistory, scratch: Scratch, dh: Floats,
    gradients: Gradients, back: ScaleGradients, extent: Extent,
) -> None:  # fmt: skip
    """Compute the gradients of every block for the output gradient `dy`, after the forward pass with `keep`.

    `dh` (B, H, L) holds the gradient that arrives at the last state and is replaced by that of the first.
    """
    for block in prange(extent.groups * extent.per_group):
        _backward_block(cells, scales, dy, history, scratch, dh, gradients, back, block, extent)
