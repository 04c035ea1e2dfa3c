"""dynamic-hyper-gru: a few units of a GRU scale the weights of all at every sample (`nets/dynamic.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.dynamic_model import DynamicModel  # noqa: PLC0415 (see nets/architecture.py)

    return DynamicModel("gru", blueprint.hidden, blueprint.knobs)


ARCHITECTURE = Architecture(
    name="dynamic-hyper-gru",
    title="Dynamic HyperGRU",
    summary="Weights that follow the playing, too: a tenth more work, not more exact on an overdrive.",
    construct=construct,
)
