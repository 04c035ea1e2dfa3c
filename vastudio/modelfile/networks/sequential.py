"""A row of layers as a configuration and named arrays, for a `.vamodel`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from vastudio.modelfile.checking import Part
from vastudio.modelfile.networks import limits
from vastudio.modelfile.networks.layers import (
    GATES,
    Activation,
    Cell,
    Convolution,
    Floats,
    Function,
    Layer,
    Recurrent,
    Sequential,
    widths,
)

_FUNCTIONS: dict[str, Function] = {name: name for name in get_args(Function)}


def write(network: Sequential) -> tuple[dict[str, Any], dict[str, Floats]]:
    """Return `layers` and `skip` of a configuration, and the arrays `layers.{i}.…`."""
    layers: list[dict[str, Any]] = []
    arrays: dict[str, Floats] = {}
    for index, layer in enumerate(network.layers):
        parts: dict[str, Floats | None]
        if isinstance(layer, Convolution):
            outputs, _, taps = layer.weight.shape
            layers.append(
                {
                    "type": "convolution", "outputs": outputs, "taps": taps, "dilation": layer.dilation,
                    "groups": layer.groups, "bias": layer.bias is not None,
                }
            )  # fmt: skip
            parts = {"weight": layer.weight, "bias": layer.bias}
        elif isinstance(layer, Recurrent):
            layers.append({"type": layer.cell, "hidden": layer.hidden})
            parts = {"w_ih": layer.w_ih, "w_hh": layer.w_hh, "b_ih": layer.b_ih, "b_hh": layer.b_hh}
        else:
            layers.append({"type": "activation", "function": layer.function})
            parts = {"parameters": layer.parameters if layer.parameters.size else None}
        arrays |= {f"layers.{index}.{name}": part for name, part in parts.items() if part is not None}
    return {"layers": layers, "skip": network.skip}, arrays


def read(config: Part, weights: Mapping[str, Floats], inputs: int) -> Sequential:
    """Read what `write` wrote, for a network with `inputs` channels.

    Raises
    ------
    ModelFileError
        When a layer is unknown, a key or an array is missing, of the wrong shape or not finite, or the layers
        do not fit together.
    """
    reader = _Reader(weights, inputs)
    for index, part in enumerate(config.need("layers").items(limits.MOST_LAYERS)):
        reader.add(part, f"layers.{index}")
    network = Sequential(inputs, tuple(reader.layers), config.need("skip").number())
    check(network, config.need("layers"))
    return network


def check(network: Sequential, part: Part) -> None:
    """Refuse what has no layers, ends in more than one channel, or would keep too much of the past."""
    if not network.layers:
        part.wrong("is empty")
    if network.outputs != 1:
        part.wrong(f"ends in {network.outputs} channels; a sound has one")
    past = 0
    for layer, width in zip(network.layers, widths(network.inputs, network.layers), strict=False):
        if isinstance(layer, Convolution):
            past += layer.memory * width
            if layer.memory > limits.LONGEST_MEMORY:
                part.wrong(f"has a layer that looks {layer.memory} samples back")
    if past > limits.MOST_HISTORY:
        part.wrong(f"would keep {past} numbers of the past")


def with_gains(network: Sequential, gain_in: float, gain_out: float) -> Sequential:
    """The same network with its sound multiplied before it enters and when it leaves."""
    if gain_in == gain_out == 1.0:
        return network
    layers = list(network.layers)
    first, last = layers[0], layers[-1]
    if isinstance(first, Convolution):
        weight = np.array(first.weight, np.float64)
        weight[: first.outputs // first.groups, 0] *= gain_in  # the sound is the first group's first input
        layers[0] = replace(first, weight=weight.astype(np.float32))
    elif isinstance(first, Recurrent):
        w_ih = np.array(first.w_ih, np.float64)
        w_ih[:, 0] *= gain_in
        layers[0] = replace(first, w_ih=w_ih.astype(np.float32))
    else:
        matrix = np.eye(network.inputs, dtype=np.float32)
        matrix[0, 0] = gain_in
        layers.insert(0, Convolution(matrix[:, :, None]))
    layers.append(Convolution(np.full((1, 1, 1), gain_out, np.float32)))
    if isinstance(last, Convolution) and len(network.layers) > 1:
        layers[-2:] = [_times(last, gain_out)]
    return Sequential(network.inputs, tuple(layers), network.skip * gain_in * gain_out)


def _times(layer: Convolution, gain: float) -> Convolution:
    bias = None if layer.bias is None else (gain * layer.bias.astype(np.float64)).astype(np.float32)
    return replace(layer, weight=(gain * layer.weight.astype(np.float64)).astype(np.float32), bias=bias)


class _Reader:
    """Reads layers one after the other."""

    def __init__(self, weights: Mapping[str, Floats], inputs: int) -> None:
        self._weights = weights
        self._width = inputs
        self.layers: list[Layer] = []

    def add(self, part: Part, name: str) -> None:
        kind = part.need("type").text()
        cells: dict[str, Cell] = {cell: cell for cell in GATES}
        if kind == "activation":
            self.layers.append(self._activation(part, name))
        elif kind == "convolution":
            self.layers.append(self._convolution(part, name))
        else:
            self.layers.append(self._recurrent(part, part.need("type").one_of(cells), name))
        self._width = widths(self._width, self.layers[-1:])[-1]

    def _activation(self, part: Part, name: str) -> Activation:
        function = part.need("function").one_of(_FUNCTIONS)
        found = self._weights.get(f"{name}.parameters", np.zeros(0, np.float32))
        if found.ndim not in (1, 2) or found.shape[-1] > 4 or not np.isfinite(found).all():
            part.wrong(f"has unusable parameters '{name}.parameters'")
        if found.ndim == 2 and found.shape[0] != self._width:
            part.wrong(f"has parameters for {found.shape[0]} channels instead of {self._width}")
        return Activation(function, found)

    def _convolution(self, part: Part, name: str) -> Convolution:
        outputs = part.need("outputs").whole(1, limits.MOST_CHANNELS)
        taps = part.need("taps").whole(1, limits.MOST_TAPS)
        groups = part.need("groups").whole(1, limits.MOST_CHANNELS)
        if outputs % groups or self._width % groups:
            part.need("groups").wrong(f"does not divide {self._width} and {outputs} channels")
        weight = self._array(part, f"{name}.weight", outputs, self._width // groups, taps)
        bias = self._array(part, f"{name}.bias", outputs) if part.need("bias").flag() else None
        dilation = part.need("dilation").whole(1, limits.LONGEST_MEMORY)
        return Convolution(weight, bias, dilation, groups)

    def _recurrent(self, part: Part, cell: Cell, name: str) -> Recurrent:
        hidden = part.need("hidden").whole(1, limits.MOST_UNITS)
        rows = GATES[cell] * hidden
        shapes = {"w_ih": (rows, self._width), "w_hh": (rows, hidden), "b_ih": (rows,), "b_hh": (rows,)}
        arrays = (self._array(part, f"{name}.{which}", *shape) for which, shape in shapes.items())
        return Recurrent(cell, *arrays)

    def _array(self, part: Part, name: str, *shape: int) -> Floats:
        if name not in self._weights:
            part.wrong(f"lacks the array '{name}'")
        found = self._weights[name]
        if found.shape != shape:
            part.wrong(f"has '{name}' of shape {found.shape} instead of {shape}")
        if not np.isfinite(found).all():
            part.wrong(f"has numbers in '{name}' that are not finite")
        return found
