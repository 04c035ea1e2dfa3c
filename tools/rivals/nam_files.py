"""The networks that `vastudio bench engine` measures, as `.nam` files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vastudio.app.bench import layers, networks
from vastudio.kernels.wavenet_shape import NAM_SIZES, ArrayWeights, LayerArray, LeakyRelu, WaveNetWeights
from vastudio.modelfile.exports.nam import NEW
from vastudio.modelfile.exports.reference import FILMS
from vastudio.modelfile.networks.layers import Activation, Convolution, Floats, Recurrent, Sequential
from vastudio.modelfile.networks.wavenet import Film, FilmPlace, Network, WaveNet, WaveNetArray, WaveNetLayer

Json = dict[str, Any]

RATE = 48_000
CONDITION_CHANNELS = 3

_NAMES = {"tanh": "Tanh", "sigmoid": "Sigmoid", "leaky_relu": "LeakyReLU"}


def documents() -> dict[str, Json]:
    """Every network with random weights: those of published sizes first, then the rarer shapes."""
    made: dict[str, Network] = {
        name: _published(networks.random_wavenet(shape)) for name, shape in NAM_SIZES.items()
    }
    made |= {name: make() for name, make in layers.SHAPES.items()}
    made["condition-16"] = _conditioned()
    return {name: document(network) for name, network in made.items()}


def single(path: Path) -> dict[str, Json]:
    """The networks of a file, by name: of a container every one."""
    read: Json = json.loads(path.read_text())
    if read["architecture"] != "SlimmableContainer":
        return {path.stem: read}
    return {f"{path.stem} {entry['max_value']:g}": entry["model"] for entry in read["config"]["submodels"]}


def document(network: Network) -> Json:
    """A network as a file has it."""
    if isinstance(network, WaveNet):
        architecture, config, weights = "WaveNet", _wavenet_config(network), _wavenet_weights(network)
    elif isinstance(network.layers[0], Recurrent):
        architecture, config, weights = "LSTM", _lstm_config(network), _lstm_weights(network)
    else:
        architecture, config, weights = "ConvNet", _conv_net_config(network), _conv_net_weights(network)
    flat = np.concatenate([np.ravel(piece) for piece in weights]).astype(np.float32)
    return {
        "version": NEW, "metadata": {}, "architecture": architecture, "config": config,
        "weights": flat.tolist(), "sample_rate": RATE,
    }  # fmt: skip


# --- networks -----------------------------------------------------------------------------------------------


def _published(weights: WaveNetWeights) -> WaveNet:
    arrays = zip(weights.shape.arrays, weights.arrays, strict=True)
    return WaveNet(tuple(_array(shape, parts) for shape, parts in arrays), weights.head_scale)


def _array(shape: LayerArray, parts: ArrayWeights) -> WaveNetArray:
    rows = zip(parts.layers, shape.dilations, shape.activations, strict=True)
    made = tuple(
        WaveNetLayer(
            Convolution(layer.conv, layer.conv_bias, dilation),
            Convolution(layer.mixin[:, None, None]),
            _leaky(activation) if isinstance(activation, LeakyRelu) else Activation("tanh"),
            layer1x1=Convolution(layer.mix[:, :, None], layer.mix_bias),
        )
        for layer, dilation, activation in rows
    )
    bias = parts.head_bias if shape.head_bias else None
    return WaveNetArray(Convolution(parts.rechannel[:, :, None]), made, Convolution(parts.head, bias))


def _leaky(activation: LeakyRelu) -> Activation:
    return Activation("leaky_relu", np.array([activation.slope], np.float32))


def _conditioned() -> WaveNet:
    """Sixteen channels that hear another WaveNet of four channels as well as the sound."""
    network, ear = layers.wavenet(layers.Shape(16)), layers.wavenet(layers.Shape(4))
    rng = np.random.default_rng(1)

    def random(*shape: int) -> Floats:
        return np.asarray(rng.normal(size=shape) / np.sqrt(shape[1]), np.float32)

    (array,), (heard,) = network.arrays, ear.arrays
    listening = tuple(
        replace(layer, mixin=Convolution(random(layer.conv.outputs, CONDITION_CHANNELS, 1)))
        for layer in array.layers
    )
    heard = replace(heard, head=Convolution(random(CONDITION_CHANNELS, heard.head.inputs, 1)))
    condition = WaveNet((heard,), 1.0)
    return WaveNet((replace(array, layers=listening),), network.head_scale, condition)


# --- files --------------------------------------------------------------------------------------------------


def _wavenet_config(network: WaveNet) -> Json:
    config: Json = {
        "layers": [_array_config(array) for array in network.arrays],
        "head": None,
        "head_scale": network.head_scale,
    }
    if network.condition is not None:
        config["condition_dsp"] = document(network.condition)
    return config


def _array_config(array: WaveNetArray) -> Json:
    first = array.layers[0]
    mix = first.layer1x1
    assert mix is not None
    films: Json = {
        place: {"active": True, "shift": film.shift, "groups": film.affine.groups}
        for place, film in first.films.items()
    }
    return {
        "input_size": array.rechannel.inputs,
        "condition_size": first.mixin.inputs,
        "channels": array.rechannel.outputs,
        "bottleneck": first.width,
        "kernel_sizes": [layer.conv.weight.shape[2] for layer in array.layers],
        "dilations": [layer.conv.dilation for layer in array.layers],
        "activation": [_activation(layer.activation) for layer in array.layers],
        "gating_mode": [layer.gating for layer in array.layers],
        "secondary_activation": [layer.second and _activation(layer.second) for layer in array.layers],
        "groups_input": first.conv.groups,
        "groups_input_mixin": first.mixin.groups,
        "layer1x1": {"active": True, "groups": mix.groups},
        "head": {
            "out_channels": array.head.outputs,
            "kernel_size": array.head.weight.shape[2],
            "bias": array.head.bias is not None,
        },
        **films,
    }


def _activation(activation: Activation) -> Any:
    name = _NAMES[activation.function]
    if not activation.parameters.size:
        return name
    return {"type": name, "negative_slope": float(str(activation.parameters[0]))}


def _wavenet_weights(network: WaveNet) -> Iterator[Any]:
    for array in network.arrays:
        yield array.rechannel.weight
        for layer in array.layers:
            films = [film.affine for _, film in sorted(layer.films.items(), key=_place_in_file)]
            for part in (layer.conv, layer.mixin, layer.layer1x1, layer.head1x1, *films):
                yield from _numbers(part)
        yield from _numbers(array.head)
    yield [network.head_scale]


def _place_in_file(film: tuple[FilmPlace, Film]) -> int:
    return FILMS.index(film[0])


def _numbers(part: Convolution | None) -> Iterator[Floats]:
    if part is not None:
        yield part.weight
        if part.bias is not None:
            yield part.bias


def _lstm_config(network: Sequential) -> Json:
    cells = [layer for layer in network.layers if isinstance(layer, Recurrent)]
    return {"input_size": 1, "hidden_size": cells[0].hidden, "num_layers": len(cells)}


def _lstm_weights(network: Sequential) -> Iterator[Any]:
    for layer in network.layers:
        if isinstance(layer, Recurrent):
            yield np.concatenate([layer.w_ih, layer.w_hh], axis=1)
            yield from (layer.b_ih + layer.b_hh, np.zeros(2 * layer.hidden))
        elif isinstance(layer, Convolution):
            yield from _numbers(layer)


def _conv_net_config(network: Sequential) -> Json:
    *inner, _ = (layer for layer in network.layers if isinstance(layer, Convolution))
    return {
        "channels": inner[0].outputs, "dilations": [layer.dilation for layer in inner],
        "batchnorm": False, "activation": "Tanh",
    }  # fmt: skip


def _conv_net_weights(network: Sequential) -> Iterator[Any]:
    for layer in network.layers:
        if isinstance(layer, Convolution):
            yield from _numbers(layer)
