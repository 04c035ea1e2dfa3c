"""A program at twice its rate, so that what its distortion adds above the band does not fold back into it.

    program = doubled.program(inner)

At the double rate every delay of the inner program has to be twice as many samples for it to sound as it does
(A. Carson et al., "Sample rate independent recurrent neural networks for audio effects processing",
DAFx-24). A program whose delays are all even never mixes even and odd samples: two states of the unchanged
program, one for the even samples and one for the odd ones, are the same thing. So this works for whatever
plays, and glides, rest states and weights stay what they are.

Up goes a half-band filter: every other sample of the double rate is one of the input, the others lie between
them. Down goes a filter that stops all that is not in the band of the lower rate. A half-band filter would be
too wide there: what lies just above the band is the strongest of what folds back (docs/decisions/0012).
Both have linear phase: the sound is later by `LATENCY` samples and otherwise unchanged up to `PASSED` of the
band. Nothing depends on how the sound is cut into blocks.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import scipy
from numba import cfunc

from vastudio.kernels.jit import CACHED, LANES, MAX_LANES, compiled, inlined
from vastudio.kernels.memory import address, aligned
from vastudio.kernels.series import voice_of
from vastudio.kernels.simd import vfma, vload, vsplat, vstore, vsum
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

PASSED = 0.75
"""Of the band up to half the rate, what passes unchanged: 18 kHz at 48 kHz."""

STOPPED_UP = 1.25
"""From here on images are gone; what is played above `PASSED` has some, and is never loud there."""

UP_TAPS, DOWN_TAPS = 55, 111

LATENCY = (UP_TAPS // 2 + DOWN_TAPS // 2) // 2
"""Samples: half of what both filters have at the double rate."""

CHUNK = 64
"""Samples at a time."""

_BETWEEN = -(-((UP_TAPS + 1) // 2) // MAX_LANES) * MAX_LANES
"""Taps of the half-band filter that meet an input sample where the output lies between two, whole vectors."""

_DELAY = UP_TAPS // 4
"""Samples by which the others are late."""

_WINDOW = -(-DOWN_TAPS // MAX_LANES) * MAX_LANES

_HEARD = _BETWEEN + CHUNK
_MADE = _WINDOW + 2 * CHUNK
_BUFFERS = _HEARD + _MADE + 2 * CHUNK
"""Float32 numbers in front of the inner states: the input, the output at the double rate, and two streams."""

_TABLE, _SECOND, _FIRST_STATE, _SECOND_STATE, _INNER = range(5)
"""Own numbers: where the taps are, how far behind the first inner voice the second begins, in numbers, and
how far their states lie behind this one's, in bytes; the inner voices follow."""

_FLOAT, _INTEGER = 4, 8
"""Bytes."""


