"""A program that runs at another rate than its surroundings: resampled on its way in and out, as one program.

    program = resampled.program(inner, model_rate=44_100, rate=48_000)

Both ways are a windowed sinc (Kaiser's window), one row of taps for each of the places that a sample can have
between two others, all rows with sum 1. Up to 20/22.05 of the lower rate's band everything passes; aliases
and images of that are below −95 dB. What lies above may fold back into the rest of the band.

Time is counted in samples from rest: model sample m stands at device sample m·D/M. It is computed as soon as
half a window of device samples behind it is there, an output as soon as half a window of model samples is;
that is the latency, with the inner program's own a whole number of device samples. Nothing depends on how the
sound is cut into blocks.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numba import cfunc

from vastudio.kernels.jit import CACHED, LANES, MAX_LANES, compiled, inlined
from vastudio.kernels.memory import address, aligned
from vastudio.kernels.series import voice_of
from vastudio.kernels.simd import vfma, vload, vsplat, vsum
from vastudio.kernels.voice import (
    OWN,
    PROCESS,
    PROCESS_SIGNATURE,
    REST,
    REST_SIGNATURE,
    STATE_AT,
    STEPS_LEFT,
    STRIDE,
    TARGET_AT,
    TO_STEP,
    WEIGHTS_AT,
    Floats,
    Integers,
    Program,
    _call_process,
    _call_rest,
    floats_at,
    numbers_at,
)

PASSED = 20 / 22.05
"""Of the lower rate's band, what passes unchanged."""

STOPPED_DB = 104.0
"""What the window is made for; a few dB are lost to tables in single precision."""

LARGEST_RATIO = 4.5
MOST_PLACES = 1024
"""Rows of a table: rates without a large common divisor have more, and are refused."""

CHUNK = 64
"""Device samples at a time."""

_RING = 1024
"""Samples of a ring, which lies in memory twice so that windows stand in one row."""

_BATCH = 512

(
    _UP, _DOWN,  # model and device rate without their common divisor
    _HALF_IN, _TAPS_IN, _TABLE_IN,  # half a window, its numbers in whole vectors, where the rows are
    _HALF_OUT, _TAPS_OUT, _TABLE_OUT,
    _LATE,  # device samples
    _AHEAD,  # what the inner program is late by: model samples, times the device's rate as above
    _HEARD, _MADE,  # device and model samples so far
    _FRESH,  # whether the weights took a step that the inner program does not know of
    _INNER,  # the inner voice begins here
) = range(14)  # fmt: skip

_FLOAT, _INTEGER = 4, 8
"""Bytes."""


def fits(model_rate: int, rate: int) -> bool:
    """Whether a program can be brought from one rate in Hz to another."""
    divisor = math.gcd(model_rate, rate)
    ratio = max(model_rate, rate) / min(model_rate, rate)
    return ratio <= LARGEST_RATIO and max(model_rate, rate) // divisor <= MOST_PLACES


