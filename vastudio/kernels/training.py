"""Truncated back-propagation through time for the GRU, many sequences in lockstep.

Lanes are sequences: every SIMD vector holds one quantity (one unit of the state, say) of `LANES`
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

Array shapes (B blocks, T steps, H units, L = LANES; all float32 and contiguous):

    x, y, dy      (B, T, L)          states   (B, T + 1, H, L), the first one given
    w_in          (B, 3H)            w_state  (B, 3H, H) rows r, z, n
    bias          (B, 4H) r, z, n of the input side, n of the state side
    w_out         (B, H)
"""

from __future__ import annotations

import numpy as np
from numba import config, prange, set_num_threads

from vastudio.kernels.jit import LANES, compiled, compiled_parallel, inlined
from vastudio.kernels.simd import sload, sigmoid, tanh, vfma, vfma_scalar, vload, vsplat, vstore, vsum

TILE = 16
"""Time steps per tile of the backward pass."""

UNROLL = 8
"""Rows computed together; hidden sizes must be multiples of it."""

_ONE = np.float32(1)
_ZERO = np.float32(0)


@inlined
def _dot8(w, row, stride, v, at, step, count, a0, a1, a2, a3, a4, a5, a6, a7):
    """Add Σ_k w[row + k·stride + i] · v[at + k·step] to the accumulators i = 0…7."""
    for k in range(count):
        u = vload(v, at + k * step)
        p = row + k * stride
        a0 = vfma_scalar(sload(w, p), u, a0)
        a1 = vfma_scalar(sload(w, p + 1), u, a1)
        a2 = vfma_scalar(sload(w, p + 2), u, a2)
        a3 = vfma_scalar(sload(w, p + 3), u, a3)
        a4 = vfma_scalar(sload(w, p + 4), u, a4)
        a5 = vfma_scalar(sload(w, p + 5), u, a5)
        a6 = vfma_scalar(sload(w, p + 6), u, a6)
        a7 = vfma_scalar(sload(w, p + 7), u, a7)
    return a0, a1, a2, a3, a4, a5, a6, a7


@inlined
def _store8(target, at, step, a0, a1, a2, a3, a4, a5, a6, a7):
    vstore(target, at, a0)
    vstore(target, at + step, a1)
    vstore(target, at + 2 * step, a2)
    vstore(target, at + 3 * step, a3)
    vstore(target, at + 4 * step, a4)
    vstore(target, at + 5 * step, a5)
    vstore(target, at + 6 * step, a6)
    vstore(target, at + 7 * step, a7)


@inlined
def _splat8(w, p):
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
def _load8(v, at, step):
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
def _gates(x, xp, states, hp, w_in, w_state_t, bias, wi, wh, wb, hidden, gates, out, unit_step, gate_step):
    """Write r, z, m, n of one time step to `gates[out + gate·gate_step + unit·unit_step]`.

    `w_state_t` is the state matrix transposed, (B, H, 3H), so that the rows of neighbouring units lie
    side by side.
    """
    rows = 3 * hidden
    for gate in range(3):
        for j in range(0, hidden, UNROLL):
            b = wb + gate * hidden + j if gate < 2 else wb + 3 * hidden + j
            a0, a1, a2, a3, a4, a5, a6, a7 = _splat8(bias, b)
            if gate < 2:
                a0, a1, a2, a3, a4, a5, a6, a7 = _dot8(
                    w_in, wi + gate * hidden + j, 0, x, xp, 0, 1, a0, a1, a2, a3, a4, a5, a6, a7
                )
            a0, a1, a2, a3, a4, a5, a6, a7 = _dot8(
                w_state_t,
                wh + gate * hidden + j,
                rows,
                states,
                hp,
                LANES,
                hidden,
                a0,
                a1,
                a2,
                a3,
                a4,
                a5,
                a6,
                a7,
            )
            o = out + gate * gate_step + j * unit_step
            _store8(gates, o, unit_step, a0, a1, a2, a3, a4, a5, a6, a7)
    u = vload(x, xp)
    for j in range(hidden):
        o = out + j * unit_step
        r = sigmoid(vload(gates, o))
        z = sigmoid(vload(gates, o + gate_step))
        m = vload(gates, o + 2 * gate_step)
        n_input = vfma_scalar(sload(w_in, wi + 2 * hidden + j), u, vsplat(sload(bias, wb + 2 * hidden + j)))
        n = tanh(vfma(r, m, n_input))
        vstore(gates, o, r)
        vstore(gates, o + gate_step, z)
        vstore(gates, o + 3 * gate_step, n)


