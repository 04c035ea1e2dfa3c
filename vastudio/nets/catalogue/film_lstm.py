"""film-lstm: the knobs scale and shift what enters the gates of an LSTM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import lstm_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_film import FilmConditioning  # noqa: PLC0415
    from vastudio.nets.recurrent_model import RecurrentModel  # noqa: PLC0415

    cell = lstm_cell(blueprint.hidden)
    return RecurrentModel(
        cell, blueprint.knobs, FilmConditioning(cell, blueprint.knobs), "film", taps=blueprint.taps
    )


ARCHITECTURE = Architecture(
    name="film-lstm",
    title="FiLM LSTM",
    summary="FiLM GRU on an LSTM, which can hold on to the past for longer: a third more work.",
    construct=construct,
    options=("hidden", "taps"),
)
