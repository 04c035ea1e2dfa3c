"""`.nam` files with several sizes of a network: containers, and WaveNets that can be cut narrower."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from vastudio.modelfile.checking import Cutter, Part
from vastudio.modelfile.networks import limits
from vastudio.modelfile.networks.nam_wavenet import WaveNetReader
from vastudio.modelfile.networks.slimming import slim

CONTAINER = "SlimmableContainer"
METHOD = "slice_channels_uniform"

MOST_SIZES = 32


@dataclass(frozen=True)
class Chosen:
    """One size of a file: a complete model, what to call it, and all sizes there are."""

    model: Part
    title: str = ""
    sizes: tuple[tuple[float, str], ...] = ()


def choose(document: Part, size: float) -> Chosen:
    """Return the network for a size in 0..1; the document itself where it holds one size only.

    Raises
    ------
    ModelFileError
        When the sizes are not what the format prescribes.
    """
    if document.need("architecture").text() == CONTAINER:
        return _contained(document, size)
    if document.need("architecture").text() == "WaveNet" and _is_slimmable(document):
        return _slimmed(document, size)
    return Chosen(document)


# --- containers ---------------------------------------------------------------------------------------------


def _contained(document: Part, size: float) -> Chosen:
    parts = document.need("config").need("submodels").items(MOST_SIZES)
    if not parts:
        document.need("config").need("submodels").wrong("is empty")
    largest = [part.need("max_value").number() for part in parts]
    if any(first >= second for first, second in itertools.pairwise(largest)):
        document.need("config").need("submodels").wrong("are not in ascending order of max_value")
    if largest[-1] < 1.0:
        parts[-1].need("max_value").wrong(f"is {largest[-1]:g}: the last one has to reach 1")
    models = [part.need("model") for part in parts]
    for model in models:
        if model.need("architecture").text() == CONTAINER:
            model.wrong("is a container within a container")
    rates = {str(rate.value) for model in models if (rate := model.get("sample_rate")) is not None}
    if len(rates) > 1:
        document.need("config").need("submodels").wrong("have different sample rates")
    index = next((i for i, value in enumerate(largest) if size < value), len(models) - 1)
    titles = [_title(model) for model in models]
    begins = [0.0, *largest[:-1]]
    return Chosen(models[index], titles[index], tuple(zip(begins, titles, strict=True)))


def _title(model: Part) -> str:
    """Such as `WaveNet, 8 channels`."""
    architecture = model.need("architecture").text()
    config = model.need("config").value
    layers = config.get("layers") if isinstance(config, dict) else None
    if isinstance(layers, list) and layers and isinstance(layers[0], dict):
        return f"{architecture}, {layers[0].get('channels')} channels"
    units = config.get("hidden_size") if isinstance(config, dict) else None
    return f"{architecture}, {units} units" if isinstance(units, int) else architecture


# --- slimmable WaveNets -------------------------------------------------------------------------------------


def _is_slimmable(document: Part) -> bool:
    arrays = document.need("config").need("layers").items(limits.MOST_ARRAYS)
    return any(_allowed(array) is not None for array in arrays)


def _allowed(array: Part) -> list[int] | None:
    """The widths that an array can be cut to, ascending; None for an array that cannot be cut."""
    slimmable = array.get("slimmable")
    if slimmable is None:
        return None
    method = slimmable.need("method")
    if method.text() != METHOD:
        method.wrong(f"is '{method.text()[:30]}', which is not known here", "Update VA Studio to open it.")
    part = slimmable.need("kwargs").need("allowed_channels")
    allowed = [item.whole(1, limits.MOST_CHANNELS) for item in part.items(limits.MOST_CHANNELS)]
    channels = array.need("channels").whole(1, limits.MOST_CHANNELS)
    if not allowed or allowed[-1] != channels or any(a >= b for a, b in itertools.pairwise(allowed)):
        part.wrong(f"are not ascending widths up to {channels}")
    return allowed


def _slimmed(document: Part, size: float) -> Chosen:
    config = document.need("config")
    parts = config.need("layers").items(limits.MOST_ARRAYS)
    allowed = [_allowed(part) for part in parts]
    counts = {len(widths) for widths in allowed if widths is not None}
    steps = sorted({index / count for count in counts for index in range(count)})
    sizes = tuple((step, _channels(_widths(parts, allowed, step))) for step in steps)
    widths = _widths(parts, allowed, size)
    title = _channels(widths)
    if widths == [part.need("channels").value for part in parts]:
        return Chosen(_without_sizes(document), title, sizes)
    weights = document.need("weights")
    cutter = Cutter(weights.array(None), weights)
    full = WaveNetReader(cutter).read(config)
    cutter.finish()
    narrow, numbers = slim(config, full, widths)
    model: dict[str, Any] = {**document.value, "config": narrow, "weights": np.asarray(numbers).tolist()}
    return Chosen(Part(model, document.source), title, sizes)


def _channels(widths: list[int]) -> str:
    """Such as `16 and 8 channels`."""
    return f"{' and '.join(map(str, widths))} channel{'s' if widths != [1] else ''}"


def _widths(parts: list[Part], allowed: list[list[int] | None], size: float) -> list[int]:
    """The width of every array for a size."""
    found = []
    for part, widths in zip(parts, allowed, strict=True):
        if widths is None:
            found.append(part.need("channels").whole(1, limits.MOST_CHANNELS))
        else:
            found.append(widths[min(max(math.floor(size * len(widths)), 0), len(widths) - 1)])
    return found


def _without_sizes(document: Part) -> Part:
    """The full width as a network of one size."""
    config = document.need("config")
    layers = [{**part.value, "slimmable": None} for part in config.need("layers").items(limits.MOST_ARRAYS)]
    return Part({**document.value, "config": {**config.value, "layers": layers}}, document.source)
