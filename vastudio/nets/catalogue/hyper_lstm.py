"""hyper-lstm: a static hypernetwork writes the weights and biases of an LSTM from the knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def build(knobs: int, hidden: int) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import lstm_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_hyper import HyperConditioning  # noqa: PLC0415
    from vastudio.nets.model import KnobModel  # noqa: PLC0415

    cell = lstm_cell(hidden)
    return KnobModel(cell, knobs, HyperConditioning(cell, knobs), "hyper")


ARCHITECTURE = Architecture(
    name="hyper-lstm",
    title="HyperLSTM",
    summary="HyperGRU on an LSTM, which can hold on to the past for longer: a third more work.",
    build=build,
)
