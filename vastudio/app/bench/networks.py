"""The networks to measure with: random weights of ordinary size, in no engine's own form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.kernels.cells import BIASES, GATE_COUNT, CellWeights, Kind
from vastudio.kernels.wavenet_shape import (
    ArrayWeights,
    LayerArray,
    LayerWeights,
    Tanh,
    WaveNetShape,
    WaveNetWeights,
)

Floats = npt.NDArray[np.float32]

_SKIP = 0.3
_LOUD_INPUT = 1.5
"""Input weights lie in ± this, as those of trained cells do."""

_SMALL_BIAS = 0.1
_QUIET_LAYER = 0.3
_HEAD_SCALE = 0.02


def random_cell(kind: Kind, hidden: int, seed: int = 0) -> CellWeights:
    """Return a cell of `hidden` units, its weights spread as training starts from."""
    rng = np.random.default_rng(seed)
    rows, spread = GATE_COUNT[kind] * hidden, 1.0 / np.sqrt(hidden)

    def uniform(limit: float, *shape: int) -> Floats:
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    return CellWeights(
        kind,
        uniform(_LOUD_INPUT, rows),
        uniform(spread, rows, hidden),
        uniform(spread, BIASES * hidden),
        uniform(spread, hidden),
        _SKIP,
    )


def cell_multiply_adds(kind: Kind, hidden: int) -> int:
    """Multiply-adds of one sample: the gates' matrices, the input column and the output row."""
    return GATE_COUNT[kind] * hidden * (hidden + 1) + hidden


@dataclass(frozen=True)
class Convolution:
    """A causal convolution over time: `weight` (out, in, taps), oldest tap first; `bias` (out,)."""

    weight: Floats
    bias: Floats
    dilation: int = 1

    @property
    def history(self) -> int:
        """Samples before the present one that it looks at."""
        return int((self.weight.shape[2] - 1) * self.dilation)


@dataclass(frozen=True)
class Layer:
    """z = activation(conv(y) + mixin·x); the head gains z, y gains mix(z)."""

    conv: Convolution
    mixin: Floats
    mix: Convolution
    activation: str


@dataclass(frozen=True)
class Stack:
    """One array of layers of a WaveNet: rechannel (out, in), the layers, the head's convolution."""

    rechannel: Floats
    layers: tuple[Layer, ...]
    head: Convolution


def random_wavenet(shape: WaveNetShape, seed: int = 0) -> WaveNetWeights:
    """Return a WaveNet whose weights keep the level of a signal about as it is from layer to layer."""
    rng = np.random.default_rng(seed)

    def random(*size: int) -> Floats:
        return np.asarray(rng.normal(size=size) / np.sqrt(np.prod(size[1:])), np.float32)

    def bias(size: int) -> Floats:
        return (_SMALL_BIAS * rng.normal(size=size)).astype(np.float32)

    def layer(width: int, taps: int) -> LayerWeights:
        mix = _QUIET_LAYER * random(width, width)
        return LayerWeights(random(width, width, taps), bias(width), bias(width), mix, bias(width))

    arrays = tuple(
        ArrayWeights(
            random(array.channels, inputs),
            tuple(layer(array.channels, taps) for taps in array.kernel_sizes),
            random(array.head_size, array.channels, array.head_kernel),
            bias(array.head_size) * np.float32(array.head_bias),
        )
        for array, inputs in zip(shape.arrays, shape.inputs(), strict=True)
    )
    return WaveNetWeights(shape, arrays, _HEAD_SCALE)


def stacks(weights: WaveNetWeights) -> tuple[Stack, ...]:
    """The same WaveNet as convolutions."""
    return tuple(
        _stack(array, parts) for array, parts in zip(weights.shape.arrays, weights.arrays, strict=True)
    )


def _stack(array: LayerArray, parts: ArrayWeights) -> Stack:
    rows = zip(parts.layers, array.dilations, array.activations, strict=True)
    layers = tuple(
        Layer(
            Convolution(layer.conv, layer.conv_bias, dilation),
            layer.mixin[:, None],
            Convolution(layer.mix[:, :, None], layer.mix_bias),
            "tanh" if isinstance(activation, Tanh) else "leaky_relu",
        )
        for layer, dilation, activation in rows
    )
    return Stack(parts.rechannel, layers, Convolution(parts.head, parts.head_bias))


def stack_multiply_adds(stacks: Sequence[Stack]) -> int:
    """Multiply-adds of one sample."""
    return sum(weight.size for stack in stacks for weight in _matrices(stack))


def _matrices(stack: Stack) -> Iterator[Floats]:
    yield stack.rechannel
    for layer in stack.layers:
        yield from (layer.conv.weight, layer.mixin, layer.mix.weight)
    yield stack.head.weight
