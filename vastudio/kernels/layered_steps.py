"""The steps of a layered network: what one layer does with rows of samples, in compiled code.

A row is one channel; its numbers are consecutive samples. `width` is how many samples are computed: whole
vectors, so a few more than were asked for, which the next stretch overwrites. Every sample is computed alike
wherever it stands in a stretch.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from vastudio.kernels.jit import LANES, compiled, inlined
from vastudio.kernels.simd import (
    LOG2_E,
    Vector,
    one_plus_exp2,
    sigmoid,
    sload,
    tanh,
    vfma,
    vload,
    vmax,
    vmin,
    vselect_less,
    vsplat,
    vstore,
)
from vastudio.kernels.voice import Floats

Place: TypeAlias = tuple[int, int]
"""Where in the state the first of some rows has its present stretch, and how far rows are apart."""

Size: TypeAlias = tuple[int, int, int]
"""Inputs, taps and dilation of a convolution."""

ROWS_ABREAST = 4
"""Outputs of a convolution that are computed together; their weights lie side by side."""

(
    TANH,
    SIGMOID,
    LEAKY_RELU,  # slope
    HARD_TANH,  # minimum, maximum, slope below, slope above
    FAST_TANH,
    SILU,
    HARD_SWISH,
    SOFTSIGN,
    ELU,  # factor
) = range(9)
"""Activation functions, and what their parameters are."""

PARAMETERS = 4
"""Numbers that an activation function has for each row."""

_ZERO, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_THREE, _SIXTH = np.float32(3.0), np.float32(1 / 6)
_LOG2_E = np.float32(LOG2_E)

_FAST_TANH_NUMERATOR = np.array([2.45550750702956, 0.893229853513558, 0.821226666969744], np.float32)
_FAST_TANH_DENOMINATOR = np.array([2.44506634652299, 0.814642734961073], np.float32)


# --- convolution --------------------------------------------------------------------------------------------


@inlined
def _begin(state: Floats, onto: Place, row: int, v: int, bias: np.float32) -> Vector:
    """A row's bias, on top of what stands in a row at `onto` if that is a place."""
    start = vsplat(bias)
    if onto[0] >= 0:
        start = start + vload(state, onto[0] + row * onto[1] + v)
    return start


@inlined
def _four_rows(
    state: Floats, weights: Floats, source: Place, v: int, size: Size, matrix: int, begin: tuple[Vector, ...]
) -> tuple[Vector, ...]:
    """Add four outputs' sums of products to `begin`, over the two vectors of samples from v on."""
    a0, a1, b0, b1, c0, c1, d0, d1 = begin
    inputs, taps, dilation = size
    weight = matrix
    for tap in range(taps):
        at = source[0] + v - (taps - 1 - tap) * dilation
        for _ in range(inputs):
            x0, x1 = vload(state, at), vload(state, at + LANES)
            a, b = vsplat(sload(weights, weight)), vsplat(sload(weights, weight + 1))
            c, d = vsplat(sload(weights, weight + 2)), vsplat(sload(weights, weight + 3))
            a0, a1, b0, b1 = vfma(a, x0, a0), vfma(a, x1, a1), vfma(b, x0, b0), vfma(b, x1, b1)
            c0, c1, d0, d1 = vfma(c, x0, c0), vfma(c, x1, c1), vfma(d, x0, d0), vfma(d, x1, d1)
            at += source[1]
            weight += ROWS_ABREAST
    return a0, a1, b0, b1, c0, c1, d0, d1


@inlined
def _one_row(
    state: Floats, weights: Floats, source: Place, v: int, size: Size, matrix: int, begin: tuple[Vector, ...]
) -> tuple[Vector, ...]:
    """Add one output's sum of products to `begin`, over the four vectors of samples from v on."""
    s0, s1, s2, s3 = begin
    inputs, taps, dilation = size
    weight = matrix
    for tap in range(taps):
        at = source[0] + v - (taps - 1 - tap) * dilation
        for _ in range(inputs):
            w = vsplat(sload(weights, weight))
            s0, s1 = vfma(w, vload(state, at), s0), vfma(w, vload(state, at + LANES), s1)
            s2 = vfma(w, vload(state, at + 2 * LANES), s2)
            s3 = vfma(w, vload(state, at + 3 * LANES), s3)
            at += source[1]
            weight += 1
    return s0, s1, s2, s3


@compiled
def convolve(
    state: Floats, weights: Floats, source: Place, target: Place, outputs: int, onto: Place, size: Size,
    bias: int, matrix: int, width: int,
) -> None:  # fmt: skip
    """Write target = onto + bias + Σ weights·source over inputs and taps, causal and dilated.

    `onto` at −1 stands for zeros. The matrix lies by groups of `ROWS_ABREAST` outputs, then single ones,
    within them by tap (the oldest first) and input.
    """
    to, apart = target
    weights_of_one = size[0] * size[1]
    together = outputs // ROWS_ABREAST * ROWS_ABREAST
    for row in range(0, together, ROWS_ABREAST):
        at = matrix + row * weights_of_one
        a, b = sload(weights, bias + row), sload(weights, bias + row + 1)
        c, d = sload(weights, bias + row + 2), sload(weights, bias + row + 3)
        for v in range(0, width, 2 * LANES):
            begin = (
                _begin(state, onto, row, v, a), _begin(state, onto, row, v + LANES, a),
                _begin(state, onto, row + 1, v, b), _begin(state, onto, row + 1, v + LANES, b),
                _begin(state, onto, row + 2, v, c), _begin(state, onto, row + 2, v + LANES, c),
                _begin(state, onto, row + 3, v, d), _begin(state, onto, row + 3, v + LANES, d),
            )  # fmt: skip
            sums = _four_rows(state, weights, source, v, size, at, begin)
            first = to + row * apart + v
            vstore(state, first, sums[0])
            vstore(state, first + LANES, sums[1])
            vstore(state, first + apart, sums[2])
            vstore(state, first + apart + LANES, sums[3])
            vstore(state, first + 2 * apart, sums[4])
            vstore(state, first + 2 * apart + LANES, sums[5])
            vstore(state, first + 3 * apart, sums[6])
            vstore(state, first + 3 * apart + LANES, sums[7])
    for row in range(together, outputs):
        start, at = sload(weights, bias + row), matrix + row * weights_of_one
        for v in range(0, width, 4 * LANES):
            alone = (
                _begin(state, onto, row, v, start),
                _begin(state, onto, row, v + LANES, start),
                _begin(state, onto, row, v + 2 * LANES, start),
                _begin(state, onto, row, v + 3 * LANES, start),
            )  # fmt: skip
            total = _one_row(state, weights, source, v, size, at, alone)
            first = to + row * apart + v
            vstore(state, first, total[0])
            vstore(state, first + LANES, total[1])
            vstore(state, first + 2 * LANES, total[2])
            vstore(state, first + 3 * LANES, total[3])


