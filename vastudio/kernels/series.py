"""Several programs one after the other, as one: the stages of a model.

    chain = (fir.program(16), recurrent.program("gru", 32))
    voice = Voice(program(chain), pack(chain, (fir.pack(taps), settled(cell).packed)))

Packed weights and states of the stages follow each other, each rounded up to whole vectors. The own numbers
of the series are one record for each stage, and a 0:

    length of the record | bytes to its weights | bytes to its state | the stage's voice

Before a stage runs, its voice gets its addresses and the place within a glide: the series moves the weights
of all stages at once. Its stride is the shortest of the stages.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numba import carray, cfunc

from vastudio.kernels.jit import CACHED, inlined
from vastudio.kernels.memory import aligned, pointer
from vastudio.kernels.voice import (
    OWN,
    PACKED,
    PROCESS,
    PROCESS_SIGNATURE,
    REST,
    REST_SIGNATURE,
    STATE,
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
    numbers_at,
)

WHOLE = 16
"""Weights and states of a stage begin at a multiple of this many numbers: on a cache line."""

_FLOAT, _INTEGER = 4, 8
"""Bytes."""

_LENGTH, _WEIGHTS, _STATE, _RECORD = range(4)
"""Places in a record; the voice follows at `_RECORD`."""


def program(stages: Sequence[Program]) -> Program:
    """Return what runs `stages`, one or more, each on the output of the one before it."""
    process, rest = _compiled()
    own: list[int] = []
    packed = state = 0
    for stage in stages:
        voice = voice_of(stage)
        own += [_RECORD + len(voice), packed * _FLOAT, state * _FLOAT, *voice]
        packed += _whole(stage.packed)
        state += _whole(stage.state)
    return Program(
        process.address,
        rest.address,
        packed,
        state,
        own=(*own, 0),
        stride=min(stage.stride for stage in stages),
        latency=sum(stage.latency for stage in stages),
        forgets=all(stage.forgets for stage in stages),
        keep=(process, rest, tuple(stages)),
    )


def pack(stages: Sequence[Program], packed: Sequence[Floats]) -> Floats:
    """Join the packed weights of `stages`, each of shape (stage.packed,).

    Raises ValueError where one does not fit its stage.
    """
    joined = aligned(sum(_whole(stage.packed) for stage in stages), np.float32)
    at = 0
    for stage, part in zip(stages, packed, strict=True):
        if part.size != stage.packed:
            raise ValueError(f"{part.size} packed numbers instead of {stage.packed}")
        joined[at : at + part.size] = part
        at += _whole(stage.packed)
    return joined


def _whole(size: int) -> int:
    return -(-size // WHOLE) * WHOLE


def voice_of(stage: Program) -> tuple[int, ...]:
    """The numbers of a stage's voice, as far as they are known before one is made."""
    numbers = [0] * OWN
    numbers[PROCESS], numbers[REST] = stage.process, stage.rest
    numbers[PACKED], numbers[STATE] = stage.packed, stage.state
    return *numbers, *stage.own


# --- compiled -----------------------------------------------------------------------------------------------


@inlined
def _record(at: int) -> Integers:
    """The record of a stage that begins at an address."""
    return carray(pointer(at), _RECORD, np.int64)


@inlined
def _stage(series: Integers, record: int) -> Integers:
    """The voice of the stage whose record is at an address, ready to run."""
    stage, places = numbers_at(record + _RECORD * _INTEGER), _record(record)
    stage[WEIGHTS_AT] = series[WEIGHTS_AT] + places[_WEIGHTS]
    stage[TARGET_AT] = series[TARGET_AT] + places[_WEIGHTS]
    stage[STATE_AT] = series[STATE_AT] + places[_STATE]
    stage[STRIDE], stage[STEPS_LEFT], stage[TO_STEP] = series[STRIDE], series[STEPS_LEFT], series[TO_STEP]
    return stage


@cache
def _compiled() -> tuple[Any, Any]:
    """Compile `process` and `rest`, which every series shares."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        series, record = numbers_at(at), np.int64(at) + OWN * _INTEGER
        here, there = np.int64(source), np.int64(out)
        while _record(record)[_LENGTH] > 0:
            _call_process(
                _stage(series, record)[PROCESS], record + _RECORD * _INTEGER, here, there, np.int64(frames)
            )
            here = there
            record += _record(record)[_LENGTH] * _INTEGER

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        series, record = numbers_at(at), np.int64(at) + OWN * _INTEGER
        while _record(record)[_LENGTH] > 0:
            _call_rest(_stage(series, record)[REST], record + _RECORD * _INTEGER)
            record += _record(record)[_LENGTH] * _INTEGER

    return process, rest
