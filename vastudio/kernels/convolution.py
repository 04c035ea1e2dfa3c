"""Convolution with an impulse response, of up to ten seconds, without latency.

The first taps are summed directly. The others are cut into partitions, which work on spectra (W. Gardner,
"Efficient convolution without input–output delay", JAES 43/3, 1995), on up to three levels of growing
partition size. The input of a partition's length is transformed once; its spectrum is multiplied with those
of all partitions of the level, each of which meets it a partition later than the one before; the products are
added up and transformed back once.

*When.* Time is counted in slots of `SLOT` samples from the voice's first one. A window of P samples is
complete at the end of its last slot, and its work is spread evenly over the beginnings of the P/SLOT slots
that follow; in the last of them the result is due. So a level can hold the taps from 2P − SLOT on; the
smaller levels, and for P = SLOT the direct sum, hold those before. Nothing depends on how the signal is cut
into blocks.

*Work* is cut into units that take similar time, one pass over P points: loading, each step of the transform,
multiplying a group of partitions, each step back, and adding the result to what is to come.

State, in float32 numbers: what the direct sum sees (the last slot, the present one, padding, and a vector of
scratch), two rings of input and of output to come (padded by a vector), and for every level the spectra of
its latest windows and the sum of products.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from numba import carray, cfunc

from vastudio.kernels import fft
from vastudio.kernels.fft import backward_step, forward_step, load, store
from vastudio.kernels.jit import CACHED, LANES, MAX_LANES, compiled, inlined
from vastudio.kernels.memory import address, pointer
from vastudio.kernels.partitions import MAX_TAPS, SIZES, SLOT, TAPS_ABREAST, Level, levels, pack
from vastudio.kernels.simd import Vector, sload, vfma, vfma_scalar, vload, vsplat, vstore
from vastudio.kernels.voice import (
    OWN,
    PACKED,
    PROCESS_SIGNATURE,
    REST_SIGNATURE,
    STATE,
    STATE_AT,
    WEIGHTS_AT,
    Program,
    floats_at,
    numbers_at,
)

__all__ = ["pack", "program"]

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

(_POSITION, _RING, _LEVELS, _FIRST_LEVEL) = range(4)
"""The program's own integers: samples played, length of the rings, number of levels; then for each level"""

(_POINTS, _PARTITIONS, _GROUP, _UNITS, _STEPS, _TABLE, _SPECTRA_AT, _SUM_AT, _TAPS_AT, _LEVEL_SIZE) = range(
    10
)
"""partition size, partitions, partitions in a unit of work, units, steps of the transform, address of its
constants, where in the state the windows' spectra and the sum lie, where in the weights the taps' spectra."""

_OWN_SIZE = _FIRST_LEVEL + len(SIZES) * _LEVEL_SIZE

_SCRATCH = 2 * SLOT + MAX_LANES
_RECENT = _SCRATCH + MAX_LANES
"""What the direct sum sees, and its scratch."""

_ZERO = np.float32(0.0)
_PAIR = 2 * LANES


# --- compiled: the direct sum -------------------------------------------------------------------------------


@inlined
def _direct(recent: Floats, at: int, taps: Floats, even: Vector) -> Vector:
    """`even` plus the direct taps' share of the outputs at recent[at : at + LANES]."""
    odd = vsplat(_ZERO)
    tap = 0
    for oldest in range(at, at - SLOT, -TAPS_ABREAST * LANES):
        for j in range(oldest, oldest - LANES, -1):
            even = vfma_scalar(sload(taps, tap), vload(recent, j), even)
            odd = vfma_scalar(sload(taps, tap + 1), vload(recent, j - LANES), odd)
            even = vfma_scalar(sload(taps, tap + 2), vload(recent, j - 2 * LANES), even)
            odd = vfma_scalar(sload(taps, tap + 3), vload(recent, j - 3 * LANES), odd)
            tap += TAPS_ABREAST
    return even + odd


