"""Truncated back-propagation through time for the GRU, many sequences in lockstep.

Lanes are sequences: every SIMD value holds one quantity (one unit of the state, say) of `LANES`
sequences that share one weight set, so that a time step of a block is nothing but multiply-adds of
vectors with broadcast weights. Blocks are independent and run on separate threads.

The cell, in torch's notation and gate order:

    r = σ(W_r x + U_r h + b_r)          z = σ(W_z x + U_z h + b_z)
    m = U_n h + b_hn                    n = tanh(W_n x + b_in + r·m)
    h' = (1 − z)·n + z·h                y = w_out · h'

Only the states are kept from the forward pass. The backward pass walks over the time axis in tiles of
`TILE` steps, recomputes the gates of a tile into a buffer that stays in the second-level cache, turns
them into gate gradients in place, and adds the tile to the weight gradients: memory traffic, not
arithmetic, limits the textbook form.

Shapes, for B blocks, T steps, H units and L = LANES; every array is float32 and passed flat:

    x, y, dy      (B, T, L)          states   (B, T + 1, H, L), the first one given
    w_in          (B, 3H)            w_state  (B, 3H, H), rows r, z, n
    bias          (B, 4H): r, z, n of the input side, n of the state side
    w_out         (B, H)
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import config, prange, set_num_threads

from vastudio.kernels.jit import LANES, compiled, compiled_parallel, inlined
from vastudio.kernels.simd import Vector, sigmoid, sload, tanh, vfma, vfma_scalar, vload, vsplat, vstore, vsum

Floats: TypeAlias = npt.NDArray[np.float32]
Eight: TypeAlias = tuple[Vector, Vector, Vector, Vector, Vector, Vector, Vector, Vector]

TILE = 16
"""Time steps per tile of the backward pass."""

UNROLL = 8
"""Rows computed together; hidden sizes must be multiples of it."""

_ZERO = np.float32(0)
_ONE = np.float32(1)


class Cells(NamedTuple):
    """One weight set per block. `w_state_t` is `w_state` transposed to (B, H, 3H)."""

    w_in: Floats
    w_state: Floats
    w_state_t: Floats
    bias: Floats
    w_out: Floats


class Gradients(NamedTuple):
    """The gradients of a weight set, shaped like it. `w_in` and `bias` must be zero on entry."""

    w_in: Floats
    w_state: Floats
    bias: Floats
    w_out: Floats


class Extent(NamedTuple):
    """Number of blocks, time steps and units."""

    blocks: int
    steps: int
    hidden: int


class _Gates(NamedTuple):
    """Where r, z, m, n of a time step lie: unit j of gate g at `at + (g·hidden + j)·unit_step`."""

    values: Floats
    at: int
    unit_step: int


def use_threads(count: int) -> None:
    """Let the parallel kernels use `count` threads, as far as the machine has them."""
    set_num_threads(max(1, min(count, config.NUMBA_NUM_THREADS)))


@inlined
def _dot8(w: Floats, row: int, stride: int, v: Floats, at: int, step: int, count: int, sums: Eight) -> Eight:
    """Return sums[i] + Σ_k w[row + k·stride + i] · v[at + k·step]."""
    a, b, c, d, e, f, g, h = sums
    for k in range(count):
        u = vload(v, at + k * step)
        p = row + k * stride
        a = vfma_scalar(sload(w, p), u, a)
        b = vfma_scalar(sload(w, p + 1), u, b)
        c = vfma_scalar(sload(w, p + 2), u, c)
        d = vfma_scalar(sload(w, p + 3), u, d)
        e = vfma_scalar(sload(w, p + 4), u, e)
        f = vfma_scalar(sload(w, p + 5), u, f)
        g = vfma_scalar(sload(w, p + 6), u, g)
        h = vfma_scalar(sload(w, p + 7), u, h)
    return a, b, c, d, e, f, g, h


@inlined
def _splat8(w: Floats, p: int) -> Eight:
    """Return eight neighbouring numbers, each in all lanes."""
    return (
        vsplat(sload(w, p)),
        vsplat(sload(w, p + 1)),
        vsplat(sload(w, p + 2)),
        vsplat(sload(w, p + 3)),
        vsplat(sload(w, p + 4)),
        vsplat(sload(w, p + 5)),
        vsplat(sload(w, p + 6)),
        vsplat(sload(w, p + 7)),
    )


@inlined
def _load8(v: Floats, at: int, step: int) -> Eight:
    return (
        vload(v, at),
        vload(v, at + step),
        vload(v, at + 2 * step),
        vload(v, at + 3 * step),
        vload(v, at + 4 * step),
        vload(v, at + 5 * step),
        vload(v, at + 6 * step),
        vload(v, at + 7 * step),
    )


@inlined
def _store8(target: Floats, at: int, step: int, values: Eight) -> None:
    a, b, c, d, e, f, g, h = values
    vstore(target, at, a)
    vstore(target, at + step, b)
    vstore(target, at + 2 * step, c)
    vstore(target, at + 3 * step, d)
    vstore(target, at + 4 * step, e)
    vstore(target, at + 5 * step, f)
    vstore(target, at + 6 * step, g)
    vstore(target, at + 7 * step, h)


@inlined
def _compute_gates(
    cells: Cells, block: int, hidden: int, x: Floats, xp: int, states: Floats, hp: int, gates: _Gates
) -> None:
    """Write r, z, m, n of the time step with input `x[xp:]` and state `states[hp:]`."""
    wi, wh, wb = block * 3 * hidden, block * 3 * hidden * hidden, block * 4 * hidden
    step = gates.unit_step
    for gate in range(3):
        for j in range(gate * hidden, (gate + 1) * hidden, UNROLL):
            sums = _splat8(cells.bias, wb + (j if gate < 2 else j + hidden))
            if gate < 2:
                sums = _dot8(cells.w_in, wi + j, 0, x, xp, 0, 1, sums)
            sums = _dot8(cells.w_state_t, wh + j, 3 * hidden, states, hp, LANES, hidden, sums)
            _store8(gates.values, gates.at + j * step, step, sums)
    u = vload(x, xp)
    for j in range(hidden):
        at = gates.at + j * step
        r = sigmoid(vload(gates.values, at))
        m = vload(gates.values, at + 2 * hidden * step)
        n_input = vfma_scalar(
            sload(cells.w_in, wi + 2 * hidden + j), u, vsplat(sload(cells.bias, wb + 2 * hidden + j))
        )
        vstore(gates.values, at, r)
        vstore(gates.values, at + hidden * step, sigmoid(vload(gates.values, at + hidden * step)))
        vstore(gates.values, at + 3 * hidden * step, tanh(vfma(r, m, n_input)))


@compiled
def _forward_block(
    cells: Cells, x: Floats, states: Floats, y: Floats, gates: Floats, block: int, extent: Extent
) -> None:
    hidden, steps = extent.hidden, extent.steps
    size = hidden * LANES
    own = _Gates(gates, block * 4 * size, LANES)
    for t in range(steps):
        xp = (block * steps + t) * LANES
        hp = (block * (steps + 1) + t) * size
        _compute_gates(cells, block, hidden, x, xp, states, hp, own)
        total = vsplat(_ZERO)
        for j in range(hidden):
            o = own.at + j * LANES
            n = vload(gates, o + 3 * size)
            h = vfma(vload(gates, o + size), vload(states, hp + j * LANES) - n, n)
            vstore(states, hp + size + j * LANES, h)
            total = vfma_scalar(sload(cells.w_out, block * hidden + j), h, total)
        vstore(y, xp, total)


# The body of a `prange` loop is one call: numba's parallel transformation does not know that `vstore`
# writes, and drops or moves stores it sees.


@compiled_parallel
def gru_forward(cells: Cells, x: Floats, states: Floats, y: Floats, gates: Floats, extent: Extent) -> None:
    """Run every block over its time steps: fills `states[:, 1:]` and `y`.

    `states[:, 0]` is the state to start from; `gates` is scratch of (B, 4H·L).
    """
    for block in prange(extent.blocks):
        _forward_block(cells, x, states, y, gates, block, extent)


@inlined
def _differentiate_gates(gates: _Gates, j: int, hidden: int, h_before: Vector, dh: Vector) -> Vector:
    """Replace r, z, m, n of unit j by the gradients of their pre-activations; return dh's way past them."""
    at, gate_step = gates.at + j * gates.unit_step, hidden * gates.unit_step
    one = vsplat(_ONE)
    r = vload(gates.values, at)
    z = vload(gates.values, at + gate_step)
    m = vload(gates.values, at + 2 * gate_step)
    n = vload(gates.values, at + 3 * gate_step)
    keep = one - z
    dn = dh * keep * (one - n * n)
    vstore(gates.values, at, dn * m * r * (one - r))
    vstore(gates.values, at + gate_step, dh * (h_before - n) * z * keep)
    vstore(gates.values, at + 2 * gate_step, dn * r)
    vstore(gates.values, at + 3 * gate_step, dn)
    return dh * z


