"""low-rank-hyper-lstm: shared weights of an LSTM, with deltas of low rank written from the knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import lstm_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_low_rank import LowRankConditioning  # noqa: PLC0415
    from vastudio.nets.recurrent_model import RecurrentModel  # noqa: PLC0415

    cell = lstm_cell(blueprint.hidden)
    return RecurrentModel(
        cell,
        blueprint.knobs,
        LowRankConditioning(cell, blueprint.knobs),
        "low-rank-hyper",
        taps=blueprint.taps,
    )


ARCHITECTURE = Architecture(
    name="low-rank-hyper-lstm",
    title="Low-rank HyperLSTM",
    summary="Low-rank HyperGRU on an LSTM, which can hold on to the past for longer: a third more work.",
    construct=construct,
    options=("hidden", "taps"),
)
