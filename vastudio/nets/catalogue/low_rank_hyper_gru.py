"""low-rank-hyper-gru: shared weights of a GRU, with deltas of low rank written from the knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import gru_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_low_rank import LowRankConditioning  # noqa: PLC0415
    from vastudio.nets.recurrent_model import RecurrentModel  # noqa: PLC0415

    cell = gru_cell(blueprint.hidden)
    return RecurrentModel(
        cell,
        blueprint.knobs,
        LowRankConditioning(cell, blueprint.knobs),
        "low-rank-hyper",
        taps=blueprint.taps,
    )


ARCHITECTURE = Architecture(
    name="low-rank-hyper-gru",
    title="Low-rank HyperGRU",
    summary="The knobs change shared weights in a few directions. Between concat and hyper.",
    construct=construct,
    options=("hidden", "taps"),
)
