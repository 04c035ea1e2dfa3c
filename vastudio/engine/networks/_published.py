"""WaveNets of the plain kind: those that have a kernel of their own, and what they are called."""

from __future__ import annotations

import numpy as np

from vastudio.kernels import wavenet_shape
from vastudio.kernels.wavenet_shape import (
    NAM_SIZES,
    ArrayWeights,
    LayerArray,
    LayerWeights,
    LeakyRelu,
    Tanh,
    WaveNetShape,
    WaveNetWeights,
)
from vastudio.modelfile.networks.layers import Activation, Recurrent
from vastudio.modelfile.networks.wavenet import Network, WaveNet, WaveNetArray, WaveNetLayer


def as_published(network: Network) -> WaveNetWeights | None:
    """A WaveNet as its own kernel takes it; None for everything that this kernel cannot play."""
    if not isinstance(network, WaveNet) or network.condition is not None or network.last_head:
        return None
    shapes, weights = [], []
    for array in network.arrays:
        converted = _array(array)
        if converted is None:
            return None
        shapes.append(converted[0])
        weights.append(converted[1])
    return WaveNetWeights(WaveNetShape(tuple(shapes)), tuple(weights), network.head_scale)


def _array(array: WaveNetArray) -> tuple[LayerArray, ArrayWeights] | None:
    head = array.head
    activations = [_activation(layer.activation) for layer in array.layers]
    if (
        head.dilation != 1
        or not all(_is_plain(layer, array) for layer in array.layers)
        or None in activations
    ):
        return None
    shape = LayerArray(
        array.rechannel.outputs,
        tuple(layer.conv.weight.shape[2] for layer in array.layers),
        tuple(layer.conv.dilation for layer in array.layers),
        tuple(activation for activation in activations if activation is not None),
        head.outputs,
        head.weight.shape[2],
        head.bias is not None,
    )
    bias = np.zeros(head.outputs, np.float32) if head.bias is None else head.bias
    layers = tuple(_layer(layer) for layer in array.layers)
    return shape, ArrayWeights(array.rechannel.weight[:, :, 0], layers, head.weight, bias)


def _layer(layer: WaveNetLayer) -> LayerWeights:
    mix = layer.layer1x1
    assert layer.conv.bias is not None and mix is not None and mix.bias is not None
    return LayerWeights(
        layer.conv.weight, layer.conv.bias, layer.mixin.weight[:, 0, 0], mix.weight[:, :, 0], mix.bias
    )


def _is_plain(layer: WaveNetLayer, array: WaveNetArray) -> bool:
    parts = (layer.conv, layer.mixin, layer.layer1x1)
    return (
        layer.gating == "none"
        and not layer.films
        and layer.head1x1 is None
        and all(part is not None and part.groups == 1 for part in parts)
        and layer.width == array.rechannel.outputs
        and layer.mixin.inputs == 1
    )


def _activation(activation: Activation) -> wavenet_shape.Activation | None:
    if activation.function == "tanh":
        return Tanh()
    if activation.function == "leaky_relu" and activation.parameters.shape == (1,):
        slope = float(str(activation.parameters[0]))  # 0.01, where single precision has 0.00999999978
        return LeakyRelu(slope) if 0 <= slope <= 1 else None
    return None


def title_of(network: Network) -> str:
    """What a list shows: `WaveNet A1 standard`, `WaveNet, 4 channels`, `2 × LSTM-8`, `ConvNet`."""
    if isinstance(network, WaveNet):
        published = as_published(network)
        names = (name for name, shape in NAM_SIZES.items() if published and shape == published.shape)
        name = next(names, None)
        widths = " and ".join(str(array.rechannel.outputs) for array in network.arrays)
        return f"WaveNet {name}" if name else f"WaveNet, {widths} channels"
    cells = [layer for layer in network.layers if isinstance(layer, Recurrent)]
    if not cells:
        return "Convolutions"
    name = f"{cells[0].cell.upper()}-{cells[0].hidden}"
    return name if len(cells) == 1 else f"{len(cells)} × {name}"