def program(inner: Program) -> Program:
    """Return what runs `inner` at twice the rate. Its packed weights are those of `inner`."""
    process, rest = _compiled()
    voice = list(voice_of(inner))
    voice[STRIDE] = inner.stride
    state, taps = -(-inner.state // MAX_LANES) * MAX_LANES, table()
    return Program(
        process.address,
        rest.address,
        inner.packed,
        _BUFFERS + 2 * state,
        own=(address(taps), len(voice), _BUFFERS * _FLOAT, (_BUFFERS + state) * _FLOAT, *voice, *voice),
        stride=inner.stride,
        latency=LATENCY + inner.latency,
        forgets=inner.forgets,
        keep=(process, rest, inner, taps),
    )


def prepare() -> None:
    """Have everything compiled that all programs share; designs no filters."""
    _compiled()


# --- filters ------------------------------------------------------------------------------------------------


@cache
def half_band() -> Floats:
    """The filter on the way up, (UP_TAPS,), with a sum of 2; equal ripple, every other tap is 0."""
    taps = 2.0 * _equal_ripple(UP_TAPS, STOPPED_UP)
    taps[1::2], taps[UP_TAPS // 2] = 0.0, 1.0
    return taps.astype(np.float32)


@cache
def low_pass() -> Floats:
    """The filter on the way down, (DOWN_TAPS,), with a sum of 1; equal ripple, stops above half the rate."""
    taps = _equal_ripple(DOWN_TAPS, 1.0)
    return (taps / taps.sum()).astype(np.float32)


def _equal_ripple(taps: int, stopped: float) -> Any:
    edges = [0.0, PASSED / 4, stopped / 4, 0.5]
    return scipy.signal.remez(taps, edges, [1.0, 0.0], fs=1.0, maxiter=100)


@cache
def table() -> Floats:
    """The taps as the kernel takes them, the newest sample's last, zeros in front of them."""
    packed = aligned(_BETWEEN + _WINDOW, np.float32)
    between, down = half_band()[::2], low_pass()
    packed[_BETWEEN - between.size : _BETWEEN] = between[::-1]
    packed[_BETWEEN + _WINDOW - down.size :] = down[::-1]
    return packed


# --- compiled -----------------------------------------------------------------------------------------------


@cache
def _compiled() -> tuple[Any, Any]:
    """Compile `process` and `rest`, which all programs share."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        x, y = floats_at(source, frames), floats_at(out, frames)
        done = np.int64(0)
        while done < frames:
            count: Any = min(np.int64(CHUNK), frames - done)
            _pass(np.int64(at), x[done : done + count], y[done : done + count], frames - done - count)
            done += count

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        _rest(np.int64(at))

    return process, rest


@inlined
def _own(at: int) -> Integers:
    return numbers_at(at + OWN * _INTEGER)


@inlined
def _inner_at(at: int, second: int) -> int:
    """The address of an inner voice."""
    return at + (OWN + _INNER + second * _own(at)[_SECOND]) * _INTEGER


@inlined
def _inner(at: int, second: int, after: int) -> Integers:
    """An inner voice, ready to run; `after`: samples of this call that come after it ran."""
    voice, inner = numbers_at(at), numbers_at(_inner_at(at, second))
    inner[WEIGHTS_AT], inner[TARGET_AT] = voice[WEIGHTS_AT], voice[TARGET_AT]
    inner[STATE_AT] = voice[STATE_AT] + _own(at)[_SECOND_STATE if second else _FIRST_STATE]
    inner[STEPS_LEFT], inner[TO_STEP] = voice[STEPS_LEFT], voice[TO_STEP] + after
    return inner


@inlined
def _filtered(taps: Floats, begin: int, signal: Floats, first: int, count: int) -> np.float32:
    """The sum of `count` samples from `first` on, each times its tap from `begin` on."""
    total = vsplat(np.float32(0))
    for k in range(0, count, LANES):
        total = vfma(vload(taps, begin + k), vload(signal, first + k), total)
    return vsum(total)


@inlined
def _keep(signal: Floats, history: int, used: int) -> None:
    """Move what the next chunk needs of a signal to its front."""
    for i in range(0, history, LANES):
        vstore(signal, i, vload(signal, used + i))


@compiled
def _pass(at: int, x: Floats, y: Floats, after: int) -> None:
    """Bring a chunk to the double rate, through the model twice, and back."""
    frames, buffers = x.size, floats_at(numbers_at(at)[STATE_AT], _BUFFERS)
    heard, made = buffers[:_HEARD], buffers[_HEARD : _HEARD + _MADE]
    first, second = buffers[_HEARD + _MADE :][:CHUNK], buffers[_HEARD + _MADE + CHUNK :][:CHUNK]
    taps = floats_at(_own(at)[_TABLE], _BETWEEN + _WINDOW)
    for t in range(frames):
        heard[_BETWEEN + t] = x[t]
    for t in range(frames):
        first[t] = _filtered(taps, 0, heard, t + 1, _BETWEEN)
        second[t] = heard[_BETWEEN + t - _DELAY]
    _keep(heard, _BETWEEN, frames)
    for which, stream in ((0, first), (1, second)):
        where = np.int64(stream.ctypes.data)
        _call_process(_inner(at, which, after)[PROCESS], _inner_at(at, which), where, where, frames)
    for t in range(frames):
        made[_WINDOW + 2 * t] = first[t]
        made[_WINDOW + 2 * t + 1] = second[t]
    for t in range(frames):
        y[t] = _filtered(taps, _BETWEEN, made, 2 * t + 1, _WINDOW)
    _keep(made, _WINDOW, 2 * frames)


@compiled
def _rest(at: int) -> None:
    """Put both states to rest, and let it be as if they had always been there."""
    buffers = floats_at(numbers_at(at)[STATE_AT], _BUFFERS)
    heard, made = buffers[:_HEARD], buffers[_HEARD : _HEARD + _MADE]
    for i in range(_HEARD):
        heard[i] = np.float32(0)
    for which in range(2):
        inner, where = _inner(at, which, 0), np.int64(buffers.ctypes.data)
        _call_rest(inner[REST], _inner_at(at, which))
    _call_process(inner[PROCESS], _inner_at(at, 1), where, where, np.int64(1))
    _call_rest(inner[REST], _inner_at(at, 1))
    silence, heard[0] = heard[0], np.float32(0)
    for i in range(_MADE):
        made[i] = silence
