"""AIDA-X: RTNeural's JSON in the layout of Keras.

The plug-in takes one recurrent layer of certain sizes and a sum; sizes between are filled up with units that
do nothing. Its skip is all of the sound or nothing, so another one becomes the gain of the whole output, or
passes through units (`cells.skip_in_units`). Other rows of layers are written as RTNeural has them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vastudio.modelfile.exports.cells import Cell, padded, single, skip_in_units
from vastudio.modelfile.exports.exporter import Exporter, Portable, numbers
from vastudio.modelfile.exports.label import ExportLabel
from vastudio.modelfile.networks.layers import Activation, Convolution, Floats, Layer, Recurrent
from vastudio.types import STANDARD_RATE

SIZES = (8, 12, 16, 20, 24, 32, 40, 64, 80)
"""Hidden sizes that the plug-in was compiled for."""

MOST_KNOBS = 2

LOUDEST = 4.0
"""Of a skip that becomes the output's gain: players that do not know the gain stay within 12 dB."""

_FUNCTIONS = {"tanh": "tanh", "sigmoid": "sigmoid", "elu": "elu"}


def problem(portable: Portable) -> str:
    """Why it cannot be written; empty where it can."""
    network = portable.layers
    if network is None:
        return "AIDA-X knows recurrent networks, and this is a WaveNet"
    if network.inputs > 1 + MOST_KNOBS:
        return f"AIDA-X has {MOST_KNOBS} live knobs, and this model {network.inputs - 1}"
    if single(network) is None and network.skip not in (0.0, 1.0):
        return "its skip connection does not fit into the format"
    unknown = [layer for layer in network.layers if isinstance(layer, Activation) and not _is_known(layer)]
    if unknown:
        return f"RTNeural has no activation '{unknown[0].function}' of this kind"
    return ""


def write(portable: Portable, rate: int, label: ExportLabel) -> dict[str, Any]:
    """The document."""
    network = portable.layers
    assert network is not None
    cell, gain = single(network), 1.0
    layers, skip = network.layers, network.skip
    if cell is not None:
        gain, cell = _fitted(cell)
        layers, skip = (cell.layer, cell.head), cell.skip
    return {
        "in_shape": [None, None, network.inputs],
        "in_skip": round(skip),
        "in_gain": 0.0,
        "out_gain": 20 * math.log10(gain),
        "samplerate": rate,
        "metadata": _metadata(label, rate),
        "layers": [_layer(layer, _width(network.inputs, layers[:n])) for n, layer in enumerate(layers)],
    }


def _fitted(cell: Cell) -> tuple[float, Cell]:
    """A gain for the output, and the cell with a skip and a size that the plug-in has."""
    gain = 1.0
    if 1 / LOUDEST <= cell.skip <= LOUDEST:
        gain = cell.skip
        weight, bias = (_divided(part, gain) for part in (cell.head.weight, cell.bias))
        cell = Cell(cell.layer, Convolution(weight, bias), 1.0)
    elif cell.skip:
        cell = skip_in_units(cell, 0.0)
    wanted = next((size for size in SIZES if size >= cell.layer.hidden), cell.layer.hidden)
    return gain, padded(cell, wanted)


def _divided(part: Floats, gain: float) -> Floats:
    return (part.astype(np.float64) / gain).astype(np.float32)


def _width(inputs: int, layers: tuple[Layer, ...]) -> int:
    """Channels behind some layers."""
    for layer in reversed(layers):
        if isinstance(layer, Convolution):
            return layer.outputs
        if isinstance(layer, Recurrent):
            return layer.hidden
    return inputs


def _metadata(label: ExportLabel, rate: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": label.name,
        "author": label.author,
        "source": " ".join(filter(None, (label.gear_make, label.gear_model))),
        "style": label.tone_type.replace("_", " "),
        "based": label.gear_type.replace("_", " "),
        "license": label.licence,
        "notes": label.notes,
        "date": label.made.strftime("%Y-%m-%d") if label.made else "",
        "esr": label.esr,
        "input_level_dbu": label.input_dbu,
        "output_level_dbu": label.output_dbu,
    }
    kept = {key: value for key, value in said.items() if value not in (None, "")}
    return {"samplerate": rate, **kept, "vastudio": label.origin()}


# --- layers -------------------------------------------------------------------------------------------------


def _is_known(layer: Activation) -> bool:
    if layer.function == "leaky_relu":
        return True
    return layer.function in _FUNCTIONS and bool((layer.parameters == 1.0).all())


def _layer(layer: Layer, inputs: int) -> dict[str, Any]:
    if isinstance(layer, Recurrent):
        return _recurrent(layer)
    if isinstance(layer, Activation):
        return _activation(layer, inputs)
    return _dense(layer) if layer.weight.shape[2] == layer.groups == 1 else _convolution(layer)


def _recurrent(layer: Recurrent) -> dict[str, Any]:
    if layer.cell == "lstm":
        arrays = layer.w_ih.T, layer.w_hh.T, _sum(layer.b_ih, layer.b_hh)
    else:
        biases = np.stack([layer.b_ih, layer.b_hh])
        arrays = _update_first(layer.w_ih.T), _update_first(layer.w_hh.T), _update_first(biases)
    return {
        "type": layer.cell,
        "activation": "",
        "shape": [None, None, layer.hidden],
        "weights": [numbers(array) for array in arrays],
    }


def _sum(first: Floats, second: Floats) -> Floats:
    return (first.astype(np.float64) + second).astype(np.float32)


def _update_first(gates: Floats) -> Floats:
    """The gates r, z, n as z, r, n."""
    r, z, n = np.split(gates, 3, axis=-1)
    return np.concatenate([z, r, n], axis=-1)


def _dense(layer: Convolution) -> dict[str, Any]:
    bias = np.zeros(layer.outputs, np.float32) if layer.bias is None else layer.bias
    return {
        "type": "dense",
        "activation": "",
        "shape": [None, None, layer.outputs],
        "weights": [numbers(layer.weight[:, :, 0].T), numbers(bias)],
    }


def _convolution(layer: Convolution) -> dict[str, Any]:
    bias = np.zeros(layer.outputs, np.float32) if layer.bias is None else layer.bias
    return {
        "type": "conv1d",
        "activation": "",
        "shape": [None, None, layer.outputs],
        "kernel_size": [layer.weight.shape[2]],
        "dilation": [layer.dilation],
        "groups": layer.groups,
        "weights": [numbers(layer.weight.transpose(2, 1, 0)), numbers(bias)],
    }


def _activation(layer: Activation, channels: int) -> dict[str, Any]:
    shape = [None, None, channels]
    if layer.function != "leaky_relu":
        return {"type": "activation", "activation": _FUNCTIONS[layer.function], "shape": shape, "weights": []}
    slopes = np.broadcast_to(layer.parameters.reshape(-1), (channels,))
    return {"type": "prelu", "activation": "", "shape": shape, "weights": [[numbers(slopes)]]}


# --- what to know -------------------------------------------------------------------------------------------


def remarks(portable: Portable, rate: int) -> list[str]:
    """What its plug-in does not do."""
    found = []
    cell = single(portable.layers)
    if cell is None or cell.layer.hidden > SIZES[-1]:
        found.append(
            f"AIDA-X itself loads one recurrent layer of up to {SIZES[-1]} units; other programs that use "
            "RTNeural load this."
        )
    if rate != STANDARD_RATE:
        found.append(f"AIDA-X does not resample: play it at {rate:,} Hz.")
    return found


EXPORT = Exporter("AIDA-X (.json)", ".json", MOST_KNOBS, problem, write, remarks)
