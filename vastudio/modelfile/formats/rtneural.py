"""RTNeural's JSON in the layout of Keras: AIDA-X models, and those of other plug-ins that use RTNeural.

u = 10^(in_gain/20)·x;   y = network([u, knobs]) + u if in_skip;   out = 10^(out_gain/20)·y
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vastudio.modelfile.checking import Part
from vastudio.modelfile.formats import remarks
from vastudio.modelfile.formats.foreign import FASTEST, SLOWEST, ForeignModel, Format, has_keys, stem
from vastudio.modelfile.formats.keras_layers import READERS
from vastudio.modelfile.formats.knobs import knobs
from vastudio.modelfile.networks import limits, sequential
from vastudio.modelfile.networks.layers import Layer, Recurrent, Sequential, widths
from vastudio.types import STANDARD_RATE

MOST_KNOBS = 8
LOUDEST_GAIN_DB = 120.0


def recognise(document: Part) -> bool:
    """A row of layers and the shape of what enters."""
    return has_keys(document, "layers", "in_shape")


def read(document: Part, path: Path, size: float) -> ForeignModel:
    """Read a file. Raises ModelFileError naming the key that is wrong."""
    shape = document.need("in_shape")
    dimensions = shape.items(4)
    if not dimensions:
        shape.wrong("is empty")
    inputs = dimensions[-1].whole(1, 1 + MOST_KNOBS)
    gains = [10 ** (_decibels(document, key) / 20) for key in ("in_gain", "out_gain")]
    skip = document.get("in_skip")
    network = Sequential(inputs, _layers(document, inputs), 0.0 if skip is None else float(skip.whole(0, 1)))
    sequential.check(network, document.need("layers"))
    config, weights = sequential.write(sequential.with_gains(network, *gains))
    metadata = remarks.mapping(document.value, "metadata")
    rate = _rate(document, metadata)
    return ForeignModel(
        format="RTNeural",
        version="",
        name=remarks.text(metadata, "name") or stem(path),
        architecture=_title(network),
        config={"network": "sequential", **config},
        weights=weights,
        sample_rate=rate or STANDARD_RATE,
        rate_is_assumed=rate is None,
        knobs=knobs(inputs - 1),
        author=remarks.text(metadata, "author"),
        licence=remarks.text(metadata, "license", "licence"),
        notes=", ".join(filter(None, (remarks.text(metadata, key) for key in ("style", "based", "source")))),
        said=remarks.known(
            in_gain_db=remarks.number(document.value, "in_gain"),
            out_gain_db=remarks.number(document.value, "out_gain"),
            validation_esr=remarks.number(metadata, "esr"),
            dataset=remarks.text(metadata, "dataset"),
            exported=remarks.exported(metadata),
        ),
        levels=remarks.levels(metadata),
    )


def _layers(document: Part, inputs: int) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for part in document.need("layers").items(limits.MOST_LAYERS):
        read_layer: Callable[[Part, int], list[Layer]] = part.need("type").one_of(READERS)
        layers += read_layer(part, widths(inputs, layers)[-1])
    return tuple(layers)


def _decibels(document: Part, key: str) -> float:
    found = document.get(key)
    return 0.0 if found is None else found.number(-LOUDEST_GAIN_DB, LOUDEST_GAIN_DB)


def _rate(document: Part, metadata: object) -> int | None:
    """The rate that the file names, in either place; some write it as a text."""
    for place in (document.value, metadata):
        rate = remarks.number(place, "samplerate") if isinstance(place, dict) else None
        if rate is not None and SLOWEST <= rate <= FASTEST:
            return round(rate)
    return None


def _title(network: Sequential) -> str:
    """Such as `RTNeural GRU`."""
    cells = {layer.cell.upper(): None for layer in network.layers if isinstance(layer, Recurrent)}
    return f"RTNeural {' and '.join(cells)}" if cells else "RTNeural network"


FORMAT = Format("AIDA-X, RTNeural (.aidax, .json)", (".aidax", ".json"), recognise, read)
