"""GuitarML: layers of torch as Proteus, NeuralPi and TS-M1N3 load them.

These plug-ins always add all of the sound to the output; another skip passes through units
(`cells.skip_in_units`). Each loads LSTMs of one size: sizes between are filled up with units that do nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vastudio.modelfile.exports.cells import Cell, padded, single, skip_in_units
from vastudio.modelfile.exports.exporter import Exporter, Portable, numbers
from vastudio.modelfile.exports.label import ExportLabel
from vastudio.modelfile.networks.layers import Convolution, Floats, Recurrent

MOST_KNOBS = 2

PLAYERS = {20: ("NeuralPi", (0, 1, 2)), 32: ("TS-M1N3", (2,)), 40: ("Proteus", (0, 1))}
"""By the units of the LSTM that they load: their names, and with how many knobs."""

RATE = 44_100
"""Hz, which these plug-ins take for granted."""


def problem(portable: Portable) -> str:
    """Why it cannot be written; empty where it can."""
    network = portable.layers
    if network is None:
        return "GuitarML knows recurrent networks, and this is a WaveNet"
    if network.inputs > 1 + MOST_KNOBS:
        return f"GuitarML has {MOST_KNOBS} live knobs, and this model {network.inputs - 1}"
    *layers, head = network.layers
    cells = [layer for layer in layers if isinstance(layer, Recurrent)]
    alike = {(cell.cell, cell.hidden) for cell in cells}
    is_sum = isinstance(head, Convolution) and head.weight.shape[2] == 1
    if len(cells) != len(layers) or len(alike) != 1 or not is_sum:
        return "GuitarML knows recurrent layers of one kind and size and a sum, and nothing else"
    if network.skip != 1.0 and len(layers) > 1 and network.skip != 0.0:
        return "its skip connection does not fit into the format"
    return ""


def write(portable: Portable, rate: int, label: ExportLabel) -> dict[str, Any]:
    """The document."""
    network = portable.layers
    assert network is not None
    cell, layers, skip = single(network), network.layers, network.skip
    if cell is not None:
        cell = _fitted(cell, network.inputs - 1)
        layers, skip = (cell.layer, cell.head), cell.skip
    *cells, head = layers
    first = cells[0]
    assert isinstance(first, Recurrent) and isinstance(head, Convolution)
    state: dict[str, Any] = {}
    for index, layer in enumerate(cells):
        assert isinstance(layer, Recurrent)
        state |= {
            f"rec.weight_ih_l{index}": numbers(layer.w_ih),
            f"rec.weight_hh_l{index}": numbers(layer.w_hh),
            f"rec.bias_ih_l{index}": numbers(layer.b_ih),
            f"rec.bias_hh_l{index}": numbers(layer.b_hh),
        }
    state |= {"lin.weight": numbers(head.weight[:, :, 0]), "lin.bias": numbers(_bias(head))}
    return {
        "model_data": {
            "model": "SimpleRNN",
            "input_size": network.inputs,
            "skip": round(skip),
            "output_size": 1,
            "unit_type": first.cell.upper(),
            "num_layers": len(cells),
            "hidden_size": first.hidden,
            "bias_fl": True,
            "sample_rate": rate,
        },
        "metadata": _metadata(label),
        "state_dict": state,
    }


def _bias(head: Convolution) -> Floats:
    return np.zeros(head.outputs, np.float32) if head.bias is None else head.bias


def _fitted(cell: Cell, knobs: int) -> Cell:
    if cell.skip != 1.0:
        cell = skip_in_units(cell, 1.0)
    sizes = _sizes(knobs) if cell.layer.cell == "lstm" else ()
    wanted = next((size for size in sizes if size >= cell.layer.hidden), cell.layer.hidden)
    return padded(cell, wanted)


def _sizes(knobs: int) -> tuple[int, ...]:
    """The sizes that some plug-in loads with so many knobs."""
    return tuple(size for size, (_, counts) in PLAYERS.items() if knobs in counts)


def _metadata(label: ExportLabel) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": label.name,
        "author": label.author,
        "gear_make": label.gear_make,
        "gear_model": label.gear_model,
        "gear_type": label.gear_type,
        "tone_type": label.tone_type,
        "license": label.licence,
        "notes": label.notes,
        "date": label.made.strftime("%Y-%m-%d") if label.made else "",
        "esr": label.esr,
        "input_level_dbu": label.input_dbu,
        "output_level_dbu": label.output_dbu,
    }
    kept = {key: value for key, value in said.items() if value not in (None, "")}
    return {**kept, "vastudio": label.origin()}


def remarks(portable: Portable, rate: int) -> list[str]:
    """Which plug-ins load it, and what they take for granted."""
    cell, found = single(portable.layers), []
    knobs = portable.knobs
    fitted = None if cell is None else _fitted(cell, knobs)
    if fitted is not None and fitted.layer.cell == "lstm" and fitted.layer.hidden in _sizes(knobs):
        found.append(f"{PLAYERS[fitted.layer.hidden][0]} loads this size.")
    else:
        found.append("None of GuitarML's own plug-ins loads this size; others that read the format do.")
    if rate != RATE:
        found.append(f"GuitarML's plug-ins play every model at {RATE:,} Hz; this one is for {rate:,} Hz.")
    return found


EXPORT = Exporter("GuitarML (.json)", ".json", MOST_KNOBS, problem, write, remarks)
