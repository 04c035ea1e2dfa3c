"""What a WaveNet is made of, before any kernel packs it for speed: shapes, published sizes, weights.

Stacks of causal dilated convolutions after van den Oord et al. (2016), without gates, in the form that the
Neural Amp Modeler made common. With the sound x as input and as condition of every layer:

    y = x;  head = none
    for each array:
        y = rechannel·y                       one matrix, no bias
        s = head, or 0 in the first array
        for each layer:
            z = f(conv(y) + mixin·x)          causal, dilated; the bias is the convolution's
            s = s + z
            y = y + mix·z + mix_bias
        head = head_conv(s)                   causal, with or without bias
    out = head_scale·head
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.errors import ModelFileError

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Tanh:
    """The hyperbolic tangent."""


@dataclass(frozen=True)
class LeakyRelu:
    """x where x is positive, else `slope`·x; the slope is 0 … 1."""

    slope: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.slope <= 1:
            raise ModelFileError(f"A leaky rectifier's slope must be 0 … 1, not {self.slope}.")


Activation: TypeAlias = Tanh | LeakyRelu


@dataclass(frozen=True)
class LayerArray:
    """Layers of one width, and the head that sums them up.

    Attributes
    ----------
    channels:
        Width of the layers.
    kernel_sizes, dilations, activations:
        One per layer. Dilations count samples.
    head_size, head_kernel, head_bias:
        Outputs of the head convolution, its taps, and whether it has a bias.
    """

    channels: int
    kernel_sizes: tuple[int, ...]
    dilations: tuple[int, ...]
    activations: tuple[Activation, ...]
    head_size: int
    head_kernel: int = 1
    head_bias: bool = False

    def __post_init__(self) -> None:
        counts = {len(self.kernel_sizes), len(self.dilations), len(self.activations)}
        if len(counts) != 1:
            raise ModelFileError("A WaveNet's kernel sizes, dilations and activations are not one per layer.")
        if not self.dilations:
            raise ModelFileError("A WaveNet's array has no layers.")
        if min(self.channels, self.head_size, self.head_kernel, *self.kernel_sizes, *self.dilations) < 1:
            raise ModelFileError("A WaveNet's channels, kernel sizes and dilations must be 1 or more.")

    @property
    def layers(self) -> int:
        """Number of layers."""
        return len(self.dilations)


@dataclass(frozen=True)
class WaveNetShape:
    """Arrays in the order of the signal. The head of each starts from the head of the one before it."""

    arrays: tuple[LayerArray, ...]

    def __post_init__(self) -> None:
        if not self.arrays:
            raise ModelFileError("A WaveNet without layers cannot be played.")
        for before, after in zip(self.arrays, self.arrays[1:], strict=False):
            if before.head_size != after.channels:
                raise ModelFileError(
                    f"A WaveNet's head has {before.head_size} channels, the array after it {after.channels}."
                )
        if self.arrays[-1].head_size != 1:
            raise ModelFileError(f"A WaveNet has {self.arrays[-1].head_size} outputs instead of one.")

    def inputs(self) -> tuple[int, ...]:
        """Channels that enter each array: the sound, then the layers of the array before."""
        return (1, *(array.channels for array in self.arrays[:-1]))


def receptive_field(shape: WaveNetShape) -> int:
    """How many input samples, the present one included, an output sample hears."""
    return 1 + sum(
        array.head_kernel
        - 1
        + sum((size - 1) * step for size, step in zip(array.kernel_sizes, array.dilations, strict=True))
        for array in shape.arrays
    )


# --- published sizes ----------------------------------------------------------------------------------------


def nam_a1(channels: int, second: int, dilations: tuple[tuple[int, ...], tuple[int, ...]]) -> WaveNetShape:
    """Two arrays with tanh and kernels of three taps, `channels` and `second` wide."""

    def array(width: int, steps: tuple[int, ...], head_size: int, head_bias: bool) -> LayerArray:
        count = len(steps)
        return LayerArray(width, (3,) * count, steps, (Tanh(),) * count, head_size, head_bias=head_bias)

    first, last = dilations
    return WaveNetShape((array(channels, first, second, False), array(second, last, 1, True)))


def nam_a2(channels: int) -> WaveNetShape:
    """One array of 23 layers with leaky rectifiers, kernels of 6 and 15 taps, and a head of 16 taps."""
    steps = (1, 3, 7, 17, 41, 101, 239)
    sizes = (6,) * 14 + (15,) * 2 + (6,) * 7
    array = LayerArray(channels, sizes, (*steps, *steps, 1, 13, *steps), (LeakyRelu(),) * 23, 1, 16, True)
    return WaveNetShape((array,))


_OCTAVES = tuple(2**i for i in range(10))
_SHORT = (_OCTAVES[:7], (*_OCTAVES[7:], *_OCTAVES))

NAM_SIZES: dict[str, WaveNetShape] = {
    "A1 standard": nam_a1(16, 8, (_OCTAVES, _OCTAVES)),
    "A1 lite": nam_a1(12, 6, _SHORT),
    "A1 feather": nam_a1(8, 4, _SHORT),
    "A1 nano": nam_a1(4, 2, _SHORT),
    "A2 full": nam_a2(8),
    "A2 lite": nam_a2(3),
}
"""The sizes that the Neural Amp Modeler's trainers publish."""


