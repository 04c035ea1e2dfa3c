"""concat-gru: the knobs are further inputs of a GRU. The classic baseline (Wright et al., DAFx 2019)."""

from __future__ import annotations

from vastudio.nets.conditioning import ConcatConditioning, Conditioning
from vastudio.nets.gru import GruLayout
from vastudio.nets.model import Architecture, KnobModel


def _condition(knobs: int, layout: GruLayout) -> Conditioning:
    return ConcatConditioning(knobs, layout.initial(), layout.bias_rows)


ARCHITECTURE = Architecture(
    name="concat-gru",
    title="Concat GRU",
    summary="The knobs are inputs beside the guitar. Small files, less exact between the positions.",
    build=lambda knobs, hidden: KnobModel(knobs, hidden, _condition, "concat"),
)
