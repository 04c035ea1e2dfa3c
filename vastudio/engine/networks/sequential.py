"""Layers one after the other; the knobs enter beside the sound."""

from __future__ import annotations

from vastudio.engine.networks._imported import Imported, playable
from vastudio.engine.networks._layered import takes_knobs
from vastudio.modelfile.checking import Part
from vastudio.modelfile.networks import sequential
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import finite, unusable


def read(model: ModelFile) -> Imported:
    """Check and read a model: `layers`, `skip` and the arrays of the layers.

    Raises
    ------
    ModelFileError
        When a layer is unknown, a key or an array is missing or wrong, or knobs enter an activation.
    """
    finite(model)
    part = Part(dict(model.config), f"The model '{model.name}'")
    network = sequential.read(part, model.weights, 1 + len(model.knobs))
    if not takes_knobs(network):
        raise unusable(model, "its knobs enter a layer that cannot take them")
    return playable(network)


NETWORK = read
