"""grey-box: a recurrent pre-amp, a learned tone stack, a small recurrent power amp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.grey_box import GreyBoxModel, tone_stack_for  # noqa: PLC0415 (see architecture.py)
    from vastudio.nets.tone_stack_roles import roles_of  # noqa: PLC0415

    stack = tone_stack_for(blueprint.names, blueprint.knobs, blueprint.tone_stack)
    named = bool(roles_of(blueprint.names).tone)
    return GreyBoxModel(blueprint.hidden, blueprint.knobs, stack, named=named)


ARCHITECTURE = Architecture(
    name="grey-box",
    title="Grey box",
    summary="Pre-amp, tone stack and power amp as separate parts. Learns tone controls from few positions.",
    construct=construct,
    options=("hidden", "tone_stack"),
)
