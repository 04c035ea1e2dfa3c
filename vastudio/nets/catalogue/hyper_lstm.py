"""hyper-lstm: a static hypernetwork writes the weights and biases of an LSTM from the knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import lstm_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_hyper import HyperConditioning  # noqa: PLC0415
    from vastudio.nets.recurrent_model import RecurrentModel  # noqa: PLC0415

    cell = lstm_cell(blueprint.hidden)
    return RecurrentModel(
        cell,
        blueprint.knobs,
        HyperConditioning(cell, blueprint.knobs, biases=blueprint.biases),
        "hyper",
        taps=blueprint.taps,
    )


ARCHITECTURE = Architecture(
    name="hyper-lstm",
    title="HyperLSTM",
    summary="HyperGRU on an LSTM, which can hold on to the past for longer: a third more work.",
    construct=construct,
    options=("hidden", "biases", "taps"),
)