@inlined
def _direct_four(recent: Floats, at: int, taps: Floats, coming: Floats, to: int, out: Floats, i: int) -> None:
    """out[i : i + 4·LANES] as by `_direct`, number by number; four vectors share what they load."""
    zero = vsplat(_ZERO)
    even0, even1 = vload(coming, to), vload(coming, to + LANES)
    even2, even3 = vload(coming, to + 2 * LANES), vload(coming, to + 3 * LANES)
    odd0, odd1, odd2, odd3 = zero, zero, zero, zero
    tap = 0
    for oldest in range(at, at - SLOT, -TAPS_ABREAST * LANES):
        for j in range(oldest, oldest - LANES, -1):
            x0, x1 = vload(recent, j), vload(recent, j + LANES)
            x2, x3 = vload(recent, j + 2 * LANES), vload(recent, j + 3 * LANES)
            before1, before2 = vload(recent, j - LANES), vload(recent, j - 2 * LANES)
            before3 = vload(recent, j - 3 * LANES)
            h = vsplat(sload(taps, tap))
            even0, even1 = vfma(h, x0, even0), vfma(h, x1, even1)
            even2, even3 = vfma(h, x2, even2), vfma(h, x3, even3)
            h = vsplat(sload(taps, tap + 1))
            odd0, odd1 = vfma(h, before1, odd0), vfma(h, x0, odd1)
            odd2, odd3 = vfma(h, x1, odd2), vfma(h, x2, odd3)
            h = vsplat(sload(taps, tap + 2))
            even0, even1 = vfma(h, before2, even0), vfma(h, before1, even1)
            even2, even3 = vfma(h, x0, even2), vfma(h, x1, even3)
            h = vsplat(sload(taps, tap + 3))
            odd0, odd1 = vfma(h, before3, odd0), vfma(h, before2, odd1)
            odd2, odd3 = vfma(h, before1, odd2), vfma(h, x0, odd3)
            tap += TAPS_ABREAST
    vstore(out, i, even0 + odd0)
    vstore(out, i + LANES, even1 + odd1)
    vstore(out, i + 2 * LANES, even2 + odd2)
    vstore(out, i + 3 * LANES, even3 + odd3)


@inlined
def _add_direct(recent: Floats, place: int, taps: Floats, coming: Floats, at: int, out: Floats) -> None:
    """out = the direct sum at `place` in the slot, plus what was to come at coming[at:]; out.size outputs."""
    count = out.size
    i = np.int64(0)
    while i + 4 * LANES <= count:
        _direct_four(recent, SLOT + place + i, taps, coming, at + i, out, i)
        i += 4 * LANES
    while i < count:
        result = _direct(recent, SLOT + place + i, taps, vload(coming, at + i))
        if i + LANES <= count:
            vstore(out, i, result)
        else:
            vstore(recent, _SCRATCH, result)
            for j in range(i, count):
                out[j] = recent[_SCRATCH + j - i]
        i += LANES


# --- compiled: levels ---------------------------------------------------------------------------------------


@inlined
def _load_window(history: Floats, older: int, newer: int, x: Floats, at: int, points: int, t: Floats) -> None:
    """Put the turned window, history[older:] and history[newer:] of `points` each, at x[at:]."""
    for i in range(0, points, LANES):
        re, im = vload(history, older + i), vload(history, newer + i)
        c, s = load(t, 2 * i)
        store(x, at + 2 * i, vfma(-im, s, re * c), vfma(re, s, im * c))


@inlined
def _add_result(x: Floats, at: int, points: int, t: Floats, coming: Floats, begin: int, ring: int) -> None:
    """Add the newer half of the turned x[at:] to the ring of output to come."""
    for i in range(0, points, LANES):
        re, im = load(x, at + 2 * i)
        c, s = load(t, 2 * i)
        j = (begin + i) & (ring - 1)
        vstore(coming, j, vload(coming, j) + vfma(-re, s, im * c))


@compiled
def _add_products(
    total: Floats, at: int, points: int, x: Floats, x_at: int, h: Floats, h_at: int, count: int
) -> None:
    """Add up `count` products of spectra: h[h_at:] and following with x[x_at:] and those before it."""
    step = 2 * points
    for i in range(0, step, _PAIR):
        re, im = load(total, at + i)
        minus, cross = vsplat(_ZERO), vsplat(_ZERO)
        a, b = x_at + i, h_at + i
        for _ in range(count):
            xr, xi = load(x, a)
            hr, hi = load(h, b)
            re, minus = vfma(xr, hr, re), vfma(xi, hi, minus)
            im, cross = vfma(xr, hi, im), vfma(xi, hr, cross)
            a -= step
            b += step
        store(total, at + i, re - minus, im + cross)


@inlined
def _multiply(level: Integers, window: int, first: int, state: Floats, weights: Floats) -> None:
    """Multiply a group of partitions, from number `first` on, with the spectra of their windows."""
    points, partitions = level[_POINTS], level[_PARTITIONS]
    end = min(first + level[_GROUP], partitions)
    newest = window % partitions
    before_wrap = min(end, newest + 1)
    while first < end:
        stop = before_wrap if first < before_wrap else end
        slot = newest - first if first < before_wrap else newest - first + partitions
        _add_products(
            state,
            level[_SUM_AT],
            points,
            state,
            level[_SPECTRA_AT] + 2 * points * slot,
            weights,
            level[_TAPS_AT] + 2 * points * first,
            stop - first,
        )
        first = stop


