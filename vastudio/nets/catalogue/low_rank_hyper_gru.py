"""low-rank-hyper-gru: shared weights of a GRU, with deltas of low rank written from the knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def build(knobs: int, hidden: int) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import gru_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_low_rank import LowRankConditioning  # noqa: PLC0415
    from vastudio.nets.model import KnobModel  # noqa: PLC0415

    cell = gru_cell(hidden)
    return KnobModel(cell, knobs, LowRankConditioning(cell, knobs), "low-rank-hyper")


ARCHITECTURE = Architecture(
    name="low-rank-hyper-gru",
    title="Low-rank HyperGRU",
    summary="The knobs change shared weights in a few directions. Between concat and hyper.",
    build=build,
)
