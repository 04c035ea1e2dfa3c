"""Networks of `.nam` files, as these describe them."""

from __future__ import annotations

from vastudio.engine.networks._imported import Imported, playable
from vastudio.modelfile.checking import Part
from vastudio.modelfile.networks import nam
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import finite, unusable


def read(model: ModelFile) -> Imported:
    """Check and read a model: `architecture`, `config` and lists of numbers, see `modelfile.networks.nam`.

    Raises
    ------
    ModelFileError
        When a key is missing or wrong, the weights do not fit, or it has knobs or several outputs.
    """
    finite(model)
    if model.knobs:
        raise unusable(model, "networks of its kind have no knobs")
    network = nam.describe(Part(dict(model.config), f"The model '{model.name}'"), model.weights)
    if network.outputs != 1:
        raise unusable(model, f"it has {network.outputs} outputs; a sound has one")
    return playable(network)


NETWORK = read
