"""A program without the constant that lies under what it plays: y[t] = x[t] − m[t], m[t + 1] = m[t] + a·y[t].

    program = dc_blocker.program(inner, rate=48_000)

m follows the mean of the inner program's output x: a high-pass filter of first order at `CORNER_HZ`. At rest
m is what the inner program plays in silence, so that nothing thumps when it begins.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numba import cfunc

from vastudio.kernels.jit import CACHED, MAX_LANES, inlined
from vastudio.kernels.series import voice_of
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
    Integers,
    Program,
    _call_process,
    _call_rest,
    floats_at,
    numbers_at,
)

CORNER_HZ = 5.0
"""Two octaves below the low B of a bass: −0.01 dB and 3.5° at a guitar's low E."""

_MEAN, _STATE = 0, MAX_LANES
"""Float32 numbers: where m is, and where the inner state begins."""

_SHARE, _INNER = range(2)
"""Own numbers: a in 1/2³²; the inner voice follows."""

_UNIT = float(1 << 32)
_FLOAT, _INTEGER = 4, 8
"""Bytes."""


def program(inner: Program, rate: int) -> Program:
    """Return `inner` at `rate` in Hz without its mean. Its packed weights are those of `inner`."""
    process, rest = _compiled()
    voice = list(voice_of(inner))
    voice[STRIDE] = inner.stride
    share = round(_UNIT * -math.expm1(-2.0 * math.pi * CORNER_HZ / rate))
    return Program(
        process.address,
        rest.address,
        inner.packed,
        _STATE + inner.state,
        own=(share, *voice),
        stride=inner.stride,
        latency=inner.latency,
        forgets=inner.forgets,
        keep=(process, rest, inner),
    )


@cache
def _compiled() -> tuple[Any, Any]:
    """Compile `process` and `rest`, which all programs share."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        where, y = np.int64(at), floats_at(out, frames)
        inner = _inner(where)
        _call_process(inner[PROCESS], _inner_at(where), np.int64(source), np.int64(out), np.int64(frames))
        state = floats_at(numbers_at(where)[STATE_AT], _STATE)
        share, mean = np.float32(numbers_at(where + OWN * _INTEGER)[_SHARE] / _UNIT), state[_MEAN]
        for t in range(frames):
            y[t] -= mean
            mean += share * y[t]
        state[_MEAN] = mean

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        where = np.int64(at)
        inner, state = _inner(where), numbers_at(where)[STATE_AT]
        floats_at(state, _STATE)[_MEAN] = np.float32(0)
        _call_rest(inner[REST], _inner_at(where))
        _call_process(inner[PROCESS], _inner_at(where), state, state, np.int64(1))
        _call_rest(inner[REST], _inner_at(where))

    return process, rest


# --- compiled -----------------------------------------------------------------------------------------------


@inlined
def _inner_at(at: int) -> int:
    return at + (OWN + _INNER) * _INTEGER


@inlined
def _inner(at: int) -> Integers:
    """The inner voice, ready to run."""
    voice, inner = numbers_at(at), numbers_at(_inner_at(at))
    inner[WEIGHTS_AT], inner[TARGET_AT] = voice[WEIGHTS_AT], voice[TARGET_AT]
    inner[STATE_AT] = voice[STATE_AT] + _STATE * _FLOAT
    inner[STRIDE], inner[STEPS_LEFT], inner[TO_STEP] = voice[STRIDE], voice[STEPS_LEFT], voice[TO_STEP]
    return inner


def prepare() -> None:
    """Have everything compiled that all programs share."""
    _compiled()