@compiled
def _do_unit(
    level: Integers, unit: int, window: int, ring: int, rings: Floats, state: Floats, weights: Floats
) -> None:
    """Do one unit of the work on the window that ended where window number `window` began."""
    points, steps = level[_POINTS], level[_STEPS]
    t = floats_at(level[_TABLE], 4 * points)  # or a little less
    spectrum = level[_SPECTRA_AT] + 2 * points * (window % level[_PARTITIONS])
    total = level[_SUM_AT]
    back = level[_UNITS] - 1 - steps
    if unit == 0:
        begin = window * points
        _load_window(
            rings,
            (begin - 2 * points) & (ring - 1),
            (begin - points) & (ring - 1),
            state,
            spectrum,
            points,
            t,
        )
        for i in range(total, total + 2 * points, LANES):
            vstore(state, i, vsplat(_ZERO))
    elif unit <= steps:
        forward_step(state, spectrum, points, t, unit - 1)
    elif unit < back:
        _multiply(level, window, (unit - 1 - steps) * level[_GROUP], state, weights)
    elif unit < level[_UNITS] - 1:
        backward_step(state, total, points, t, level[_UNITS] - 2 - unit)
    else:
        coming = rings[ring + MAX_LANES :]
        _add_result(state, total, points, t, coming, (window + 1) * points - SLOT, ring)


@compiled
def _work(own: Integers, state: Floats, weights: Floats) -> None:
    """Do the work that is due at the beginning of a slot."""
    ring = own[_RING]
    rings = state[_RECENT : _RECENT + 2 * (ring + MAX_LANES)]
    for i in range(own[_LEVELS]):
        level = own[_FIRST_LEVEL + i * _LEVEL_SIZE : _FIRST_LEVEL + (i + 1) * _LEVEL_SIZE]
        points, units = level[_POINTS], level[_UNITS]
        window, slots = own[_POSITION] // points, points // SLOT
        slot = own[_POSITION] % points // SLOT
        for unit in range((units * slot + slots - 1) // slots, (units * (slot + 1) + slots - 1) // slots):
            _do_unit(level, unit, window, ring, rings, state, weights)


# --- compiled: the stream -----------------------------------------------------------------------------------


@inlined
def _end_slot(recent: Floats, history: Floats, coming: Floats, at: int) -> None:
    """Keep the slot's input for the levels and the direct sum; clear its place in what is to come."""
    for i in range(0, SLOT, LANES):
        newest = vload(recent, SLOT + i)
        vstore(history, at + i, newest)
        vstore(recent, i, newest)
        vstore(coming, at + i, vsplat(_ZERO))


@compiled
def _convolve(own: Integers, state: Floats, weights: Floats, source: Floats, out: Floats) -> None:
    ring = own[_RING]
    recent = state[:_RECENT]
    history = state[_RECENT : _RECENT + ring + MAX_LANES]
    coming = state[_RECENT + ring + MAX_LANES : _RECENT + 2 * (ring + MAX_LANES)]
    done = np.int64(0)
    while done < source.size:
        place = own[_POSITION] % SLOT
        if place == 0:
            _work(own, state, weights)
        count = min(source.size - done, SLOT - place)
        for i in range(count):
            recent[SLOT + place + i] = source[done + i]
        at = own[_POSITION] & (ring - 1)
        _add_direct(recent, place, weights, coming, at, out[done : done + count])
        own[_POSITION] += count
        if place + count == SLOT:
            _end_slot(recent, history, coming, at - place)
        done += count


@inlined
def _own(at: int) -> Integers:
    return carray(pointer(at), OWN + _OWN_SIZE, np.int64)[OWN:]


@cache
def _functions() -> tuple[object, object]:
    """Compile; the same functions play impulse responses of any length."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        voice = numbers_at(at)
        weights, state = (
            floats_at(voice[WEIGHTS_AT], voice[PACKED]),
            floats_at(voice[STATE_AT], voice[STATE]),
        )
        _convolve(_own(at), state, weights, floats_at(source, frames), floats_at(out, frames))

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        voice = numbers_at(at)
        floats_at(voice[STATE_AT], voice[STATE])[:] = _ZERO
        _own(at)[_POSITION] = 0

    return process, rest


def program(taps: int) -> Program:
    """Return the program for impulse responses of `taps` samples, 1 to `MAX_TAPS`.

    Impulse responses whose partitions are the same share it. Raises ValueError for other lengths.
    """
    if not 1 <= taps <= MAX_TAPS:
        raise ValueError(f"{taps} taps, 1 to {MAX_TAPS} are possible")
    return _program(levels(taps))


@cache
def _program(layout: tuple[Level, ...]) -> Program:
    ring = 4 * max((level.points for level in layout), default=SLOT)
    own = [0, ring, len(layout)]
    state, weights = _RECENT + 2 * (ring + MAX_LANES), SLOT
    tables = [fft.table(level.points) for level in layout]
    for level, constants in zip(layout, tables, strict=True):
        spectra = 2 * level.points * level.partitions
        own += [level.points, level.partitions, level.group, level.units, int(fft.steps(level.points))]
        own += [address(constants), state, state + spectra, weights]
        state += spectra + 2 * level.points
        weights += spectra
    own += [0] * (_OWN_SIZE - len(own))
    process, rest = _functions()
    return Program(
        process.address,  # type: ignore[attr-defined]
        rest.address,  # type: ignore[attr-defined]
        packed=weights,
        state=state,
        own=tuple(own),
        keep=(process, rest, tables),
    )
