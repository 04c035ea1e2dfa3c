"""What the dynamic cells add to `training.py`: sums that the last M units, the scalers, scale.

A row of the gates meets the state h twice, in the sum s that a static cell takes too and in its factor

    d = 1 + D·h[H − M:]        what enters the gate: a = d·s

so that going back splits the gradient ȧ of a: d·ȧ is the row's rate as in `training.py`, and ȧ·s is the
rate of the factor, which leads to D and once more to the scalers. Factors and sums are kept beside the gates:

    products (B, T, H, 2·gates, L)     the factors of a unit's gates, in torch's order; then their sums
    rates (B, gates·H, TILE, L)        gradients of the factors, for one tile of time steps
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vastudio.kernels.jit import LANES, inlined
from vastudio.kernels.simd import Vector, vload, vsplat, vstore, vsum
from vastudio.kernels.training import AHEAD, ROW, TILE, Extent, Floats, Tile
from vastudio.kernels.training_panels import lane_sums, panel, prefetch

SCALER_MULTIPLE = 4
"""The number of scalers must be a multiple of it."""

_add_scaler_gradient = panel(SCALER_MULTIPLE, 1, accumulate=True)
_add_tile = lane_sums(TILE, plain=False)
_add_step = lane_sums(1, plain=False)


class Scales(NamedTuple):
    """D of every group, arranged in the order of reading.

    forward:
        (G, H / UNITS, M, gates, UNITS), UNITS as in the kernel of the cell.
    backward:
        (G, gates·H, M).
    scalers:
        M.
    """

    forward: Floats
    backward: Floats
    scalers: int


class ScaleGradients(NamedTuple):
    """The way back through the factors of every block.

    rates:
        (B, gates·H, TILE, L): working memory.
    sums:
        (B, M, gates·H, L): working memory, lane-wise sums of the gradient of D.
    scales:
        (B, M, gates·H): the gradient of D.
    """

    rates: Floats
    sums: Floats
    scales: Floats


@inlined
def factor(sums: Floats, p: int) -> Vector:
    """d for the number D·h at p."""
    return vsplat(np.float32(1)) + vload(sums, p)


@inlined
def keep_product(products: Floats, g: int, gate: int, gates: int, d: Vector, s: Vector) -> Vector:
    """Keep a gate's factor and sum in the products of a unit, which begin at g; return d·s."""
    vstore(products, g + gate * LANES, d)
    vstore(products, g + (gates + gate) * LANES, s)
    return d * s


@inlined
def split_rate(
    products: Floats, g: int, gate: int, gates: int, rate: Vector, back: ScaleGradients, p: int
) -> Vector:
    """Write the rate of a gate's factor at p for the gradient `rate` of d·s; return that of s."""
    vstore(back.rates, p, rate * vload(products, g + (gates + gate) * LANES))
    return rate * vload(products, g + gate * LANES)


@inlined
def fetch_products(products: Floats, g: int, count: int, step: int) -> None:
    """Ask for the `count` vectors of a unit at an earlier step; a step has `step` numbers."""
    for i in range(count):
        prefetch(products, g + i * LANES - AHEAD * step)


@inlined
def clear_scales(back: ScaleGradients, block: int, rows: int, scalers: int) -> None:
    """Set the lane-wise sums of a block to zero."""
    size = rows * scalers * LANES
    for i in range(block * size, (block + 1) * size, LANES):
        vstore(back.sums, i, vsplat(np.float32(0)))


@inlined
def add_scaler_gradient(
    scales: Scales, group: int, back: ScaleGradients, p: int, rows: int, dh: Floats, d: int, extent: Extent
) -> None:
    """Add Dᵀ · (rates of one step's factors, from p) to the scalers' part of dh (H, L)."""
    for i in range(0, scales.scalers, SCALER_MULTIPLE):
        _add_scaler_gradient(
            scales.backward, group * rows * scales.scalers + i, scales.scalers, back.rates, p, ROW,
            dh, d + (extent.hidden - scales.scalers + i) * LANES, LANES, rows,
        )  # fmt: skip


@inlined
def add_scale_gradients(
    back: ScaleGradients, columns: Floats, tile: Tile, rows: int, scalers: int, extent: Extent
) -> None:
    """Add Σ_t (rate of a factor)·(scaler) of a tile to the lane-wise sums; a short tile goes step by step."""
    step = (extent.hidden + 1 + extent.inputs) * LANES
    first = (tile.block * (extent.steps + 1) + tile.start) * step
    p, count = tile.block * rows * ROW, tile.stop - tile.start
    for i in range(scalers):
        at = first + (extent.hidden - scalers + i) * LANES
        sums = (tile.block * scalers + i) * rows * LANES
        if count == TILE:
            _add_tile(back.rates, p, ROW, columns, at, step, back.sums, sums, LANES, rows)
        else:
            for t in range(count):
                _add_step(
                    back.rates, p + t * LANES, ROW, columns, at + t * step, 0, back.sums, sums, LANES, rows
                )


@inlined
def collect_scales(back: ScaleGradients, block: int, rows: int, scalers: int) -> None:
    """Add up the lanes of the gradient of D."""
    for i in range(block * scalers * rows, (block + 1) * scalers * rows):
        back.scales[i] = vsum(vload(back.sums, i * LANES))
