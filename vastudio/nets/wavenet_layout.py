"""Where the numbers of a WaveNet lie in θ and in its state, for G groups that each have their own.

θ (G, P) is the list of numbers of a `.nam` file: array by array, in the order of `kernels.wavenet_shape`,
then the scale of the output. The state (G, A, S) holds, in the same order, what every convolution has still
to know of the past, by channel, the oldest sample first.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from vastudio.kernels.wavenet_shape import LayerArray, WaveNetShape


class LayerParts(NamedTuple):
    """One layer: (G, C, C, taps), (G, C), (G, C), (G, C, C), (G, C)."""

    conv: Tensor
    conv_bias: Tensor
    mixin: Tensor
    mix: Tensor
    mix_bias: Tensor


class ArrayParts(NamedTuple):
    """One array: (G, C, inputs), its layers (G, numbers), (G, head size, C, taps), (G, head size)."""

    rechannel: Tensor
    layers: Tensor
    head: Tensor
    head_bias: Tensor


def layer_sizes(channels: int, taps: int) -> list[int]:
    """How many numbers each of a layer's parts has."""
    square = channels * channels
    return [square * taps, channels, channels, square, channels]


def array_sizes(array: LayerArray, inputs: int) -> list[int]:
    """How many numbers each of an array's parts has."""
    width, size = array.channels, array.head_size
    layers = sum(sum(layer_sizes(width, taps)) for taps in array.kernel_sizes)
    return [width * inputs, layers, size * width * array.head_kernel, size if array.head_bias else 0]


def array_parts(theta: Tensor, shape: WaveNetShape) -> list[ArrayParts]:
    """The parts of θ (G, P) by array. The head bias of an array that has none is zero."""
    groups, parts, begin = len(theta), [], 0
    for array, inputs in zip(shape.arrays, shape.inputs(), strict=True):
        sizes = array_sizes(array, inputs)
        rechannel, layers, head, bias = torch.split(theta[:, begin : begin + sum(sizes)], sizes, 1)
        begin += sum(sizes)
        head = head.reshape(groups, array.head_size, array.channels, array.head_kernel)
        bias = bias if array.head_bias else theta.new_zeros(groups, array.head_size)
        parts.append(ArrayParts(rechannel.reshape(groups, array.channels, inputs), layers, head, bias))
    return parts


def layer_parts(layers: Tensor, array: LayerArray) -> list[LayerParts]:
    """Views of the numbers (G, P) of an array's layers."""
    groups, width = len(layers), array.channels
    parts, begin = [], 0
    for taps in array.kernel_sizes:
        sizes = layer_sizes(width, taps)
        conv, bias, mixin, mix, mix_bias = torch.split(layers[:, begin : begin + sum(sizes)], sizes, 1)
        begin += sum(sizes)
        conv, mix = conv.view(groups, width, width, taps), mix.view(groups, width, width)
        parts.append(LayerParts(conv, bias, mixin, mix, mix_bias))
    return parts


def hears_sound(shape: WaveNetShape) -> Tensor:
    """1 for the numbers of θ that the sound is multiplied by, 0 for the others, (P,)."""
    marks = []
    for index, (array, inputs) in enumerate(zip(shape.arrays, shape.inputs(), strict=True)):
        rechannel, _, head, bias = array_sizes(array, inputs)
        marks.append(torch.full((rechannel,), float(index == 0)))
        for taps in array.kernel_sizes:
            conv, conv_bias, mixin, mix, mix_bias = layer_sizes(array.channels, taps)
            marks += [torch.zeros(conv + conv_bias), torch.ones(mixin), torch.zeros(mix + mix_bias)]
        marks.append(torch.zeros(head + bias))
    return torch.cat([*marks, torch.zeros(1)])


def memories(array: LayerArray) -> list[int]:
    """How many past samples an array's layers, and then its head, have to keep of each channel."""
    reach = [(taps - 1) * step for taps, step in zip(array.kernel_sizes, array.dilations, strict=True)]
    return [*reach, array.head_kernel - 1]


def array_states(state: Tensor, shape: WaveNetShape) -> tuple[Tensor, ...]:
    """Views (G, numbers, S) of the state (G, A, S), one per array."""
    return torch.split(state, [array.channels * sum(memories(array)) for array in shape.arrays], 1)


def pasts(state: Tensor, array: LayerArray) -> list[Tensor]:
    """Views (G, C, samples·S) of an array's state (G, numbers, S), one per layer and one for the head."""
    groups, _, sequences = state.shape
    counts = memories(array)
    pieces = torch.split(state, [array.channels * count for count in counts], 1)
    return [
        piece.view(groups, array.channels, count * sequences)
        for piece, count in zip(pieces, counts, strict=True)
    ]
