"""concat-lstm: the knobs are further inputs of an LSTM (Wright et al., DAFx 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def build(knobs: int, hidden: int) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import lstm_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning import ConcatConditioning  # noqa: PLC0415
    from vastudio.nets.model import KnobModel  # noqa: PLC0415

    cell = lstm_cell(hidden)
    return KnobModel(cell, knobs, ConcatConditioning(cell, knobs), "concat")


ARCHITECTURE = Architecture(
    name="concat-lstm",
    title="Concat LSTM",
    summary="Concat GRU on an LSTM, which can hold on to the past for longer: a third more work.",
    build=build,
)
