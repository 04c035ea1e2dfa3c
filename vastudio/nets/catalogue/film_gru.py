"""film-gru: the knobs scale and shift what enters the gates of a GRU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.cell import gru_cell  # noqa: PLC0415 (see nets/architecture.py)
    from vastudio.nets.conditioning_film import FilmConditioning  # noqa: PLC0415
    from vastudio.nets.recurrent_model import RecurrentModel  # noqa: PLC0415

    cell = gru_cell(blueprint.hidden)
    return RecurrentModel(
        cell, blueprint.knobs, FilmConditioning(cell, blueprint.knobs), "film", taps=blueprint.taps
    )


ARCHITECTURE = Architecture(
    name="film-gru",
    title="FiLM GRU",
    summary="The knobs scale and shift what the model hears and remembers.",
    construct=construct,
    options=("hidden", "taps"),
)