@cache
def _compiled() -> tuple[Any, Any]:
    """Compile `process` and `rest`, which all rates share."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        voice, own = numbers_at(at), _own(np.int64(at))
        if voice[TO_STEP] + frames == voice[STRIDE]:
            own[_FRESH] = 1
        x, y = floats_at(source, frames), floats_at(out, frames)
        done = np.int64(0)
        while done < frames:
            count: Any = min(np.int64(CHUNK), frames - done)
            _pass(np.int64(at), voice, own, x[done : done + count], y[done : done + count])
            done += count

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        voice, own = numbers_at(at), _own(np.int64(at))
        inner, where = _inner(voice, np.int64(at)), np.int64(at) + (OWN + _INNER) * _INTEGER
        own[_HEARD], own[_MADE], own[_FRESH] = 0, 0, 0
        rings = floats_at(voice[STATE_AT], _BATCH + 4 * _RING)
        for i in range(rings.size):
            rings[i] = np.float32(0)
        _call_rest(inner[REST], where)
        _call_process(inner[PROCESS], where, voice[STATE_AT], voice[STATE_AT], np.int64(1))
        for i in range(2 * _RING):
            rings[_BATCH + 2 * _RING + i] = rings[0]
        _call_rest(inner[REST], where)

    return process, rest


def program(inner: Program, model_rate: int, rate: int) -> Program:
    """Return what runs `inner` at `model_rate` between sounds at `rate`, in Hz.

    Its packed weights are those of `inner`. Raises ValueError where the rates do not fit.
    """
    if not fits(model_rate, rate):
        raise ValueError(f"{model_rate} Hz at {rate} Hz")
    divisor = math.gcd(model_rate, rate)
    up, down = model_rate // divisor, rate // divisor
    lower = min(model_rate, rate)
    into, back = _table(up, rate, lower), _table(down, model_rate, lower)
    half_in, half_out = _half(rate, lower), _half(model_rate, lower)
    late = half_in + math.ceil((half_out + inner.latency) * down / up)
    process, rest = _compiled()
    voice = list(voice_of(inner))
    voice[STRIDE] = inner.stride
    return Program(
        process.address,
        rest.address,
        inner.packed,
        _BATCH + 4 * _RING + inner.state,
        own=(
            up, down, half_in, into.shape[1], address(into), half_out, back.shape[1], address(back), late,
            inner.latency * down, 0, 0, 0, *voice,
        ),
        stride=math.ceil(inner.stride * rate / model_rate) + 1,
        latency=late,
        forgets=inner.forgets,
        keep=(process, rest, inner, into, back),
    )  # fmt: skip


# --- tables -------------------------------------------------------------------------------------------------


def _half(rate: int, lower: int) -> int:
    """Half the length of a window, in samples at `rate` (Kaiser's formula)."""
    transition = (1 - PASSED) * lower / rate  # between what passes and its first alias, both ways
    return math.ceil((STOPPED_DB - 7.95) / (14.36 * transition) / 2)


@cache
def _table(places: int, rate: int, lower: int) -> Floats:
    """Rows of taps, (places, taps): for a point p/places behind a sample, the half window before it first."""
    half = _half(rate, lower)
    length = -(-2 * half // MAX_LANES) * MAX_LANES
    table = aligned(places * length, np.float32).reshape(places, length)
    beta = 0.1102 * (STOPPED_DB - 8.7)
    for place in range(places):
        distance = np.arange(2 * half) - half + 1 - place / places
        window = np.i0(beta * np.sqrt(np.maximum(1 - (distance / half) ** 2, 0)))
        taps = np.sinc(distance * lower / rate) * window
        table[place, : 2 * half] = taps / taps.sum()
    return table


# --- compiled -----------------------------------------------------------------------------------------------


@inlined
def _own(at: int) -> Integers:
    return numbers_at(at + OWN * _INTEGER)


@inlined
def _inner(voice: Integers, at: int) -> Integers:
    """The inner voice, ready to run."""
    inner = numbers_at(at + (OWN + _INNER) * _INTEGER)
    inner[WEIGHTS_AT], inner[TARGET_AT] = voice[WEIGHTS_AT], voice[TARGET_AT]
    inner[STATE_AT] = voice[STATE_AT] + (_BATCH + 4 * _RING) * _FLOAT
    inner[STEPS_LEFT], inner[TO_STEP] = voice[STEPS_LEFT], 0
    return inner


@inlined
def _put(ring: Floats, index: int, sample: np.float32) -> None:
    at = index & (_RING - 1)
    ring[at] = sample
    ring[at + _RING] = sample


@inlined
def _at(ring: Floats, point: int, half: int, taps: int, table: int, row: int) -> np.float32:
    """What a signal is between the samples `point` and the next one, at a row's place."""
    begin = (point - half + 1) & (_RING - 1)
    weights = floats_at(table + row * taps * _FLOAT, taps)
    total = vsplat(np.float32(0))
    for k in range(0, taps, LANES):
        total = vfma(vload(weights, k), vload(ring, begin + k), total)
    return vsum(total)


@compiled
def _pass(at: int, voice: Integers, own: Integers, x: Floats, y: Floats) -> None:
    """Bring a chunk to the model's rate, through the model, and back."""
    up, down, half = own[_UP], own[_DOWN], own[_HALF_IN]
    batch = floats_at(voice[STATE_AT], _BATCH)
    heard = floats_at(voice[STATE_AT] + _BATCH * _FLOAT, 2 * _RING)
    made = floats_at(voice[STATE_AT] + (_BATCH + 2 * _RING) * _FLOAT, 2 * _RING)
    begin, count = own[_HEARD], np.int64(0)
    for t in range(x.size):
        _put(heard, begin + t, x[t])
        due = (own[_MADE] + count) * down
        while due // up + half <= begin + t:
            batch[count] = _at(heard, due // up, half, own[_TAPS_IN], own[_TABLE_IN], due % up)
            count += 1
            due += down
    if count > 0:
        inner = _inner(voice, at)
        if own[_FRESH]:
            inner[TO_STEP] = inner[STRIDE] - count
            own[_FRESH] = 0
        where = voice[STATE_AT]
        _call_process(inner[PROCESS], at + (OWN + _INNER) * _INTEGER, where, where, count)
        for m in range(count):
            _put(made, own[_MADE] + m, batch[m])
    for t in range(x.size):
        point = (begin + t - own[_LATE]) * up + own[_AHEAD]
        y[t] = _at(made, point // down, own[_HALF_OUT], own[_TAPS_OUT], own[_TABLE_OUT], point % down)
    own[_HEARD] += x.size
    own[_MADE] += count