# --- weights ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LayerWeights:
    """One layer of C channels and K taps; tap 0 hears the oldest sample.

    Attributes
    ----------
    conv:
        Shape (C, C, K): output channel, input channel, tap.
    conv_bias, mixin, mix_bias:
        Shape (C,).
    mix:
        Shape (C, C): output channel, input channel.
    """

    conv: Floats
    conv_bias: Floats
    mixin: Floats
    mix: Floats
    mix_bias: Floats


@dataclass(frozen=True)
class ArrayWeights:
    """One array of C channels.

    Attributes
    ----------
    rechannel:
        Shape (C, inputs).
    head:
        Shape (head size, C, taps).
    head_bias:
        Shape (head size,); zeros for a head without bias.
    """

    rechannel: Floats
    layers: tuple[LayerWeights, ...]
    head: Floats
    head_bias: Floats


@dataclass(frozen=True)
class WaveNetWeights:
    """All numbers of a WaveNet of a given shape."""

    shape: WaveNetShape
    arrays: tuple[ArrayWeights, ...]
    head_scale: float

    @classmethod
    def from_flat(cls, shape: WaveNetShape, numbers: Iterable[float]) -> WaveNetWeights:
        """Cut the one list of numbers that a `.nam` file holds, in its order.

        Raises
        ------
        ModelFileError
            The list is not `flat_size(shape)` long.
        """
        flat = np.asarray(numbers if isinstance(numbers, np.ndarray) else list(numbers), np.float32).ravel()
        if flat.size != flat_size(shape):
            raise ModelFileError(
                f"This WaveNet has {flat.size} weights, but its shape needs {flat_size(shape)}.",
                "The file is damaged, or of a kind that is not known here.",
            )
        sizes = [int(np.prod(part)) for part in _parts(shape)]
        pieces = np.split(flat, np.cumsum(sizes)[:-1])
        parts = (piece.reshape(part) for piece, part in zip(pieces, _parts(shape), strict=True))
        arrays = tuple(_array_from(parts, array) for array in shape.arrays)
        return cls(shape, arrays, float(next(parts)[0]))

    def rest_output(self) -> float:
        """The constant that comes out after an endless silence: the biases alone speak."""
        sums = np.zeros(1)
        signal = np.zeros(1)
        for index, (array, weights) in enumerate(zip(self.shape.arrays, self.arrays, strict=True)):
            signal = weights.rechannel.astype(np.float64) @ signal
            sums = sums if index else np.zeros(array.channels)
            for layer, activation in zip(weights.layers, array.activations, strict=True):
                z = _apply(activation, layer.conv.astype(np.float64).sum(axis=2) @ signal + layer.conv_bias)
                sums = sums + z
                signal = signal + layer.mix.astype(np.float64) @ z + layer.mix_bias
            sums = weights.head.astype(np.float64).sum(axis=2) @ sums + weights.head_bias
        return float(self.head_scale * sums[0])


def flat_size(shape: WaveNetShape) -> int:
    """How many numbers a weight set of this shape holds."""
    return sum(int(np.prod(part)) for part in _parts(shape))


def _parts(shape: WaveNetShape) -> Iterator[tuple[int, ...]]:
    """The shapes of all weights, in the order of the file."""
    for array, inputs in zip(shape.arrays, shape.inputs(), strict=True):
        width = array.channels
        yield (width, inputs)
        for taps in array.kernel_sizes:
            yield from ((width, width, taps), (width,), (width,), (width, width), (width,))
        yield (array.head_size, width, array.head_kernel)
        if array.head_bias:
            yield (array.head_size,)
    yield (1,)


def _array_from(parts: Iterator[Floats], array: LayerArray) -> ArrayWeights:
    rechannel = next(parts)
    layers = tuple(LayerWeights(*(next(parts) for _ in range(5))) for _ in range(array.layers))
    head = next(parts)
    bias = next(parts) if array.head_bias else np.zeros(array.head_size, np.float32)
    return ArrayWeights(rechannel, layers, head, bias)


def _apply(activation: Activation, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if isinstance(activation, LeakyRelu):
        return np.where(x > 0, x, activation.slope * x)
    return np.tanh(x)
