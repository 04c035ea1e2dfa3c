"""The networks of `.nam` files: from `architecture`, `config` and the list of weights to what they describe.

The numbers of a network are one list, the `weights`; those of a condition are the one named
`condition.weights`, and so on. In a `.vamodel` they are tensors under these names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from vastudio.modelfile.checking import LEAST_VARIANCE, Cutter, Part
from vastudio.modelfile.networks import activations, limits
from vastudio.modelfile.networks.layers import Convolution, Floats, Layer, Recurrent, Sequential
from vastudio.modelfile.networks.nam_wavenet import WaveNetReader
from vastudio.modelfile.networks.wavenet import Network, WaveNet

WEIGHTS = "weights"
CONDITION = "condition"


def describe(model: Part, weights: Mapping[str, Floats], prefix: str = "", depth: int = 0) -> Network:
    """Read the network at `architecture` and `config` of an object.

    Raises
    ------
    ModelFileError
        When the architecture is unknown, a key is missing or out of range, parts do not fit together, or
        there are too many or too few weights.
    """
    read: Callable[[Part, Cutter], Network] = model.need("architecture").one_of(_READERS)
    config = model.need("config")
    name = f"{prefix}{WEIGHTS}"
    if name not in weights:
        model.wrong(f"has no weights '{name}'")
    cutter = Cutter(weights[name], Part(None, model.source, f"{model.path}.weights".lstrip(".")))
    network = read(config, cutter)
    cutter.finish()
    if not isinstance(network, WaveNet):
        return network
    nested, wanted = config.get("condition_dsp"), network.arrays[0].layers[0].mixin.inputs
    if nested is None:
        if wanted != 1:
            config.need("layers").wrong(
                f"want a condition of {wanted} channels, but there is no condition_dsp"
            )
        return network
    if depth == limits.DEEPEST_CONDITION:
        nested.wrong("stands within too many others")
    condition = describe(nested, weights, f"{prefix}{CONDITION}.", depth + 1)
    if condition.outputs != wanted:
        nested.wrong(f"has {condition.outputs} outputs, but the layers' condition_size is {wanted}")
    return replace(network, condition=condition)


def _lstm(config: Part, cutter: Cutter) -> Sequential:
    hidden = config.need("hidden_size").whole(1, limits.MOST_UNITS)
    count = config.need("num_layers").whole(1, limits.MOST_LAYERS)
    inputs = config.need("input_size").whole(1, 1)
    for key in ("in_channels", "out_channels"):
        channels = config.get(key)
        if channels is not None:
            channels.whole(1, 1)
    layers: list[Layer] = []
    for _ in range(count):
        matrix = cutter.take(4 * hidden, inputs + hidden)
        bias = cutter.take(4 * hidden)
        cutter.take(2 * hidden)  # a state to begin with: playing begins where silence leads
        nothing = np.zeros(4 * hidden, np.float32)
        layers.append(Recurrent("lstm", matrix[:, :inputs], matrix[:, inputs:], bias, nothing))
        inputs = hidden
    layers.append(Convolution(cutter.take(1, hidden, 1), cutter.take(1)))
    return Sequential(1, tuple(layers))


def _conv_net(config: Part, cutter: Cutter) -> Sequential:
    channels = config.need("channels").whole(1, limits.MOST_CHANNELS)
    dilations = config.need("dilations").items(limits.MOST_LAYERS)
    normalised = config.need("batchnorm").flag()
    groups = config.get("groups")
    grouped = 1 if groups is None else groups.whole(1, 1)
    activation = activations.read_nam(config.need("activation"), channels)
    if not dilations:
        config.need("dilations").wrong("is empty")
    layers: list[Layer] = []
    inputs = 1
    for dilation in dilations:
        weight = cutter.take(channels, inputs, 2)
        bias = None if normalised else cutter.take(channels)
        convolution = Convolution(weight, bias, dilation.whole(1, limits.LONGEST_MEMORY), grouped)
        layers += [_normalised(convolution, cutter) if normalised else convolution, activation]
        inputs = channels
    layers.append(Convolution(cutter.take(1, channels, 1), cutter.take(1)))
    return Sequential(1, tuple(layers))


def _normalised(convolution: Convolution, cutter: Cutter) -> Convolution:
    """A convolution with the batch normalisation behind it, which is affine and so becomes part of it."""
    mean, variance, gamma, beta = (cutter.take(convolution.outputs).astype(np.float64) for _ in range(4))
    epsilon = float(cutter.take(1)[0])
    if cutter.short:
        return convolution
    if not (variance + epsilon > LEAST_VARIANCE).all():
        cutter.wrong("holds a variance that is not positive")
    scale = gamma / np.sqrt(variance + epsilon)
    weight = convolution.weight * scale[:, None, None]
    return replace(
        convolution, weight=weight.astype(np.float32), bias=(beta - scale * mean).astype(np.float32)
    )


def _linear(config: Part, cutter: Cutter) -> Sequential:
    """An impulse response, the newest sample's weight first, as plug-ins take it (the trainer does not)."""
    taps = config.need("receptive_field").whole(1, limits.MOST_TAPS)
    response = cutter.take(taps)
    bias = cutter.take(1) if config.need("bias").flag() else None
    return Sequential(1, (Convolution(response[::-1].reshape(1, 1, taps), bias),))


def _wavenet(config: Part, cutter: Cutter) -> WaveNet:
    return WaveNetReader(cutter).read(config)


_READERS: dict[str, Callable[[Part, Cutter], Network]] = {
    "WaveNet": _wavenet,
    "LSTM": _lstm,
    "ConvNet": _conv_net,
    "Linear": _linear,
}

ARCHITECTURES = tuple(_READERS)