# --- activation ---------------------------------------------------------------------------------------------


@inlined
def _fast_tanh(x: Vector) -> Vector:
    """A rational function near tanh, as the Neural Amp Modeler has it under this name."""
    size, square = vmax(x, -x), x * x
    a, b, c = (
        vsplat(_FAST_TANH_NUMERATOR[0]),
        vsplat(_FAST_TANH_NUMERATOR[1]),
        vsplat(_FAST_TANH_NUMERATOR[2]),
    )
    d, e = vsplat(_FAST_TANH_DENOMINATOR[0]), vsplat(_FAST_TANH_DENOMINATOR[1])
    bent = vfma(e * x, size, x)
    over = x * vfma(vfma(c, size, b), square, vfma(a, size, a))
    return over / vfma(d + square, vmax(bent, -bent), d)


@inlined
def _bent(x: Vector, low: Vector, high: Vector, below: Vector, above: Vector) -> Vector:
    """x between `low` and `high`, straight lines of other slopes beyond."""
    held = vmin(vmax(x, low), high)
    slope = vselect_less(x, low, below, above)
    return vfma(slope, x - held, held)


@inlined
def _elu(x: Vector, factor: Vector) -> Vector:
    """x where it is positive, else factor·(e^x − 1)."""
    two = vsplat(_ONE) + vsplat(_ONE)
    grown = one_plus_exp2(vmin(x, vsplat(_ZERO)) * vsplat(_LOG2_E)) - two
    return vselect_less(x, vsplat(_ZERO), factor * grown, x)


@inlined
def _activated(kind: int, x: Vector, weights: Floats, at: int) -> Vector:
    """One of the activation functions, its parameters at a place in the weights."""
    zero, first = vsplat(_ZERO), vsplat(sload(weights, at))
    if kind == TANH:
        x = tanh(x)
    elif kind == SIGMOID:
        x = sigmoid(x)
    elif kind == LEAKY_RELU:
        x = vselect_less(zero, x, x, first * x)
    elif kind == HARD_TANH:
        high, below = vsplat(sload(weights, at + 1)), vsplat(sload(weights, at + 2))
        x = _bent(x, first, high, below, vsplat(sload(weights, at + 3)))
    elif kind == FAST_TANH:
        x = _fast_tanh(x)
    elif kind == SILU:
        x = x * sigmoid(x)
    elif kind == HARD_SWISH:
        three = vsplat(_THREE)
        x = x * (vmin(vmax(x + three, zero), three + three) * vsplat(_SIXTH))
    elif kind == SOFTSIGN:
        x = x / (vsplat(_ONE) + vmax(x, -x))
    elif kind == ELU:
        x = _elu(x, first)
    return x


@compiled
def activate(
    state: Floats, weights: Floats, target: Place, count: int, kind: int, parameters: int, width: int
) -> None:
    """Pass rows through an activation function in place; `PARAMETERS` numbers for each row."""
    for row in range(count):
        at, begin = parameters + row * PARAMETERS, target[0] + row * target[1]
        for v in range(begin, begin + width, LANES):
            vstore(state, v, _activated(kind, vload(state, v), weights, at))


# --- rows by rows -------------------------------------------------------------------------------------------


@compiled
def multiply(state: Floats, target: Place, count: int, by: Place, width: int) -> None:
    """target *= by."""
    for row in range(count):
        to, factor = target[0] + row * target[1], by[0] + row * by[1]
        for v in range(0, width, LANES):
            vstore(state, to + v, vload(state, to + v) * vload(state, factor + v))


@compiled
def add(state: Floats, target: Place, count: int, what: Place, width: int) -> None:
    """target += what."""
    for row in range(count):
        to, more = target[0] + row * target[1], what[0] + row * what[1]
        for v in range(0, width, LANES):
            vstore(state, to + v, vload(state, to + v) + vload(state, more + v))


@compiled
def copy(state: Floats, target: Place, count: int, what: Place, width: int) -> None:
    """target = what."""
    for row in range(count):
        to, here = target[0] + row * target[1], what[0] + row * what[1]
        for v in range(0, width, LANES):
            vstore(state, to + v, vload(state, here + v))


@compiled
def blend(state: Floats, target: Place, count: int, raw: Place, by: Place, width: int) -> None:
    """target = by·target + (1 − by)·raw."""
    for row in range(count):
        to, other, share = target[0] + row * target[1], raw[0] + row * raw[1], by[0] + row * by[1]
        for v in range(0, width, LANES):
            plain = vload(state, other + v)
            vstore(state, to + v, vfma(vload(state, share + v), vload(state, to + v) - plain, plain))
