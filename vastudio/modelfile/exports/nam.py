"""`.nam`, files of the Neural Amp Modeler.

The version is the oldest that describes the network, because players refuse what is newer than they are:
0.5.4 for everything that the format had before 2026, else 0.7.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from vastudio.modelfile.exports.cells import single, skip_in_units
from vastudio.modelfile.exports.exporter import Exporter, NamNetwork, Portable, numbers
from vastudio.modelfile.exports.label import GEAR_TYPES, TONE_TYPES, ExportLabel
from vastudio.modelfile.exports.reference import resting_lstm
from vastudio.modelfile.networks.layers import Convolution, Layer, Recurrent, Sequential
from vastudio.modelfile.networks.nam import CONDITION, WEIGHTS

OLD, NEW = "0.5.4", "0.7.0"

_OLD_KEYS = {
    "input_size", "condition_size", "channels", "head_size", "head_bias", "kernel_size", "dilations",
    "activation", "gated",
}  # fmt: skip


def problem(portable: Portable) -> str:
    """Why it cannot be written; empty where it can."""
    if portable.nam is not None:
        return ""
    network = portable.layers
    if network is None or network.inputs > 1:
        return "files of the Neural Amp Modeler have no live knobs"
    if _is_response(network.layers) and not network.skip:
        return ""
    return _problem_of_layers(network)


def _problem_of_layers(network: Sequential) -> str:
    *layers, head = network.layers
    cells = [layer for layer in layers if isinstance(layer, Recurrent)]
    if any(cell.cell == "gru" for cell in cells):
        return "the Neural Amp Modeler knows no GRU"
    is_sum = isinstance(head, Convolution) and head.weight.shape[2] == 1
    if not cells or len(cells) != len(layers) or not is_sum or len({cell.hidden for cell in cells}) != 1:
        return "the Neural Amp Modeler knows no network of these layers"
    if network.skip and len(cells) > 1:
        return "the Neural Amp Modeler has no skip connection"
    return ""


def write(portable: Portable, rate: int, label: ExportLabel) -> dict[str, Any]:
    """The document."""
    network = portable.nam or _converted(portable)
    return {
        "version": _version(network),
        "metadata": _metadata(label),
        **_described(network),
        "sample_rate": rate,
        "vastudio": label.origin(),
    }


def _described(network: NamNetwork, prefix: str = "") -> dict[str, Any]:
    """Architecture, configuration and numbers; those of a condition within it."""
    config = dict(network.config)
    nested = config.get("condition_dsp")
    if nested is not None:
        inner = NamNetwork(nested["architecture"], nested["config"], network.weights)
        config["condition_dsp"] = {
            "version": NEW, "metadata": {}, **_described(inner, f"{prefix}{CONDITION}."),
        }  # fmt: skip
    return {
        "architecture": network.architecture,
        "config": config,
        "weights": numbers(network.weights[f"{prefix}{WEIGHTS}"]),
    }


def _version(network: NamNetwork) -> str:
    if network.architecture != "WaveNet":
        return OLD
    config = network.config
    plain = config.get("condition_dsp") is None and all(
        set(array) <= _OLD_KEYS and isinstance(array["activation"], str) for array in config["layers"]
    )
    return OLD if plain else NEW


# --- from layers --------------------------------------------------------------------------------------------


def _is_response(layers: tuple[Layer, ...]) -> bool:
    """Whether it is one filter."""
    return len(layers) == 1 and isinstance(layers[0], Convolution) and layers[0].dilation == 1


def _converted(portable: Portable) -> NamNetwork:
    network = portable.layers
    assert network is not None
    cell, layers = single(network), network.layers
    if isinstance(layers[0], Convolution):
        return _linear(layers[0])
    if cell is not None and cell.skip:
        cell = skip_in_units(cell, 0.0)
        layers = (cell.layer, cell.head)
    *cells, head = layers
    assert isinstance(head, Convolution)
    pieces: list[npt.NDArray[np.floating]] = []
    silence = np.zeros(1)
    for layer in cells:
        assert isinstance(layer, Recurrent)
        bias = layer.b_ih.astype(np.float64) + layer.b_hh
        rest = resting_lstm(layer.w_hh.astype(np.float64), layer.w_ih @ silence + bias)
        pieces += [np.concatenate([layer.w_ih, layer.w_hh], axis=1), bias, rest]
        silence = rest[: layer.hidden]
    pieces += [head.weight, np.zeros(1) if head.bias is None else head.bias]
    flat = np.concatenate([piece.ravel() for piece in pieces]).astype(np.float32)
    hidden = cells[0].hidden if isinstance(cells[0], Recurrent) else 0
    config = {"input_size": 1, "hidden_size": hidden, "num_layers": len(cells)}
    return NamNetwork("LSTM", config, {WEIGHTS: flat})


def _linear(filter_: Convolution) -> NamNetwork:
    """An impulse response, the newest sample's weight first."""
    response, bias = filter_.weight[0, 0, ::-1], filter_.bias
    config = {"receptive_field": response.size, "bias": bias is not None}
    flat = response if bias is None else np.concatenate([response, bias])
    return NamNetwork("Linear", config, {WEIGHTS: flat})


# --- metadata -----------------------------------------------------------------------------------------------


def _metadata(label: ExportLabel) -> Mapping[str, Any]:
    made = label.made
    date = None
    if made is not None:
        date = {key: getattr(made, key) for key in ("year", "month", "day", "hour", "minute", "second")}
    said: dict[str, Any] = {
        "date": date,
        "loudness": label.loudness_db,
        "gain": label.gain,
        "name": label.name or None,
        "modeled_by": label.author or None,
        "gear_type": label.gear_type if label.gear_type in GEAR_TYPES else None,
        "gear_make": label.gear_make or None,
        "gear_model": label.gear_model or None,
        "tone_type": label.tone_type if label.tone_type in TONE_TYPES else None,
        "input_level_dbu": label.input_dbu,
        "output_level_dbu": label.output_dbu,
        "training": {"validation_esr": label.esr},
    }
    kept = {key: said[key] for key in ("date", "loudness", "gain") if said[key] is None}
    rest = {key: value for key, value in said.items() if key not in kept}
    more = {"license": label.licence, "notes": label.notes}
    return rest | {key: value for key, value in more.items() if value}


def remarks(portable: Portable, rate: int) -> list[str]:
    """What its plug-in does otherwise."""
    cell = None if portable.nam else single(portable.layers)
    if cell is None or not cell.skip:
        return []
    return ["The plug-in's fast tanh, on by default there, plays this model's direct sound 0.08 dB too loud."]


EXPORT = Exporter("Neural Amp Modeler (.nam)", ".nam", 0, problem, write, remarks)
