"""The compiled side of layered networks: one function that walks through a list of steps.

A voice's own numbers: whether histories are to be filled, how many buffers and steps there are, then a record
for each buffer and each step. A stretch of up to `CHUNK` samples passes all steps, one after the other. The
rows of a buffer are `STRIDE` apart; the present stretch begins at column `POSITION`, which moves on; before
it lies the history that convolutions look back on. When a row is full, its history moves to its front.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import carray, cfunc

from vastudio.kernels import layered_steps as steps
from vastudio.kernels.jit import CACHED, LANES, compiled, inlined
from vastudio.kernels.layered_recurrent import recur
from vastudio.kernels.layered_steps import Place
from vastudio.kernels.memory import pointer
from vastudio.kernels.voice import (
    OWN,
    PACKED,
    PROCESS,
    PROCESS_SIGNATURE,
    REST_SIGNATURE,
    STATE,
    STATE_AT,
    WEIGHTS_AT,
    Floats,
    Integers,
    _call_process,
    floats_at,
    numbers_at,
)

CHUNK = 64
"""Samples that pass a step before the next one: a whole number of fours of vectors."""

FILL, BUFFERS, STEPS, TABLE = range(4)
"""Places in the own numbers; buffers' records begin at `TABLE`, steps' behind them."""

AT, APART, ROWS, HISTORY, POSITION, BUFFER = range(6)
"""A buffer's record: where it lies in the state, distance and number of its rows, columns of history, where
the present stretch begins; and its size."""

CONVOLVE, ACTIVATE, MULTIPLY, ADD, COPY, BLEND, RECUR = range(7)
"""What a step does: the first number of its record."""

FROM, FROM_ROW, FROM_COUNT, TO, TO_ROW, TO_COUNT, WITH, WITH_ROW = range(1, 9)
"""Numbers of a step: rows that it reads, rows that it writes, and further rows to read (buffer −1: none)."""

FIRST, SECOND, THIRD, FOURTH, FIFTH, STEP = range(9, 15)
"""Numbers of a step's own, and the size of its record:
convolution: taps, dilation, bias, matrix; activation: kind, parameters; recurrent layer: kind, memory,
matrix, rest, padded units."""

INPUT, OUTPUT = 0, 1
"""Buffers of one row."""

_ZERO = np.float32(0.0)
_NOWHERE: Any = np.int64(-1)
_NUMBER, _SAMPLE = 8, 4
"""Bytes of one of the own numbers, and of a sample."""


@inlined
def _record(buffer: int) -> int:
    return TABLE + buffer * BUFFER


@inlined
def _place(own: Integers, buffer: int, row: int) -> Place:
    """Where the present stretch of a row begins (−1 for no buffer), and how far rows are apart."""
    if buffer < 0:
        return _NOWHERE, _NOWHERE
    at = _record(buffer)
    return own[at + AT] + row * own[at + APART] + own[at + POSITION], own[at + APART]


@compiled
def _fill(own: Integers, state: Floats, buffer: int) -> None:
    """Let the present sample have been the same for ever."""
    at = _record(buffer)
    position = own[at + POSITION]
    for row in range(own[at + ROWS]):
        begin = own[at + AT] + row * own[at + APART]
        for column in range(position):
            state[begin + column] = state[begin + position]


@compiled
def _step(own: Integers, s: int, state: Floats, weights: Floats, frames: int) -> None:
    """Do one step, whose record begins at s, over `frames` samples."""
    width = (frames + 4 * LANES - 1) // (4 * LANES) * (4 * LANES)
    kind, inputs, count = own[s], own[s + FROM_COUNT], own[s + TO_COUNT]
    source = _place(own, own[s + FROM], own[s + FROM_ROW])
    target = _place(own, own[s + TO], own[s + TO_ROW])
    other = _place(own, own[s + WITH], own[s + WITH_ROW])
    if kind == CONVOLVE:
        taps = own[s + FIRST]
        if own[FILL] and taps > 1:
            _fill(own, state, own[s + FROM])
        size = (inputs, taps, own[s + SECOND])
        bias, matrix = own[s + THIRD], own[s + FOURTH]
        steps.convolve(state, weights, source, target, count, other, size, bias, matrix, width)
    elif kind == ACTIVATE:
        steps.activate(state, weights, target, count, own[s + FIRST], own[s + SECOND], width)
    elif kind == MULTIPLY:
        steps.multiply(state, target, count, source, width)
    elif kind == ADD:
        steps.add(state, target, count, source, width)
    elif kind == COPY:
        steps.copy(state, target, count, source, width)
    elif kind == BLEND:
        steps.blend(state, target, count, other, source, width)
    elif kind == RECUR:
        units = (count, own[s + FIFTH], own[s + SECOND])
        recur(state, weights, own[s + FIRST], source, inputs, target, units, own[s + THIRD], frames)


@compiled
def _make_room(own: Integers, state: Floats) -> None:
    """Move the histories of buffers that have no room for another stretch to the front."""
    for buffer in range(own[BUFFERS]):
        at = _record(buffer)
        history, position, apart = own[at + HISTORY], own[at + POSITION], own[at + APART]
        if position + CHUNK > apart:
            for row in range(own[at + ROWS]):
                begin = own[at + AT] + row * apart
                for column in range(history):
                    state[begin + column] = state[begin + position - history + column]
            own[at + POSITION] = history


@compiled
def _advance(own: Integers, frames: int) -> None:
    for buffer in range(own[BUFFERS]):
        at = _record(buffer)
        if own[at + HISTORY] > 0:
            own[at + POSITION] += frames


@compiled
def _settle(own: Integers, state: Floats, weights: Floats) -> None:
    """Put recurrent layers in their rest states, and all buffers at their begin."""
    first = TABLE + own[BUFFERS] * BUFFER
    for index in range(own[STEPS]):
        s = first + index * STEP
        if own[s] == RECUR:
            for i in range(2 * own[s + FIFTH]):
                state[own[s + SECOND] + i] = weights[own[s + FOURTH] + i]
    for buffer in range(own[BUFFERS]):
        at = _record(buffer)
        own[at + POSITION] = own[at + HISTORY]


@inlined
def _own(numbers: int) -> Integers:
    """The own numbers of the voice at an address; their size stands in them."""
    own = carray(pointer(numbers + OWN * _NUMBER), TABLE, np.int64)
    return carray(
        pointer(numbers + OWN * _NUMBER), TABLE + own[BUFFERS] * BUFFER + own[STEPS] * STEP, np.int64
    )


@cache
def compiled_code() -> tuple[Any, Any]:
    """Compile `process` and `rest`, which all layered networks share."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        voice, own = numbers_at(at), _own(np.int64(at))
        state = floats_at(voice[STATE_AT], voice[STATE])
        weights = floats_at(voice[WEIGHTS_AT], voice[PACKED])
        x, y = floats_at(source, frames), floats_at(out, frames)
        done = np.int64(0)
        while done < frames:
            count: Any = min(np.int64(CHUNK), frames - done)
            _make_room(own, state)
            heard, made = _place(own, INPUT, 0)[0], _place(own, OUTPUT, 0)[0]
            for t in range(count):
                state[heard + t] = x[done + t]
            first = TABLE + own[BUFFERS] * BUFFER
            for index in range(own[STEPS]):
                _step(own, first + index * STEP, state, weights, count)
            for t in range(count):
                y[done + t] = state[made + t]
            _advance(own, count)
            done += count

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        voice, own = numbers_at(at), _own(np.int64(at))
        state = floats_at(voice[STATE_AT], voice[STATE])
        weights = floats_at(voice[WEIGHTS_AT], voice[PACKED])
        for i in range(state.size):
            state[i] = _ZERO
        _settle(own, state, weights)
        own[FILL] = 1
        silence = voice[STATE_AT] + (state.size - 1) * _SAMPLE  # the last number of the state is nobody's
        _call_process(voice[PROCESS], at, silence, silence, np.int64(1))
        own[FILL] = 0
        _settle(own, state, weights)

    return process, rest