@inlined
def _state_gradient(w_state: Floats, wh: int, gates: _Gates, dh: Floats, d: int, hidden: int) -> None:
    """Add Uᵀ · (gate gradients of one step) to dh."""
    for k in range(0, hidden, UNROLL):
        sums = _load8(dh, d + k * LANES, LANES)
        sums = _dot8(w_state, wh + k, hidden, gates.values, gates.at, gates.unit_step, 3 * hidden, sums)
        _store8(dh, d + k * LANES, LANES, sums)


@inlined
def _add_outer(
    gates: Floats, at: int, row: int, states: Floats, hp: int, size: int, count: int, sums: Eight
) -> Eight:
    """Add Σ_t gates[i]·states[k] of four gate rows i and two units k."""
    a0, a1, b0, b1, c0, c1, d0, d1 = sums
    for t in range(count):
        u0, u1 = vload(states, hp + t * size), vload(states, hp + t * size + LANES)
        o = at + t * LANES
        v0, v1, v2, v3 = (
            vload(gates, o),
            vload(gates, o + row),
            vload(gates, o + 2 * row),
            vload(gates, o + 3 * row),
        )
        a0, a1 = vfma(v0, u0, a0), vfma(v0, u1, a1)
        b0, b1 = vfma(v1, u0, b0), vfma(v1, u1, b1)
        c0, c1 = vfma(v2, u0, c0), vfma(v2, u1, c1)
        d0, d1 = vfma(v3, u0, d0), vfma(v3, u1, d1)
    return a0, a1, b0, b1, c0, c1, d0, d1


