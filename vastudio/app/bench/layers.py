"""Networks without a kernel of their own, as other programs make them: random weights, usual sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from vastudio.modelfile.networks.layers import Activation, Convolution, Floats, Layer, Recurrent, Sequential
from vastudio.modelfile.networks.wavenet import Film, Gating, Network, WaveNet, WaveNetArray, WaveNetLayer

_TAPS = 3
_OCTAVES = tuple(2**octave for octave in range(10))
_HEAD_SCALE = 0.02
_SMALL_BIAS = 0.1


class _Dice:
    """Weights that keep the level of a signal about as it is from layer to layer."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def weights(self, *shape: int) -> Floats:
        return np.asarray(self._rng.normal(size=shape) / np.sqrt(np.prod(shape[1:])), np.float32)

    def convolution(
        self, outputs: int, inputs: int, taps: int = 1, dilation: int = 1, groups: int = 1
    ) -> Convolution:
        bias = _SMALL_BIAS * self.weights(outputs)
        return Convolution(self.weights(outputs, inputs // groups, taps), bias, dilation, groups)


@dataclass(frozen=True)
class Shape:
    """How the layers of one array are made: channels, what gates them, and what stands beside them."""

    channels: int
    gating: Gating = "none"
    groups: int = 1
    bottleneck: int | None = None
    films: bool = False


def conv_net(channels: int = 16) -> Sequential:
    """The Neural Amp Modeler's ConvNet: two taps, nine octaves."""
    dice, layers, inputs = _Dice(), list[Layer](), 1
    for dilation in _OCTAVES[:9]:
        layers += (dice.convolution(channels, inputs, 2, dilation), Activation("tanh"))
        inputs = channels
    return Sequential(1, (*layers, dice.convolution(1, channels)))


def stacked_lstm(hidden: int = 16, count: int = 2) -> Sequential:
    """Layers of an LSTM one after the other."""
    dice, layers, inputs = _Dice(), list[Layer](), 1
    for _ in range(count):
        bias = _SMALL_BIAS * dice.weights(4 * hidden)
        matrices = dice.weights(4 * hidden, inputs), dice.weights(4 * hidden, hidden)
        layers.append(Recurrent("lstm", *matrices, bias, np.zeros_like(bias)))
        inputs = hidden
    return Sequential(1, (*layers, dice.convolution(1, hidden)))


def wavenet(shape: Shape) -> WaveNet:
    """One array of ten octaves."""
    dice = _Dice()
    layers = tuple(_layer(dice, shape, dilation) for dilation in _OCTAVES)
    width = layers[0].width
    array = WaveNetArray(
        Convolution(dice.weights(shape.channels, 1, 1)), layers, Convolution(dice.weights(1, width, 1))
    )
    return WaveNet((array,), _HEAD_SCALE)


def _layer(dice: _Dice, shape: Shape, dilation: int) -> WaveNetLayer:
    width = shape.bottleneck or shape.channels
    inner = width * (1 if shape.gating == "none" else 2)
    film = Film(dice.convolution(2 * width, 1), shift=True)
    return WaveNetLayer(
        dice.convolution(inner, shape.channels, _TAPS, dilation, shape.groups),
        Convolution(dice.weights(inner, 1, 1)),
        Activation("tanh"),
        shape.gating,
        None if shape.gating == "none" else Activation("sigmoid"),
        dice.convolution(shape.channels, width),
        films={"activation_post_film": film} if shape.films else {},
    )


SHAPES: dict[str, Callable[[], Network]] = {
    "plain-16": lambda: wavenet(Shape(16)),
    "gated-16": lambda: wavenet(Shape(16, "gated")),
    "blended-16": lambda: wavenet(Shape(16, "blended")),
    "groups-bottleneck-16": lambda: wavenet(Shape(16, groups=2, bottleneck=8)),
    "films-16": lambda: wavenet(Shape(16, films=True)),
    "convnet-16": conv_net,
    "lstm-2x16": stacked_lstm,
}
"""Names of what is measured, as `vastudio bench engine` shows them."""


def multiply_adds(network: Network) -> int:
    """Multiply-adds of one sample."""
    return sum(weight.size for weight in _matrices(network))


def _matrices(network: Network) -> Iterator[Floats]:
    if isinstance(network, Sequential):
        for item in network.layers:
            if isinstance(item, Convolution):
                yield item.weight
            elif isinstance(item, Recurrent):
                yield from (item.w_ih, item.w_hh)
        return
    for array in network.arrays:
        yield from (array.rechannel.weight, array.head.weight)
        for layer in array.layers:
            parts = layer.conv, layer.mixin, layer.layer1x1, *(film.affine for film in layer.films.values())
            yield from (part.weight for part in parts if part is not None)
