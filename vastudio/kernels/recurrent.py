"""The streaming GRU and LSTM: one sample after another, in machine code made for the size.

    voice = Voice(program("lstm", 24), settled(cell).packed)

One input; knobs act through the weights, which glide (see `voice`), or are folded into the biases
(`cells.at_knobs`). Where the code comes from is told in `recurrent_code`, how weights lie in memory in
`recurrent_layout`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray, cfunc, types
from numba.extending import intrinsic

from vastudio.kernels.cells import CellWeights, Kind
from vastudio.kernels.jit import CACHED
from vastudio.kernels.memory import pointer
from vastudio.kernels.recurrent_code import Code
from vastudio.kernels.recurrent_glide import NOW, TO_MOVE
from vastudio.kernels.recurrent_layout import Floats, Layout
from vastudio.kernels.recurrent_plan import best_plan
from vastudio.kernels.voice import (
    PROCESS_SIGNATURE,
    REST_SIGNATURE,
    STATE_AT,
    WEIGHTS_AT,
    Program,
    floats_at,
)

MOST_UNITS = 96

RESTING, MOVING_AT, MOVING = range(TO_MOVE + 1, TO_MOVE + 4)
"""A voice's own numbers beside `NOW` and `TO_MOVE`: sizes and places as in its layout."""

STRIDE = 8
"""Samples between two steps of a glide."""

STRIDE_OF_LARGE = 16
"""The same where the matrix is larger than the fastest cache: its steps cost the most there."""


@cache
def layout(kind: Kind, hidden: int, scalers: int = 0) -> Layout:
    """Return how weights and state of a cell of this size lie in memory.

    Raises
    ------
    ValueError
        Unless `hidden` is 1 … `MOST_UNITS` and `scalers` 0 … `hidden`.
    """
    if not 1 <= hidden <= MOST_UNITS:
        raise ValueError(f"{hidden} units; 1 to {MOST_UNITS} can be played")
    if not 0 <= scalers <= hidden:
        raise ValueError(f"{scalers} units that scale the gates out of {hidden}")
    plan = best_plan(kind, hidden)
    return Layout(kind, hidden, plan.lanes, plan.group, scalers)


@cache
def program(kind: Kind, hidden: int, scalers: int = 0) -> Program:
    """Return what plays a cell of `hidden` units, 1 … `MOST_UNITS`; compiled on first use.

    The last `scalers` of them scale the gates, see `cells`. Raises ValueError for other sizes.
    """
    shape = layout(kind, hidden, scalers)
    process, rest = _process_of(f"{kind} {hidden} {scalers}"), _rest()
    own = (0, 0, shape.resting, shape.moving_at, shape.moving)
    stride = STRIDE_OF_LARGE if best_plan(kind, hidden).zigzag else STRIDE
    return Program(
        process.address,
        rest.address,
        shape.packed,
        shape.state,
        own,
        stride,
        forgets=True,
        keep=(process, rest),
    )


def pack(cell: CellWeights, rest: npt.NDArray[np.floating] | None = None) -> Floats:
    """Arrange a weight set for the program of its kind and size, shape (program.packed,).

    `rest`, if given, is the rest state: h, shape (H,), for a GRU; h and c, shape (2H,), for an LSTM. The
    offset is left at zero; `rest.settled` fills in both.
    """
    shape = layout(cell.kind, cell.hidden, cell.scalers)
    packed = shape.pack(cell)
    if rest is not None:
        shape.set_rest(packed, rest)
    return packed


@intrinsic
def _recurrent(
    typing: Any, config: Any, numbers: Any, source: Any, out: Any, frames: Any
) -> tuple[Any, Callable[..., Any]] | None:
    """`_recurrent("gru 32 0", numbers, source, out, frames)`: the code of `process` for a kind and size."""
    if not isinstance(config, types.StringLiteral):
        return None
    kind, hidden, scalers = config.literal_value.split()

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        size = int(hidden)
        shape = layout(kind, size, int(scalers))
        Code(builder, shape, best_plan(kind, size)).process(*args[1:])
        return context.get_dummy_value()

    return types.void(config, types.uintp, types.uintp, types.uintp, types.intp), lower


def _process_of(config: str) -> Any:
    """Compile `process` for a kind and size, or find it among the compiled ones."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(numbers: int, source: int, out: int, frames: int) -> None:
        _recurrent(config, numbers, source, out, frames)

    return process


@cache
def _rest() -> Any:
    """Compile `rest`, which all sizes share."""

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        voice = carray(pointer(at), MOVING + 1, np.int64)
        resting, moving, to = voice[RESTING], voice[MOVING], voice[MOVING_AT]
        weights = floats_at(voice[WEIGHTS_AT], moving)
        state = floats_at(voice[STATE_AT], to + moving)
        for i in range(resting):
            state[i] = weights[i]
        for i in range(moving):
            state[to + i] = weights[i]
        voice[NOW] = 0
        voice[TO_MOVE] = 0

    return rest