@inlined
def _state_weight_gradient(
    gates: _Gates, states: Floats, hp: int, lane_sums: Floats, s: int, hidden: int, count: int
) -> None:
    """Add the tile's Σ_t (gate gradient j)·(state k) to the lane-wise sums (3H, H, L)."""
    row, size = gates.unit_step, hidden * LANES
    for j in range(0, 3 * hidden, 4):
        for k in range(0, hidden, 2):
            p = s + j * size + k * LANES
            sums = (
                vload(lane_sums, p),
                vload(lane_sums, p + LANES),
                vload(lane_sums, p + size),
                vload(lane_sums, p + size + LANES),
                vload(lane_sums, p + 2 * size),
                vload(lane_sums, p + 2 * size + LANES),
                vload(lane_sums, p + 3 * size),
                vload(lane_sums, p + 3 * size + LANES),
            )
            at = gates.at + j * row
            a0, a1, b0, b1, c0, c1, d0, d1 = _add_outer(
                gates.values, at, row, states, hp + k * LANES, size, count, sums
            )
            vstore(lane_sums, p, a0)
            vstore(lane_sums, p + LANES, a1)
            vstore(lane_sums, p + size, b0)
            vstore(lane_sums, p + size + LANES, b1)
            vstore(lane_sums, p + 2 * size, c0)
            vstore(lane_sums, p + 2 * size + LANES, c1)
            vstore(lane_sums, p + 3 * size, d0)
            vstore(lane_sums, p + 3 * size + LANES, d1)


