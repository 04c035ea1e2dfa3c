"""A streaming WaveNet as a program of the rack: compiled for its shape, weights packed for the kernel.

The kernel's input and output are one sample each; knobs are folded into the weights by the caller. While the
weights glide they step every `STRIDE` samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

from vastudio.kernels.emit import Emitter
from vastudio.kernels.jit import CACHED
from vastudio.kernels.voice import PROCESS_SIGNATURE, REST_SIGNATURE, Program
from vastudio.kernels.wavenet_activations import argument_scale
from vastudio.kernels.wavenet_emit import WaveNetEmitter, emit_rest
from vastudio.kernels.wavenet_layout import layout
from vastudio.kernels.wavenet_shape import (
    Activation,
    ArrayWeights,
    Floats,
    LayerArray,
    LayerWeights,
    WaveNetShape,
    WaveNetWeights,
)

STRIDE = 64
"""Samples between two steps of a glide."""

_SHAPES: dict[str, WaveNetShape] = {}
"""The shapes that kernels are written for, by the text that stands in the compiled function."""


@cache
def program(shape: WaveNetShape) -> Program:
    """Return the compiled kernel for a shape; compiles it at the first call, or finds it in the cache."""
    text = repr(shape)
    _SHAPES[text] = shape

    @numba.cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(numbers: int, source: int, out: int, frames: int) -> None:
        _process(text, numbers, source, out, frames)

    plan, rest = layout(shape), _rest()
    return Program(
        process=process.address,
        rest=rest.address,
        packed=plan.packed,
        state=plan.state,
        own=plan.own(),
        stride=STRIDE,
        keep=(process, rest),
    )


@cache
def _rest() -> Any:
    @numba.cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(numbers: int) -> None:
        _come_to_rest(numbers)

    return rest


@intrinsic
def _process(
    typing: Any, shape: Any, numbers: Any, source: Any, out: Any, frames: Any
) -> tuple[Any, Callable[..., Any]] | None:
    """The WaveNet whose shape has the given text, a literal string."""
    if not isinstance(shape, types.StringLiteral):
        return None  # numba asks again with the literal
    plan = layout(_SHAPES[shape.literal_value])

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        WaveNetEmitter(Emitter(builder), plan, args[1]).process(*args[2:])
        return context.get_dummy_value()

    return types.void(shape, types.uintp, types.uintp, types.uintp, types.intp), lower


@intrinsic
def _come_to_rest(typing: Any, numbers: Any) -> tuple[Any, Callable[..., Any]]:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        emit_rest(Emitter(builder), args[0])
        return context.get_dummy_value()

    return types.void(types.uintp), lower


# --- packing ------------------------------------------------------------------------------------------------


def pack(weights: WaveNetWeights) -> Floats:
    """Arrange weights for the kernel, shape (program(weights.shape).packed,); linear in the weights.

    The factor that an activation wants its argument to have is in the weights before it, the scale of the
    output in the last head.
    """
    packed = np.zeros(layout(weights.shape).packed, np.float32)
    numbers = np.concatenate([part.ravel() for part in _in_order(weights)])
    packed[: numbers.size] = numbers
    return packed


def _in_order(weights: WaveNetWeights) -> Iterator[np.ndarray[Any, Any]]:
    """The weights as the kernel walks through them: matrices by input channel, then output channel."""
    last = weights.arrays[-1]
    for array, parts in zip(weights.shape.arrays, weights.arrays, strict=True):
        scale = weights.head_scale if parts is last else 1.0
        yield from _array_in_order(array, parts, scale)


def _array_in_order(array: LayerArray, parts: ArrayWeights, scale: float) -> Iterator[np.ndarray[Any, Any]]:
    yield parts.rechannel.T
    for layer, activation in zip(parts.layers, array.activations, strict=True):
        yield from _layer_in_order(layer, activation)
    yield scale * parts.head_bias.astype(np.float64)
    yield scale * parts.head.astype(np.float64).transpose(2, 1, 0)


def _layer_in_order(layer: LayerWeights, activation: Activation) -> Iterator[np.ndarray[Any, Any]]:
    scale = np.float64(argument_scale(activation))
    yield scale * layer.conv_bias
    yield scale * layer.mixin
    yield scale * layer.conv.transpose(2, 1, 0)
    yield layer.mix_bias
    yield layer.mix.T
