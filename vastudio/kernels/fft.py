"""A fast Fourier transform for convolution inside the audio callback, which can call no library.

*Layout.* `points` complex numbers, a power of two, as vectors: LANES real parts, then their LANES imaginary
parts, and so on. *Order.* The spectrum stands in bit-reversed order: forward, by decimation in frequency, it
falls out so; backward, by decimation in time, it is wanted so. For convolution the order does not matter, and
nobody needs to sort.

*Steps.* A transform is done step by step, by `forward_step` or `backward_step` with the step numbers 0 to
`steps(points) − 1`, and for the way back from the last to the first. Each goes once over the data and takes
about as long as the others, so that a caller may spread a long transform over time. All steps but the last
combine whole vectors, four at a time (or two, where the number of halvings is odd); the last one works
within each vector. Backward undoes forward but for a factor of `points`.

*Turning.* Real signals of 2·points samples are transformed as z[n] = (x[n] + i·x[n + points])·t[n] with
t[n] = e^(iπn / 2·points). Products of such spectra are convolutions in which what passes the end comes back
at the front with its sign changed: the polynomial product modulo zᴾ − i. No real spectrum has to be
unravelled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from vastudio.kernels.emit import Emitter
from vastudio.kernels.jit import LANES, compiled, inlined
from vastudio.kernels.memory import aligned
from vastudio.kernels.simd import Vector, f32x, vfma, vload, vstore

Floats = npt.NDArray[np.float32]
Complex = npt.NDArray[np.complex128]

_PAIR = 2 * LANES
"""Numbers in a vector of complex numbers."""

_EVEN_POWERS = 0x5555555555555555
"""Bits of the powers of four."""


def interleave(numbers: Complex) -> Floats:
    """Return complex numbers, shape (multiple of LANES,), in the layout of the transform."""
    vectors = numbers.reshape(-1, LANES)
    return np.stack([vectors.real, vectors.imag], axis=1).astype(np.float32).reshape(-1)


def deinterleave(floats: Floats) -> Complex:
    """Undo `interleave`."""
    vectors = floats.reshape(-1, 2, LANES).astype(np.float64)
    return np.asarray(vectors[:, 0] + 1j * vectors[:, 1]).reshape(-1)


@cache
def table(points: int) -> Floats:
    """Return the constants of a transform: the turn t, then what each step multiplies by.

    `points` is a power of two and at least 4·MAX_LANES. The array must not be changed.
    """
    parts = [np.exp(0.5j * np.pi * np.arange(points) / points)]
    size = points
    while size > LANES:
        if _is_odd(size // LANES):
            parts.append(np.exp(-2j * np.pi * np.arange(size // 2) / size))
            size //= 2
        else:
            first = np.exp(-2j * np.pi * np.arange(size // 4) / size).reshape(-1, LANES)
            parts.append(np.stack([first, first**2, first**3], axis=1).reshape(-1))
            size //= 4
    numbers = interleave(np.concatenate(parts))
    constants = aligned(numbers.size, np.float32)
    constants[:] = numbers
    constants.flags.writeable = False
    return constants


# --- within a vector ----------------------------------------------------------------------------------------


def _within(emit: Emitter, re: Any, im: Any, *, backward: bool) -> tuple[Any, Any]:
    """Transform the LANES complex numbers of a vector by exchanging lanes at distances LANES/2, …, 2, 1."""
    lanes = np.arange(LANES)
    distances = [1 << bit for bit in range(LANES.bit_length() - 1)]
    for distance in distances if backward else reversed(distances):
        upper = lanes % (2 * distance) >= distance
        signs = ir.Constant(emit.vector, [float(sign) for sign in np.where(upper, -1.0, 1.0)])
        factors = np.exp((1j if backward else -1j) * np.pi * (lanes % distance) / distance)
        factors = np.where(upper, factors, 1.0)
        order = [int(lane) for lane in lanes ^ distance]
        if backward:
            re, im = _turned(emit, re, im, factors)
        re = emit.fma(re, signs, emit.pick(re, order))
        im = emit.fma(im, signs, emit.pick(im, order))
        if not backward:
            re, im = _turned(emit, re, im, factors)
    return re, im


def _turned(emit: Emitter, re: Any, im: Any, factors: Complex) -> tuple[Any, Any]:
    """Multiply by constants, one per lane."""
    if np.all(factors == 1.0):
        return re, im
    real, imaginary, minus = (
        ir.Constant(emit.vector, [float(np.float32(x)) for x in part])
        for part in (factors.real, factors.imag, -factors.imag)
    )
    return emit.fma(im, minus, emit.mul(re, real)), emit.fma(re, imaginary, emit.mul(im, real))


_TWO = types.UniTuple(f32x, 2)


@intrinsic
def _within_forward(typing: Any, re: Any, im: Any) -> tuple[Any, Callable[..., Any]]:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_tuple(builder, _TWO, _within(Emitter(builder), *args, backward=False))

    return _TWO(f32x, f32x), lower


@intrinsic
def _within_backward(typing: Any, re: Any, im: Any) -> tuple[Any, Callable[..., Any]]:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_tuple(builder, _TWO, _within(Emitter(builder), *args, backward=True))

    return _TWO(f32x, f32x), lower


# --- whole vectors ------------------------------------------------------------------------------------------


@inlined
def load(x: Floats, at: int) -> tuple[Vector, Vector]:
    """The vector of complex numbers at index `at`."""
    return vload(x, at), vload(x, at + LANES)


@inlined
def store(x: Floats, at: int, re: Vector, im: Vector) -> None:
    """Put a vector of complex numbers at index `at`."""
    vstore(x, at, re)
    vstore(x, at + LANES, im)


@inlined
def _store_product(x: Floats, at: int, re: Vector, im: Vector, t: Floats, factor: int) -> None:
    """x[at] = (re + i·im)·t[factor]."""
    c, s = load(t, factor)
    store(x, at, vfma(-im, s, re * c), vfma(re, s, im * c))


@inlined
def _load_product(x: Floats, at: int, t: Floats, factor: int) -> tuple[Vector, Vector]:
    """x[at] times the conjugate of t[factor]."""
    re, im = load(x, at)
    c, s = load(t, factor)
    return vfma(im, s, re * c), vfma(-re, s, im * c)


@inlined
def _is_odd(vectors: int) -> bool:
    """Whether a power of two is none of four."""
    return vectors & _EVEN_POWERS == 0


@inlined
def _twos_forward(x: Floats, at: int, vectors: int, t: Floats, factor: int) -> None:
    """Combine the halves of x, `vectors` long."""
    half = vectors // 2 * _PAIR
    for i in range(0, half, _PAIR):
        a, b = at + i, at + half + i
        ar, ai = load(x, a)
        br, bi = load(x, b)
        store(x, a, ar + br, ai + bi)
        _store_product(x, b, ar - br, ai - bi, t, factor + i)


@inlined
def _twos_backward(x: Floats, at: int, vectors: int, t: Floats, factor: int) -> None:
    half = vectors // 2 * _PAIR
    for i in range(0, half, _PAIR):
        a, b = at + i, at + half + i
        ar, ai = load(x, a)
        br, bi = _load_product(x, b, t, factor + i)
        store(x, a, ar + br, ai + bi)
        store(x, b, ar - br, ai - bi)


@inlined
def _fours_forward(x: Floats, at: int, size: int, t: Floats, factor: int) -> None:
    """Combine the quarters of the `size` vectors that begin at `at`: two halvings at once."""
    quarter = size // 4 * _PAIR
    for i in range(0, quarter, _PAIR):
        a = at + i
        b, c, d = a + quarter, a + 2 * quarter, a + 3 * quarter
        ar, ai = load(x, a)
        br, bi = load(x, b)
        cr, ci = load(x, c)
        dr, di = load(x, d)
        sum_r, sum_i, other_r, other_i = ar + cr, ai + ci, br + dr, bi + di
        gap_r, gap_i, turn_r, turn_i = ar - cr, ai - ci, bi - di, dr - br
        w = factor + 3 * i
        store(x, a, sum_r + other_r, sum_i + other_i)
        _store_product(x, b, sum_r - other_r, sum_i - other_i, t, w + _PAIR)
        _store_product(x, c, gap_r + turn_r, gap_i + turn_i, t, w)
        _store_product(x, d, gap_r - turn_r, gap_i - turn_i, t, w + 2 * _PAIR)


@inlined
def _fours_backward(x: Floats, at: int, size: int, t: Floats, factor: int) -> None:
    quarter = size // 4 * _PAIR
    for i in range(0, quarter, _PAIR):
        a = at + i
        b, c, d = a + quarter, a + 2 * quarter, a + 3 * quarter
        w = factor + 3 * i
        ar, ai = load(x, a)
        br, bi = _load_product(x, b, t, w + _PAIR)
        cr, ci = _load_product(x, c, t, w)
        dr, di = _load_product(x, d, t, w + 2 * _PAIR)
        sum_r, sum_i, other_r, other_i = ar + br, ai + bi, cr + dr, ci + di
        gap_r, gap_i, turn_r, turn_i = ar - br, ai - bi, di - ci, cr - dr
        store(x, a, sum_r + other_r, sum_i + other_i)
        store(x, b, gap_r + turn_r, gap_i + turn_i)
        store(x, c, sum_r - other_r, sum_i - other_i)
        store(x, d, gap_r - turn_r, gap_i - turn_i)


# --- steps --------------------------------------------------------------------------------------------------


@compiled
def steps(points: int) -> int:
    """How many steps a transform has."""
    size, count = points // LANES, 1
    while size > 1:
        size //= 2 if _is_odd(size) else 4
        count += 1
    return count


@inlined
def _place(points: int, step: int) -> tuple[int, int]:
    """Vectors that step `step` combines, and where its constants begin in the table."""
    size, factor = points // LANES, 2 * points
    for _ in range(step):
        if _is_odd(size):
            factor += size // 2 * _PAIR
            size //= 2
        else:
            factor += 3 * (size // 4) * _PAIR
            size //= 4
    return size, factor


@compiled
def forward_step(x: Floats, begin: int, points: int, t: Floats, step: int) -> None:
    """Do step `step` of the transform of x[begin : begin + 2·points] in place; `t` is `table(points)`."""
    size, factor = _place(points, step)
    end = begin + 2 * points
    if size == 1:
        for at in range(begin, end, _PAIR):
            re, im = load(x, at)
            re, im = _within_forward(re, im)
            store(x, at, re, im)
    elif _is_odd(size):
        _twos_forward(x, begin, size, t, factor)
    else:
        for at in range(begin, end, size * _PAIR):
            _fours_forward(x, at, size, t, factor)


@compiled
def backward_step(x: Floats, begin: int, points: int, t: Floats, step: int) -> None:
    """Undo step `step`, but for a factor of the number of parts that it combines."""
    size, factor = _place(points, step)
    end = begin + 2 * points
    if size == 1:
        for at in range(begin, end, _PAIR):
            re, im = load(x, at)
            re, im = _within_backward(re, im)
            store(x, at, re, im)
    elif _is_odd(size):
        _twos_backward(x, begin, size, t, factor)
    else:
        for at in range(begin, end, size * _PAIR):
            _fours_backward(x, at, size, t, factor)


@compiled
def forward(x: Floats, t: Floats) -> None:
    """Transform x, shape (2·points,), in place."""
    points = x.size // 2
    for step in range(steps(points)):
        forward_step(x, 0, points, t, step)


@compiled
def backward(x: Floats, t: Floats) -> None:
    """Undo `forward` but for the factor `points`."""
    points = x.size // 2
    for step in range(steps(points) - 1, -1, -1):
        backward_step(x, 0, points, t, step)