@inlined
def _input_weight_gradient(
    gates: _Gates, x: Floats, xp: int, gradients: Gradients, block: int, hidden: int, count: int
) -> None:
    """Add the tile to the gradients of bias and input weights.

    Gates lie in the order r, z, m, n, biases in the order r, z, n, m; m has no input weight.
    """
    wi, wb = block * 3 * hidden, block * 4 * hidden
    for j in range(4 * hidden):
        total, scaled = vsplat(_ZERO), vsplat(_ZERO)
        for t in range(count):
            v = vload(gates.values, gates.at + j * gates.unit_step + t * LANES)
            total = total + v
            scaled = vfma(v, vload(x, xp + t * LANES), scaled)
        gate = j // hidden
        if gate == 2:
            gradients.bias[wb + j + hidden] += vsum(total)
        else:
            p = j if gate < 2 else j - hidden
            gradients.bias[wb + p] += vsum(total)
            gradients.w_in[wi + p] += vsum(scaled)


@compiled
def _backward_tile(
    cells: Cells, dy: Floats, x: Floats, states: Floats, own: _Gates, lane_sums: Floats, dh: Floats,
    gradients: Gradients, block: int, start: int, stop: int, extent: Extent,
) -> None:  # fmt: skip
    """Go back through the time steps start … stop − 1 of one block."""
    hidden, steps = extent.hidden, extent.steps
    size = hidden * LANES
    d, s = block * size, block * (3 * hidden + 1) * size
    out = s + 3 * hidden * size
    first, xp = (block * (steps + 1) + start) * size, (block * steps + start) * LANES
    for t in range(stop - start):
        step = _Gates(own.values, own.at + t * LANES, own.unit_step)
        _compute_gates(cells, block, hidden, x, xp + t * LANES, states, first + t * size, step)
    for t in range(stop - start - 1, -1, -1):
        step = _Gates(own.values, own.at + t * LANES, own.unit_step)
        gy, hp = vload(dy, xp + t * LANES), first + t * size
        for j in range(hidden):
            o = j * LANES
            vstore(lane_sums, out + o, vfma(gy, vload(states, hp + size + o), vload(lane_sums, out + o)))
            arriving = vfma_scalar(sload(cells.w_out, block * hidden + j), gy, vload(dh, d + o))
            vstore(dh, d + o, _differentiate_gates(step, j, hidden, vload(states, hp + o), arriving))
        _state_gradient(cells.w_state, block * 3 * hidden * hidden, step, dh, d, hidden)
    _state_weight_gradient(own, states, first, lane_sums, s, hidden, stop - start)
    _input_weight_gradient(own, x, xp, gradients, block, hidden, stop - start)


@compiled
def _backward_block(
    cells: Cells, dy: Floats, x: Floats, states: Floats, gates: Floats, lane_sums: Floats, dh: Floats,
    gradients: Gradients, block: int, extent: Extent,
) -> None:  # fmt: skip
    hidden = extent.hidden
    size = hidden * LANES
    own = _Gates(gates, block * 4 * size * TILE, TILE * LANES)
    s = block * (3 * hidden + 1) * size
    for i in range(0, (3 * hidden + 1) * size, LANES):
        vstore(lane_sums, s + i, vsplat(_ZERO))
    stop = extent.steps
    while stop > 0:
        start = max(0, stop - TILE)
        _backward_tile(cells, dy, x, states, own, lane_sums, dh, gradients, block, start, stop, extent)
        stop = start
    for i in range(3 * hidden * hidden):
        gradients.w_state[block * 3 * hidden * hidden + i] = vsum(vload(lane_sums, s + i * LANES))
    for j in range(hidden):
        gradients.w_out[block * hidden + j] = vsum(vload(lane_sums, s + (3 * hidden * hidden + j) * LANES))


@compiled_parallel
def gru_backward(
    cells: Cells, dy: Floats, x: Floats, states: Floats, gates: Floats, lane_sums: Floats, dh: Floats,
    gradients: Gradients, extent: Extent,
) -> None:  # fmt: skip
    """Compute the gradients of every block for the output gradient `dy`.

    `dh` (B, H, L) holds the gradient that arrives at the last state and is replaced by that of the first.
    Scratch: `gates` (B, 4H·TILE·L) and `lane_sums` (B, (3H + 1)·H·L).
    """
    for block in prange(extent.blocks):
        _backward_block(cells, dy, x, states, gates, lane_sums, dh, gradients, block, extent)
