"""hyper-gru: a static hypernetwork writes the weights and biases of a GRU from the knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import gru_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_hyper import HyperConditioning  # noqa: PLC0415
    from vastudio.nets.recurrent_model import RecurrentModel  # noqa: PLC0415

    cell = gru_cell(blueprint.hidden)
    return RecurrentModel(
        cell,
        blueprint.knobs,
        HyperConditioning(cell, blueprint.knobs, biases=blueprint.biases),
        "hyper",
        taps=blueprint.taps,
    )


ARCHITECTURE = Architecture(
    name="hyper-gru",
    title="HyperGRU",
    summary="A small network turns the knobs into the weights of the model. The most exact.",
    construct=construct,
    options=("hidden", "biases", "taps"),
)
