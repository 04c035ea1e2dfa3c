"""The streaming GRU: one sample after another, any hidden size, weights that glide.

Layout. Units are padded to whole vectors: `width` = the next multiple of LANES. A packed weight set is
one float32 array:

    9 sections of `width`     b_r  b_z  b_in  b_hn | w_ir  w_iz  w_in | w_out | h_rest
    LANES numbers             skip, offset = −w_out·h_rest, unused
    recurrent weights         for every group of two vectors of units (the last may hold one): column
                              by column, the group's rows of gate r, then z, then n

The rows of r and z are scaled by −log2 e, those of n by 2·log2 e, so that the gates are 1/(1 + 2^u) and
1 − 2/(1 + 2^u) without a multiplication in front. Padding units have zero weights and stay at zero.

Gliding. After `glide` the weights move linearly to their target, offset and rest state with them, in
steps every `GLIDE_STRIDE` samples. All positions are counted in samples inside the voice, so that the
size of the blocks never changes a bit of the output.

A voice is an int64 array (indices below) beside three float32 arrays: weights, target (both packed) and
state (two times `width`: the current and the next state change places every sample).

Not-a-number in the state (from the input, say) is seen in the output: the voice returns to its rest
state, the output is 0 and a fault is counted.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.kernels.cells import GATE_COUNT, CellWeights
from vastudio.kernels.denormals import flush_denormals, restore_denormals
from vastudio.kernels.jit import LANES, compiled, inlined
from vastudio.kernels.memory import aligned
from vastudio.kernels.simd import (
    LOG2_E,
    Vector,
    one_plus_exp2,
    sload,
    vfma,
    vfma_scalar,
    vload,
    vsplat,
    vstore,
    vsum,
)

GATES = GATE_COUNT["gru"]

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

BIAS_R, BIAS_Z, BIAS_N, BIAS_M, IN_R, IN_Z, IN_N, OUT, REST, SECTIONS = range(10)
"""Sections of a packed weight set, in units of `width`."""

SKIP, OFFSET = range(2)
"""Numbers behind the sections."""

HIDDEN, NOW, STEPS_LEFT, TO_STEP, FAULTS, PACKED, WEIGHTS_AT, TARGET_AT, STATE_AT, VOICE_SIZE = range(10)
"""A voice's numbers: units, offset of the current state, glide steps left, samples to the next step, faults;
for callers that know only its address: the size of a packed weight set and where the three arrays lie."""

GLIDE_STRIDE = 16
"""Samples between two steps of a glide."""

GLIDE_SECONDS = 0.02

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_LOUDEST = np.float32(1e12)


def padded(hidden: int) -> int:
    """Return `hidden` rounded up to whole vectors."""
    return -(-hidden // LANES) * LANES


@inlined
def padded_units(hidden: int) -> int:
    """`padded` for kernels."""
    return (hidden + LANES - 1) // LANES * LANES


def packed_size(hidden: int) -> int:
    """Numbers in a packed weight set."""
    width = padded(hidden)
    return SECTIONS * width + LANES + GATES * width * _columns(hidden)


def _columns(hidden: int) -> int:
    """Columns are taken two at a time."""
    return hidden + hidden % 2


def pack(cell: CellWeights, rest: Floats | None = None) -> Floats:
    """Arrange a weight set for the kernel, with `rest` (H,) as its rest state (zero where not given).

    Shape (packed_size(hidden),). The offset is left at zero; `rest.settled` fills rest and offset.
    """
    hidden, width, columns = cell.hidden, padded(cell.hidden), _columns(cell.hidden)
    scale = np.array([-LOG2_E, -LOG2_E, 2 * LOG2_E, 2 * LOG2_E], np.float32)[:, None]
    head = np.zeros((SECTIONS, width), np.float32)
    head[BIAS_R : BIAS_M + 1, :hidden] = cell.bias.reshape(4, hidden) * scale
    head[IN_R : IN_N + 1, :hidden] = cell.w_ih.reshape(GATES, hidden) * scale[:GATES]
    head[OUT, :hidden] = cell.w_out
    if rest is not None:
        head[REST, :hidden] = rest
    direct = np.zeros(LANES, np.float32)
    direct[SKIP] = cell.skip
    rows = np.zeros((GATES, width, columns), np.float32)
    rows[:, :hidden, :hidden] = cell.w_hh.reshape(GATES, hidden, hidden) * scale[:GATES, :, None]
    groups = [
        rows[:, at : at + 2 * LANES].transpose(2, 0, 1).reshape(-1) for at in range(0, width, 2 * LANES)
    ]
    packed = aligned(packed_size(hidden), np.float32)
    np.concatenate([head.reshape(-1), direct, *groups], out=packed)
    return packed


@inlined
def _next_state(r: Vector, z: Vector, m: Vector, n: Vector, h: Vector) -> Vector:
    """The new state from the scaled sums of r, z, the state side m and the input side n of the third gate."""
    one = vsplat(_ONE)
    q = one_plus_exp2(n + m / one_plus_exp2(r))
    gate = one / one_plus_exp2(z)
    rest = one - gate
    return vfma(gate, h, rest) - vsplat(_TWO) * rest / q


@inlined
def _input_sum(w: Floats, width: int, weight: int, bias: int, unit: int, x: np.float32) -> Vector:
    return vfma_scalar(x, vload(w, weight * width + unit), vload(w, bias * width + unit))


@inlined
def _step_pair(
    w: Floats, width: int, columns: int, at: int, unit: int, x: np.float32, state: Floats, now: int, then: int
) -> Vector:
    """Advance the units of two vectors; return their share of the output, lane by lane.

    Even and odd columns have accumulators of their own: twelve chains of multiply-adds hide each
    other's latency and still fit into 16 registers beside the two broadcasts.
    """
    zero = vsplat(_ZERO)
    r0 = _input_sum(w, width, IN_R, BIAS_R, unit, x)
    r1 = _input_sum(w, width, IN_R, BIAS_R, unit + LANES, x)
    z0 = _input_sum(w, width, IN_Z, BIAS_Z, unit, x)
    z1 = _input_sum(w, width, IN_Z, BIAS_Z, unit + LANES, x)
    m0 = vload(w, BIAS_M * width + unit)
    m1 = vload(w, BIAS_M * width + unit + LANES)
    odd_r0, odd_r1, odd_z0, odd_z1, odd_m0, odd_m1 = zero, zero, zero, zero, zero, zero
    for j in range(0, columns, 2):
        h = vsplat(sload(state, now + j))
        r0 = vfma(h, vload(w, at), r0)
        r1 = vfma(h, vload(w, at + LANES), r1)
        z0 = vfma(h, vload(w, at + 2 * LANES), z0)
        z1 = vfma(h, vload(w, at + 3 * LANES), z1)
        m0 = vfma(h, vload(w, at + 4 * LANES), m0)
        m1 = vfma(h, vload(w, at + 5 * LANES), m1)
        h = vsplat(sload(state, now + j + 1))
        odd_r0 = vfma(h, vload(w, at + 6 * LANES), odd_r0)
        odd_r1 = vfma(h, vload(w, at + 7 * LANES), odd_r1)
        odd_z0 = vfma(h, vload(w, at + 8 * LANES), odd_z0)
        odd_z1 = vfma(h, vload(w, at + 9 * LANES), odd_z1)
        odd_m0 = vfma(h, vload(w, at + 10 * LANES), odd_m0)
        odd_m1 = vfma(h, vload(w, at + 11 * LANES), odd_m1)
        at += 12 * LANES
    n0 = _input_sum(w, width, IN_N, BIAS_N, unit, x)
    n1 = _input_sum(w, width, IN_N, BIAS_N, unit + LANES, x)
    h0 = _next_state(r0 + odd_r0, z0 + odd_z0, m0 + odd_m0, n0, vload(state, now + unit))
    h1 = _next_state(r1 + odd_r1, z1 + odd_z1, m1 + odd_m1, n1, vload(state, now + unit + LANES))
    vstore(state, then + unit, h0)
    vstore(state, then + unit + LANES, h1)
    out = OUT * width + unit
    return vfma(h0, vload(w, out), h1 * vload(w, out + LANES))


@inlined
def _step_single(
    w: Floats, width: int, columns: int, at: int, unit: int, x: np.float32, state: Floats, now: int, then: int
) -> Vector:
    """The same for the last vector of an odd number."""
    zero = vsplat(_ZERO)
    r = _input_sum(w, width, IN_R, BIAS_R, unit, x)
    z = _input_sum(w, width, IN_Z, BIAS_Z, unit, x)
    m = vload(w, BIAS_M * width + unit)
    odd_r, odd_z, odd_m = zero, zero, zero
    for j in range(0, columns, 2):
        h = vsplat(sload(state, now + j))
        r = vfma(h, vload(w, at), r)
        z = vfma(h, vload(w, at + LANES), z)
        m = vfma(h, vload(w, at + 2 * LANES), m)
        h = vsplat(sload(state, now + j + 1))
        odd_r = vfma(h, vload(w, at + 3 * LANES), odd_r)
        odd_z = vfma(h, vload(w, at + 4 * LANES), odd_z)
        odd_m = vfma(h, vload(w, at + 5 * LANES), odd_m)
        at += 6 * LANES
    n = _input_sum(w, width, IN_N, BIAS_N, unit, x)
    h = _next_state(r + odd_r, z + odd_z, m + odd_m, n, vload(state, now + unit))
    vstore(state, then + unit, h)
    return h * vload(w, OUT * width + unit)


@compiled
def _run(x: Floats, y: Floats, start: int, stop: int, w: Floats, state: Floats, voice: Integers) -> None:
    """Process x[start:stop] with weights that stand still."""
    hidden = voice[HIDDEN]
    width = padded_units(hidden)
    columns = hidden + hidden % 2
    direct = SECTIONS * width
    now = voice[NOW]
    for t in range(start, stop):
        sample = sload(x, t)
        then = width - now
        at = direct + LANES
        unit = 0
        total = vsplat(_ZERO)
        while unit + 2 * LANES <= width:
            total = total + _step_pair(w, width, columns, at, unit, sample, state, now, then)
            at += 2 * LANES * GATES * columns
            unit += 2 * LANES
        if unit < width:
            total = total + _step_single(w, width, columns, at, unit, sample, state, now, then)
        result = vsum(total) + w[direct + OFFSET] + w[direct + SKIP] * sample
        now = then
        if not abs(result) < _LOUDEST:
            rest_voice(w, state, voice)
            now = voice[NOW]
            voice[FAULTS] += 1
            result = _ZERO
        y[t] = result
    voice[NOW] = now


@compiled
def rest_voice(w: Floats, state: Floats, voice: Integers) -> None:
    """Put the voice into the rest state of its weights."""
    width = state.size // 2
    for i in range(width):
        state[i] = w[REST * width + i]
    voice[NOW] = 0


@compiled
def glide(target: Floats, to: Floats, voice: Integers, steps: int) -> None:
    """Begin to move to the packed weights `to`, in `steps` steps."""
    for i in range(to.size):
        target[i] = to[i]
    voice[STEPS_LEFT] = steps


@compiled
def jump(w: Floats, target: Floats, to: Floats, state: Floats, voice: Integers) -> None:
    """Take the packed weights `to` at once and rest: nothing sounds."""
    for i in range(to.size):
        w[i] = to[i]
        target[i] = to[i]
    voice[STEPS_LEFT] = 0
    voice[TO_STEP] = 0
    rest_voice(w, state, voice)


@inlined
def _glide_step(w: Floats, target: Floats, steps_left: int) -> None:
    """Go one of the remaining steps; the last one arrives exactly."""
    share = vsplat(np.float32(1.0 / steps_left))
    for i in range(0, w.size, LANES):
        here, there = vload(w, i), vload(target, i)
        vstore(w, i, vfma(share, there - here, here) if steps_left > 1 else there)


@compiled
def gru_process(
    x: Floats, y: Floats, frames: int, w: Floats, target: Floats, state: Floats, voice: Integers
) -> None:
    """Process `frames` samples of x into y; x and y may be the same array."""
    previous = flush_denormals()
    at = np.int64(0)  # a plain 0 would have `_run` compiled a second time, for that constant
    while at < frames:
        if voice[STEPS_LEFT] > 0 and voice[TO_STEP] == 0:
            _glide_step(w, target, voice[STEPS_LEFT])
            voice[STEPS_LEFT] -= 1
            voice[TO_STEP] = GLIDE_STRIDE
        count = frames - at
        if voice[TO_STEP] > 0:
            count = min(count, voice[TO_STEP])
            voice[TO_STEP] -= count
        _run(x, y, at, at + count, w, state, voice)
        at += count
    restore_denormals(previous)


@compiled
def gru_render(
    x: Floats, y: Floats, block: int, w: Floats, target: Floats, state: Floats, voice: Integers
) -> None:
    """Process all of x in blocks, as a stream would."""
    for at in range(0, x.size, block):
        count = min(block, x.size - at)
        gru_process(x[at : at + count], y[at : at + count], count, w, target, state, voice)


def new_voice(hidden: int) -> Integers:
    """The numbers of a voice that has not played yet."""
    voice = np.zeros(VOICE_SIZE, np.int64)
    voice[HIDDEN] = hidden
    return voice


def glide_steps(sample_rate: int) -> int:
    """Steps of a glide of `GLIDE_SECONDS` at `sample_rate`."""
    return max(1, round(GLIDE_SECONDS * sample_rate / GLIDE_STRIDE))
