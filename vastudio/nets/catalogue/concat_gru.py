"""concat-gru: the knobs are further inputs of a GRU (Wright et al., DAFx 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import gru_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning import ConcatConditioning  # noqa: PLC0415
    from vastudio.nets.recurrent_model import RecurrentModel  # noqa: PLC0415

    cell = gru_cell(blueprint.hidden)
    plain = blueprint.live_knobs
    conditioning = ConcatConditioning(cell, blueprint.knobs, plain=plain)
    return RecurrentModel(
        cell, blueprint.knobs, conditioning, "concat", taps=blueprint.taps, levels_follow_knobs=not plain
    )


ARCHITECTURE = Architecture(
    name="concat-gru",
    title="Concat GRU",
    summary="The knobs are inputs beside the guitar. Small files, less exact between the positions.",
    construct=construct,
    options=("hidden", "taps", "live_knobs"),
)
