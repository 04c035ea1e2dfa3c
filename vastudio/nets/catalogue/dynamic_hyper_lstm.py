"""dynamic-hyper-lstm: a few units of an LSTM scale the weights of all at every sample (`nets/dynamic.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


def construct(blueprint: Blueprint) -> KnobModel:
    """Return an untrained model."""
    from vastudio.nets.dynamic_model import DynamicModel  # noqa: PLC0415 (see nets/architecture.py)

    return DynamicModel("lstm", blueprint.hidden, blueprint.knobs)


ARCHITECTURE = Architecture(
    name="dynamic-hyper-lstm",
    title="Dynamic HyperLSTM",
    summary="Dynamic HyperGRU on an LSTM, which can hold on to the past for longer: a third more work.",
    construct=construct,
)
