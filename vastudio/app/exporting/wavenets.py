"""A WaveNet of the studio as a `.nam` file describes it: with the keys of 2023 where these are enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from vastudio.kernels.wavenet_shape import ArrayWeights, LayerArray, LeakyRelu, Tanh, WaveNetWeights
from vastudio.modelfile.exports.exporter import NamNetwork
from vastudio.modelfile.exports.reference import FILMS
from vastudio.modelfile.networks.layers import Floats
from vastudio.modelfile.networks.nam import WEIGHTS


def as_nam(weights: WaveNetWeights) -> NamNetwork:
    """The network; the last array has a bias in its head if only this makes silence silent."""
    shape, last = weights.shape, len(weights.arrays) - 1
    biased = [
        array.head_bias or (index == last and bool(weights.arrays[index].head_bias.any()))
        for index, array in enumerate(shape.arrays)
    ]
    plain = all(_is_plain(array) for array in shape.arrays)
    keys = _old_keys if plain else _keys
    config = {
        "layers": [
            keys(array, inputs, bias)
            for array, inputs, bias in zip(shape.arrays, shape.inputs(), biased, strict=True)
        ],
        "head": None,
        "head_scale": weights.head_scale,
    }
    pieces: list[Floats] = []
    for array, bias in zip(weights.arrays, biased, strict=True):
        pieces += _numbers(array, bias=bias)
    pieces.append(np.array([weights.head_scale], np.float32))
    return NamNetwork("WaveNet", config, {WEIGHTS: np.concatenate([piece.ravel() for piece in pieces])})


def _is_plain(array: LayerArray) -> bool:
    """Whether the keys of 2023 describe an array: tanh, one size of kernels, a head of one tap."""
    same = len(set(array.kernel_sizes)) == 1 and set(array.activations) == {Tanh()}
    return same and array.head_kernel == 1


def _old_keys(array: LayerArray, inputs: int, head_bias: bool) -> dict[str, Any]:
    return {
        "input_size": inputs,
        "condition_size": 1,
        "head_size": array.head_size,
        "channels": array.channels,
        "kernel_size": array.kernel_sizes[0],
        "dilations": list(array.dilations),
        "activation": "Tanh",
        "gated": False,
        "head_bias": head_bias,
    }


def _keys(array: LayerArray, inputs: int, head_bias: bool) -> dict[str, Any]:
    """The keys of 2026, all of them and with lists: players choose their fast path by them."""
    count = array.layers
    inactive = {"active": False, "shift": True, "groups": 1}
    return {
        "input_size": inputs,
        "condition_size": 1,
        "head": {"out_channels": array.head_size, "kernel_size": array.head_kernel, "bias": head_bias},
        "channels": array.channels,
        "kernel_sizes": list(array.kernel_sizes),
        "dilations": list(array.dilations),
        "activation": [_activation(activation) for activation in array.activations],
        "bottleneck": array.channels,
        "head1x1": {"active": False, "out_channels": 1, "groups": 1},
        "layer1x1": {"active": True, "groups": 1},
        "groups_input": 1,
        "groups_input_mixin": 1,
        **{place: dict(inactive) for place in FILMS},
        "gating_mode": ["none"] * count,
        "secondary_activation": [None] * count,
        "slimmable": None,
    }


def _activation(activation: Tanh | LeakyRelu) -> str | dict[str, Any]:
    if isinstance(activation, Tanh):
        return "Tanh"
    return {"type": "LeakyReLU", "negative_slope": activation.slope}


def _numbers(array: ArrayWeights, *, bias: bool) -> list[Floats]:
    """In the order of the file."""
    pieces = [array.rechannel]
    for layer in array.layers:
        pieces += [layer.conv, layer.conv_bias, layer.mixin, layer.mix, layer.mix_bias]
    return [*pieces, array.head, *([array.head_bias] if bias else [])]
