"""GuitarML's models (Proteus, NeuralPi, TS-M1N3, Chameleon, NeuralSeed): recurrent layers of torch and a sum.

The sound is added to the output: the plug-ins do so always, the trainer for `skip` 1. The factors that some
of the plug-ins multiply their input by belong to their drive knob, not to the model, and are left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vastudio.modelfile.checking import Part
from vastudio.modelfile.formats import remarks
from vastudio.modelfile.formats.foreign import FASTEST, SLOWEST, ForeignModel, Format, has_keys, stem
from vastudio.modelfile.formats.knobs import knobs
from vastudio.modelfile.networks import limits, sequential
from vastudio.modelfile.networks.layers import GATES, Cell, Convolution, Floats, Layer, Recurrent, Sequential

USUAL_RATE = 44_100
"""Hz, of the recordings that these models are trained on and of the plug-ins that play them."""

MOST_KNOBS = 8

_WORDS = ("gear_make", "gear_model", "gear_type", "tone_type")

_CELLS: dict[str, Cell] = {"LSTM": "lstm", "GRU": "gru"}


def recognise(document: Part) -> bool:
    """A description of a model beside a state of torch."""
    return has_keys(document, "model_data", "state_dict")


def read(document: Part, path: Path, size: float) -> ForeignModel:
    """Read a file. Raises ModelFileError naming the key that is wrong."""
    data = document.need("model_data")
    kind = data.get("model")
    if kind is not None:
        kind.one_of({"SimpleRNN": True})
    network = _network(data, document.need("state_dict"))
    config, weights = sequential.write(network)
    rate = data.get("sample_rate") or document.get("sample_rate") or document.get("samplerate")
    metadata = remarks.mapping(document.value, "metadata")
    cell = data.need("unit_type").text()
    return ForeignModel(
        format="GuitarML",
        version="",
        name=remarks.text(metadata, "name") or stem(path),
        architecture=f"GuitarML {cell}",
        config={"network": "sequential", **config},
        weights=weights,
        sample_rate=USUAL_RATE if rate is None else rate.whole(SLOWEST, FASTEST),
        rate_is_assumed=rate is None,
        knobs=knobs(network.inputs - 1),
        levels=remarks.levels(metadata),
        said=remarks.known(
            **{key: remarks.text(metadata, key) for key in _WORDS},
            validation_esr=remarks.number(metadata, "esr"),
            exported=remarks.exported(metadata),
        ),
        author=remarks.text(metadata, "author"),
        licence=remarks.text(metadata, "license", "licence"),
    )


def _network(data: Part, state: Part) -> Sequential:
    cell: Cell = data.need("unit_type").one_of(_CELLS)
    inputs = data.need("input_size").whole(1, 1 + MOST_KNOBS)
    hidden = data.need("hidden_size").whole(1, limits.MOST_UNITS)
    count, skip = data.get("num_layers"), data.get("skip")
    data.need("output_size").whole(1, 1)
    biased = data.get("bias_fl")
    if biased is not None:
        biased.flag()
    layers: list[Layer] = []
    width, rows = inputs, GATES[cell] * hidden
    for index in range(1 if count is None else count.whole(1, limits.MOST_LAYERS)):
        w_ih = state.need(f"rec.weight_ih_l{index}").array(rows, width)
        w_hh = state.need(f"rec.weight_hh_l{index}").array(rows, hidden)
        b_ih, b_hh = (_bias(state, f"rec.bias_{side}_l{index}", biased, rows) for side in ("ih", "hh"))
        layers.append(Recurrent(cell, w_ih, w_hh, b_ih, b_hh))
        width = hidden
    weight = state.need("lin.weight").array(1, hidden)
    bias = _bias(state, "lin.bias", None, 1)
    layers.append(Convolution(weight[:, :, None], bias))
    return Sequential(inputs, tuple(layers), 1.0 if skip is None else float(skip.whole(0, 1)))


def _bias(state: Part, key: str, biased: Part | None, size: int) -> Floats:
    """A bias; zeros where the model says that it has none."""
    if biased is not None and not biased.value and state.get(key) is None:
        return np.zeros(size, np.float32)
    return state.need(key).array(size)


FORMAT = Format("GuitarML (.json)", (".json",), recognise, read)