@compiled_parallel
def gru_forward(x, w_in, w_state_t, bias, w_out, states, y, gates, blocks, steps, hidden):
    """Run `steps` time steps of every block: fills `states[:, 1:]` and `y`.

    All arrays are flat views of the shapes in the module's docstring; `states[:, 0]` is the state to
    start from, `w_state_t` is (B, H, 3H), `gates` is scratch of (B, 4H·L).
    """
    size = hidden * LANES
    for block in prange(blocks):
        wi = block * 3 * hidden
        wh = block * 3 * hidden * hidden
        wb = block * 4 * hidden
        g = block * 4 * size
        for t in range(steps):
            xp = (block * steps + t) * LANES
            hp = (block * (steps + 1) + t) * size
            _gates(
                x, xp, states, hp, w_in, w_state_t, bias, wi, wh, wb, hidden, gates, g, LANES, size
            )
            total = vsplat(_ZERO)
            for j in range(hidden):
                o = g + j * LANES
                z = vload(gates, o + size)
                n = vload(gates, o + 3 * size)
                h = vfma(z, vload(states, hp + j * LANES) - n, n)
                vstore(states, hp + size + j * LANES, h)
                total = vfma_scalar(sload(w_out, block * hidden + j), h, total)
            vstore(y, xp, total)


@inlined
def _gate_gradients(gates, o, gate_step, h_previous, d):
    """Turn r, z, m, n at `o` into the gradients of their pre-activations; return d h_previous's direct part."""
    one = vsplat(_ONE)
    r = vload(gates, o)
    z = vload(gates, o + gate_step)
    m = vload(gates, o + 2 * gate_step)
    n = vload(gates, o + 3 * gate_step)
    rest = one - z
    dn = d * rest * (one - n * n)
    vstore(gates, o, dn * m * r * (one - r))
    vstore(gates, o + gate_step, d * (h_previous - n) * z * rest)
    vstore(gates, o + 2 * gate_step, dn * r)
    vstore(gates, o + 3 * gate_step, dn)
    return d * z


@inlined
def _state_gradient(w_state, wh, gates, at, unit_step, dh, d, hidden):
    """Add U^T · (gate gradients of one step) to dh."""
    for k in range(0, hidden, UNROLL):
        a0, a1, a2, a3, a4, a5, a6, a7 = _load8(dh, d + k * LANES, LANES)
        a0, a1, a2, a3, a4, a5, a6, a7 = _dot8(
            w_state, wh + k, hidden, gates, at, unit_step, 3 * hidden, a0, a1, a2, a3, a4, a5, a6, a7
        )
        _store8(dh, d + k * LANES, LANES, a0, a1, a2, a3, a4, a5, a6, a7)


@inlined
def _state_weight_gradient(gates, g, states, h0, sums, s, hidden, count):
    """Add the tile's Σ_t da[j]·h[k] to the lane-wise sums, four rows × two columns at a time."""
    row = TILE * LANES
    size = hidden * LANES
    for j in range(0, 3 * hidden, 4):
        for k in range(0, hidden, 2):
            p = s + (j * hidden + k) * LANES
            q = hidden * LANES
            a0, a1 = vload(sums, p), vload(sums, p + LANES)
            b0, b1 = vload(sums, p + q), vload(sums, p + q + LANES)
            c0, c1 = vload(sums, p + 2 * q), vload(sums, p + 2 * q + LANES)
            d0, d1 = vload(sums, p + 3 * q), vload(sums, p + 3 * q + LANES)
            for c in range(count):
                u0 = vload(states, h0 + c * size + k * LANES)
                u1 = vload(states, h0 + c * size + (k + 1) * LANES)
                o = g + j * row + c * LANES
                v0, v1 = vload(gates, o), vload(gates, o + row)
                v2, v3 = vload(gates, o + 2 * row), vload(gates, o + 3 * row)
                a0, a1 = vfma(v0, u0, a0), vfma(v0, u1, a1)
                b0, b1 = vfma(v1, u0, b0), vfma(v1, u1, b1)
                c0, c1 = vfma(v2, u0, c0), vfma(v2, u1, c1)
                d0, d1 = vfma(v3, u0, d0), vfma(v3, u1, d1)
            vstore(sums, p, a0)
            vstore(sums, p + LANES, a1)
            vstore(sums, p + q, b0)
            vstore(sums, p + q + LANES, b1)
            vstore(sums, p + 2 * q, c0)
            vstore(sums, p + 2 * q + LANES, c1)
            vstore(sums, p + 3 * q, d0)
            vstore(sums, p + 3 * q + LANES, d1)


