"""hyper-gru: a static hypernetwork writes the weights and biases of a GRU from the knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def build(knobs: int, hidden: int) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.conditioning import HyperConditioning  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.gru import GruLayout  # noqa: PLC0415
    from vastudio.nets.model import KnobModel  # noqa: PLC0415

    layout = GruLayout(hidden)
    return KnobModel(layout, HyperConditioning(knobs, layout.initial()), "hyper")


ARCHITECTURE = Architecture(
    name="hyper-gru",
    title="HyperGRU",
    summary="A small network turns the knobs into the weights of the model. The most exact.",
    build=build,
)
