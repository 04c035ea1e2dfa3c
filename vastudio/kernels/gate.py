"""A noise gate: silence between the notes, and every note down to its end.

A detector follows the size of the signal, quickly upwards and slowly downwards. The gate opens when it rises
above one threshold and stays open until it has been below a second, lower one for the whole hold time; a
chord that beats around the threshold does not make it chatter. Closed, the gain falls by the same number of
decibels every millisecond, so that the end of a chord fades as it does by itself, only sooner.

The gain is smoothed once more, in both directions: it has no corners, and opening follows the step response
of two equal poles, 1 − (1 + t/τ)·e^(−t/τ). Both aim a thousandth above full gain and stop at it: an open gate
changes no bit.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from numba import cfunc

from vastudio.kernels.jit import CACHED, compiled
from vastudio.kernels.memory import aligned
from vastudio.kernels.voice import (
    PROCESS_SIGNATURE,
    REST_SIGNATURE,
    STATE_AT,
    WEIGHTS_AT,
    Program,
    floats_at,
    numbers_at,
)

Floats = npt.NDArray[np.float32]

_OPEN, _CLOSE, _HOLD, _ATTACK, _RELEASE, _RISE, _FALL = range(7)
"""Packed weights: the two thresholds as amplitudes, the hold time in samples, and what happens per sample:
share of the way to full gain, factor of the falling gain, detector's share of the way up and down."""

_SIZE, _LEFT, _AIM, _GAIN = range(4)
"""State: what the detector reads, samples left until closing, gain before and after smoothing."""

_PACKED = _STATE = 16

_DETECTOR_RISE_SECONDS = 0.0003
_DETECTOR_FALL_SECONDS = 0.03

_TO_90_PERCENT = 3.88972
"""t/τ at which two equal poles have gone 90 % of the way."""

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_FULL = np.float32(1.001)
_SHUT = np.float32(1e-6)
"""−120 dB: from here down the gain is 0."""


def pack(
    open_at: float,
    close_at: float,
    hold_seconds: float,
    attack_seconds: float,
    release_seconds: float,
    sample_rate: int,
) -> Floats:
    """Arrange the gate's settings for the kernel. Shape (program().packed,).

    Parameters
    ----------
    open_at, close_at:
        Amplitudes of a sine, full scale 1; `close_at` is the lower one.
    hold_seconds:
        How long the signal must stay below `close_at`, 0 or more.
    attack_seconds:
        Until 90 % of full gain, above 0.
    release_seconds:
        Per 60 dB of fall, above 0.
    """
    packed = aligned(_PACKED, np.float32)
    packed[[_OPEN, _CLOSE]] = open_at, close_at
    packed[_HOLD] = 1.0 + hold_seconds * sample_rate  # what is left counts from the sample itself
    packed[_ATTACK] = _share(attack_seconds / _TO_90_PERCENT, sample_rate)
    packed[_RELEASE] = 10.0 ** (-3.0 / (release_seconds * sample_rate))
    packed[_RISE] = _share(_DETECTOR_RISE_SECONDS, sample_rate)
    packed[_FALL] = _share(_DETECTOR_FALL_SECONDS, sample_rate)
    return packed


def _share(seconds: float, sample_rate: int) -> float:
    """What a pole with this time constant goes of its way in one sample."""
    return -math.expm1(-1.0 / (seconds * sample_rate))


@compiled
def _gate(weights: Floats, state: Floats, source: Floats, out: Floats) -> None:
    size, left, aim, gain = state[_SIZE], state[_LEFT], state[_AIM], state[_GAIN]
    attack = weights[_ATTACK]
    for i in range(source.size):
        sample = source[i]
        # The steeper of two ways to |sample| is upwards the faster one, downwards the slower one.
        way = abs(sample) - size
        size = max(size + weights[_RISE] * way, size + weights[_FALL] * way)
        if size > (weights[_CLOSE] if left > _ZERO else weights[_OPEN]):
            left = weights[_HOLD]
        elif left > _ZERO:
            left -= _ONE
        if left > _ZERO:
            aim = min(_ONE, aim + attack * (_FULL - aim))
            gain = min(_ONE, gain + attack * (_FULL * aim - gain))
        else:
            aim *= weights[_RELEASE]
            gain += attack * (aim - gain)
            if gain < _SHUT:
                aim = gain = _ZERO
        out[i] = gain * sample
    state[_SIZE], state[_LEFT], state[_AIM], state[_GAIN] = size, left, aim, gain


@cache
def program() -> Program:
    """Compile the gate, whose settings are all packed weights."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        voice = numbers_at(at)
        weights, state = floats_at(voice[WEIGHTS_AT], _PACKED), floats_at(voice[STATE_AT], _STATE)
        _gate(weights, state, floats_at(source, frames), floats_at(out, frames))

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        floats_at(numbers_at(at)[STATE_AT], _STATE)[:] = _ZERO

    return Program(process.address, rest.address, _PACKED, _STATE, keep=(process, rest))