@inlined
def _input_weight_gradient(gates, g, x, xp, db, di, hidden, count):
    """Add the tile to the gradients of bias (4H, at db) and input weights (3H, at di)."""
    row = TILE * LANES
    for j in range(4 * hidden):
        total = vsplat(_ZERO)
        scaled = vsplat(_ZERO)
        for c in range(count):
            v = vload(gates, g + j * row + c * LANES)
            total = total + v
            scaled = vfma(v, vload(x, xp + c * LANES), scaled)
        _add_bias_gradient(db, di, j, hidden, vsum(total), vsum(scaled))


@inlined
def _add_bias_gradient(db, di, j, hidden, total, scaled):
    """Gates lie in the order r, z, m, n; biases in the order r, z, n, m; m has no input weight."""
    gate = j // hidden
    if gate < 2:
        db[j] += total
        di[j] += scaled
    elif gate == 2:
        db[j + hidden] += total
    else:
        db[j - hidden] += total
        di[j - hidden] += scaled


@compiled
def _backward_block(
    dy, x, w_in, w_state, w_state_t, bias, w_out, states, gates, sums, dh, dw_in, dw_state, db, dw_out,
    block, steps, hidden,
):  # fmt: skip
    size = hidden * LANES
    row = TILE * LANES
    wi, wh, wb, wo = block * 3 * hidden, block * 3 * hidden * hidden, block * 4 * hidden, block * hidden
    g, d, s = block * 4 * hidden * row, block * size, block * (3 * hidden + 1) * size
    so = s + 3 * hidden * size
    for i in range((3 * hidden + 1) * size):
        sums[s + i] = _ZERO
    stop = steps
    while stop > 0:
        start = max(0, stop - TILE)
        first = (block * (steps + 1) + start) * size
        xp = (block * steps + start) * LANES
        for c in range(stop - start):
            _gates(
                x, xp + c * LANES, states, first + c * size, w_in, w_state_t, bias, wi, wh, wb, hidden,
                gates, g + c * LANES, row, hidden * row,
            )  # fmt: skip
        for c in range(stop - start - 1, -1, -1):
            dyt = vload(dy, xp + c * LANES)
            hp = first + c * size
            for j in range(hidden):
                o = j * LANES
                vstore(sums, so + o, vfma(dyt, vload(states, hp + size + o), vload(sums, so + o)))
                gradient = vfma_scalar(sload(w_out, wo + j), dyt, vload(dh, d + o))
                at = g + j * row + c * LANES
                direct = _gate_gradients(gates, at, hidden * row, vload(states, hp + o), gradient)
                vstore(dh, d + o, direct)
            _state_gradient(w_state, wh, gates, g + c * LANES, row, dh, d, hidden)
        _state_weight_gradient(gates, g, states, first, sums, s, hidden, stop - start)
        _input_weight_gradient(gates, g, x, xp, db[wb : wb + 4 * hidden], dw_in[wi : wi + 3 * hidden],
                               hidden, stop - start)  # fmt: skip
        stop = start
    for i in range(3 * hidden * hidden):
        dw_state[wh + i] = vsum(vload(sums, s + i * LANES))
    for j in range(hidden):
        dw_out[wo + j] = vsum(vload(sums, so + j * LANES))


@compiled_parallel
def gru_backward(
    dy, x, w_in, w_state, w_state_t, bias, w_out, states, gates, sums, dh, dw_in, dw_state, db, dw_out,
    blocks, steps, hidden,
):  # fmt: skip
    """Gradients of every block for the output gradient `dy`.

    `dh` (B, H, L) holds the gradient arriving at the last state and is replaced by the gradient of the
    first one; `dw_in`, `db` must be zero on entry, `dw_state` and `dw_out` are overwritten. Scratch: `gates` (B, 4H·TILE·L)
    and `sums` (B, (3H + 1)·H·L).
    """
    for block in prange(blocks):
        _backward_block(
            dy, x, w_in, w_state, w_state_t, bias, w_out, states, gates, sums, dh, dw_in, dw_state, db, dw_out,
            block, steps, hidden,
        )  # fmt: skip


def use_threads(count: int) -> None:
    """Let the parallel kernels use `count` threads, as far as the machine has them."""
    set_num_threads(max(1, min(count, config.NUMBA_NUM_THREADS)))
