"""hyper-gru: a static hypernetwork writes the weights and biases of a GRU from the knobs."""

from __future__ import annotations

from vastudio.nets.conditioning import Conditioning, HyperConditioning
from vastudio.nets.gru import GruLayout
from vastudio.nets.model import Architecture, KnobModel


def _condition(knobs: int, layout: GruLayout) -> Conditioning:
    return HyperConditioning(knobs, layout.initial())


ARCHITECTURE = Architecture(
    name="hyper-gru",
    title="HyperGRU",
    summary="A small network turns the knobs into the weights of the model. The most exact.",
    build=lambda knobs, hidden: KnobModel(knobs, hidden, _condition, "hyper"),
)
