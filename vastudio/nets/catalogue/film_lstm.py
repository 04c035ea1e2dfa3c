"""film-lstm: the knobs scale and shift what enters the gates of an LSTM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def build(knobs: int, hidden: int) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import lstm_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_film import FilmConditioning  # noqa: PLC0415
    from vastudio.nets.model import KnobModel  # noqa: PLC0415

    cell = lstm_cell(hidden)
    return KnobModel(cell, knobs, FilmConditioning(cell, knobs), "film")


ARCHITECTURE = Architecture(
    name="film-lstm",
    title="FiLM LSTM",
    summary="FiLM GRU on an LSTM, which can hold on to the past for longer: a third more work.",
    build=build,
)
