"""The dynamic LSTM of `dynamic_training.py`: forward and backward pass of many sequences.

    i = σ(d_i·(W_i x + U_i h + b_i))        f = σ(d_f·(W_f x + U_f h + b_f))
    g = tanh(d_g·(W_g x + U_g h + b_g))     o = σ(d_o·(W_o x + U_o h + b_o))
    c' = f·c + i·g                          h' = o·tanh(c')              y = w_out · h'

Rates, gate values and factors are in the order i, f, g, o.
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
    AHEAD,
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
from vastudio.kernels.training_lstm import PANEL, UNITS, LstmCells
from vastudio.kernels.training_panels import panel, prefetch

PRODUCTS = 2 * GATES
"""Factors and sums of a unit."""

_I, _F, _G, _O = range(GATES)

_sums = panel(PANEL, 1, accumulate=False)


class LstmHistory(NamedTuple):
    """What a forward pass leaves for the backward pass: columns, gates and products as in `training.py` and
    `dynamic_training.py`, and memory, the cell states (B, T + 1, H, L).
    """

    columns: Floats
    gates: Floats
    products: Floats
    memory: Floats


@inlined
def _gate(sums: Floats, p: int, products: Floats, e: int, gate: int) -> Vector:
    """What enters a gate: `sums[p:]` holds the sums of UNITS units and behind the panel D·h."""
    at = p + gate * UNITS * LANES
    return keep_product(products, e, gate, GATES, factor(sums, at + PANEL * LANES), vload(sums, at))


@inlined
def _unit(sums: Floats, p: int, history: LstmHistory, g: int, e: int, before: int, after: int) -> Vector:
    """Finish a unit: keep its gates and products, write its cell state and return its new state."""
    i = sigmoid(_gate(sums, p, history.products, e, _I))
    f = sigmoid(_gate(sums, p, history.products, e, _F))
    candidate = tanh(_gate(sums, p, history.products, e, _G))
    o = sigmoid(_gate(sums, p, history.products, e, _O))
    c = vfma(f, vload(history.memory, before), i * candidate)
    vstore(history.gates, g, i)
    vstore(history.gates, g + LANES, f)
    vstore(history.gates, g + 2 * LANES, candidate)
    vstore(history.gates, g + 3 * LANES, o)
    vstore(history.memory, after, c)
    return o * tanh(c)


@compiled
def _forward_block(
    cells: LstmCells, scales: Scales, x: Floats, history: LstmHistory, sums: Floats, y: Floats, keep: bool,
    block: int, extent: Extent,
) -> None:  # fmt: skip
    hidden, group = extent.hidden, block // extent.per_group
    size, height = hidden * LANES, hidden + 1 + extent.inputs
    slots, kept = (extent.steps + 1, extent.steps) if keep else (2, 1)
    p = block * 2 * PANEL * LANES
    for t in range(extent.steps):
        now, then = (t, t + 1) if keep else (t % 2, (t + 1) % 2)
        at, following = (block * slots + now) * height * LANES, (block * slots + then) * height * LANES
        scalers = at + (hidden - scales.scalers) * LANES
        before, after = (block * slots + now) * size, (block * slots + then) * size
        unit = (block * kept + (t if keep else 0)) * size
        fill_inputs(history.columns, at, x, extent, block, t)
        total = vsplat(np.float32(0))
        for j in range(0, hidden, UNITS):
            w = (group * hidden + j) * GATES
            _sums(cells.forward, w * height, PANEL, history.columns, at, LANES, sums, p, LANES, height)
            _sums(
                scales.forward, w * scales.scalers, PANEL, history.columns, scalers, LANES,
                sums, p + PANEL * LANES, LANES, scales.scalers,
            )  # fmt: skip
            for i in range(UNITS):
                o = (j + i) * LANES
                h = _unit(
                    sums, p + i * LANES, history, GATES * (unit + o), PRODUCTS * (unit + o),
                    before + o, after + o,
                )  # fmt: skip
                vstore(history.columns, following + o, h)
                total = vfma_scalar(sload(cells.w_out, group * hidden + j + i), h, total)
        vstore(y, signal_index(extent, block, t, 1, 0), total)


# The body of a `prange` loop is one call: numba's parallel transformation does not know that `vstore`
# writes, and drops or moves stores it sees.


@compiled_parallel
def dynamic_lstm_forward(
    cells: LstmCells, scales: Scales, x: Floats, history: LstmHistory, sums: Floats, y: Floats, keep: bool,
    extent: Extent,
) -> None:  # fmt: skip
    """Run every block over its time steps: fills `history` and `y`.

    The state rows of `columns[:, 0]` and `memory[:, 0]` hold the states to start from. Without `keep` there
    is no way back: `columns` is (B, 2, K, L) and `memory` (B, 2, H, L), the last states in `[:, T % 2]`,
    `gates` (B, 1, H, 4, L) and `products` (B, 1, H, 8, L). `sums` is scratch of (B, 2·PANEL·L).
    """
    for block in prange(extent.groups * extent.per_group):
        _forward_block(cells, scales, x, history, sums, y, keep, block, extent)


@inlined
def _unit_back(
    history: LstmHistory, g: int, e: int, c_before: Vector, h: Vector, dh: Vector, dc: Vector, rates: Floats,
    back: ScaleGradients, p: int, q: int, gate: int,
) -> Vector:  # fmt: skip
    """Write the rates of a unit (from p, `gate` numbers apart) and of its factors (from q).

    Returns the gradient of its former cell state. With h = o·tanh(c), both dh/do = tanh(c) and
    dh/dc = o·(1 − tanh²c) follow from h and o alone.
    """
    gates, products, one = history.gates, history.products, vsplat(np.float32(1))
    i, f = vload(gates, g), vload(gates, g + LANES)
    candidate, o = vload(gates, g + 2 * LANES), vload(gates, g + 3 * LANES)
    arriving = vfma(dh, o - h * h / o, dc)
    through, kept = arriving * i, arriving * f
    di = split_rate(products, e, _I, GATES, through * candidate * (one - i), back, q)
    df = split_rate(products, e, _F, GATES, kept * c_before * (one - f), back, q + gate)
    dg = split_rate(products, e, _G, GATES, through * (one - candidate * candidate), back, q + 2 * gate)
    do = split_rate(products, e, _O, GATES, dh * h * (one - o), back, q + 3 * gate)
    vstore(rates, p, di)
    vstore(rates, p + gate, df)
    vstore(rates, p + 2 * gate, dg)
    vstore(rates, p + 3 * gate, do)
    return kept


@compiled
def _backward_tile(
    cells: LstmCells, scales: Scales, dy: Floats, history: LstmHistory, scratch: Scratch, dh: Floats,
    dc: Floats, gradients: Gradients, back: ScaleGradients, tile: Tile, extent: Extent,
) -> None:  # fmt: skip
    block, hidden, group = tile.block, extent.hidden, tile.block // extent.per_group
    height, size, gate = hidden + 1 + extent.inputs, hidden * LANES, hidden * ROW
    d, rows = block * size, GATES * hidden
    for t in range(tile.stop - 1, tile.start - 1, -1):
        gy = vload(dy, signal_index(extent, block, t, 1, 0))
        following = (block * (extent.steps + 1) + t + 1) * height * LANES
        before = (block * (extent.steps + 1) + t) * size
        unit = (block * extent.steps + t) * size
        p = block * GATES * gate + (t - tile.start) * LANES
        for j in range(hidden):
            o = j * LANES
            arriving = vfma_scalar(sload(cells.w_out, group * hidden + j), gy, vload(dh, d + o))
            prefetch(history.memory, before + o - AHEAD * size)
            fetch_products(history.products, PRODUCTS * (unit + o), PRODUCTS, PRODUCTS * size)
            h, c_before = vload(history.columns, following + o), vload(history.memory, before + o)
            past = _unit_back(
                history, GATES * (unit + o), PRODUCTS * (unit + o), c_before, h, arriving, vload(dc, d + o),
                scratch.rates, back, p + j * ROW, p + j * ROW, gate,
            )  # fmt: skip
            vstore(dc, d + o, past)
            vstore(dh, d + o, vsplat(np.float32(0)))
        add_state_gradient(
            cells.backward, group * rows * hidden, scratch.rates, p, rows, dh, d, extent,
            history.gates, GATES * unit, history.columns, following,
        )  # fmt: skip
        add_scaler_gradient(scales, group, back, p, rows, dh, d, extent)
    add_weight_gradients(scratch, history.columns, dy, gradients, 0, tile, extent)
    add_scale_gradients(back, history.columns, tile, rows, scales.scalers, extent)
    if gradients.x.size:
        input_gradient(
            cells.w_input, group * rows * extent.inputs, rows, scratch.rates, gradients.x, tile, extent
        )


@compiled
def _backward_block(
    cells: LstmCells, scales: Scales, dy: Floats, history: LstmHistory, scratch: Scratch, dh: Floats,
    dc: Floats, gradients: Gradients, back: ScaleGradients, block: int, extent: Extent,
) -> None:  # fmt: skip
    rows = GATES * extent.hidden
    clear_sums(scratch, gradients, block, rows, extent)
    clear_scales(back, block, rows, scales.scalers)
    stop = extent.steps
    while stop > 0:
        start = max(0, stop - TILE)
        tile = Tile(block, start, stop)
        _backward_tile(cells, scales, dy, history, scratch, dh, dc, gradients, back, tile, extent)
        stop = start
    collect_sums(scratch, gradients, block, extent)
    collect_scales(back, block, rows, scales.scalers)


@compiled_parallel
def dynamic_lstm_backward(
    cells: LstmCells, scales: Scales, dy: Floats, history: LstmHistory, scratch: Scratch, dh: Floats,
    dc: Floats, gradients: Gradients, back: ScaleGradients, extent: Extent,
) -> None:  # fmt: skip
    """Compute the gradients of every block for the output gradient `dy`, after the forward pass with `keep`.

    `dh` and `dc` (B, H, L) hold the gradients that arrive at the last states and are replaced by those of
    the first.
    """
    for block in prange(extent.groups * extent.per_group):
        _backward_block(cells, scales, dy, history, scratch, dh, dc, gradients, back, block, extent)
