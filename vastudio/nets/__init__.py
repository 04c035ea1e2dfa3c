"""Trainable models: cells, conditionings, and the architectures put together from them (`catalogue`)."""

from __future__ import annotations

from vastudio.errors import TrainingError, did_you_mean
from vastudio.nets.architecture import Architecture, Blueprint
from vastudio.registry import discover

__all__ = ["Architecture", "Blueprint", "architecture", "architectures"]

USUAL_CELL = "gru"
"""The cell of a name that says only how the knobs act: `hyper` is `hyper-gru`."""


def architectures() -> dict[str, Architecture]:
    """Every architecture by its name."""
    found: list[Architecture] = list(discover(f"{__name__}.catalogue", "ARCHITECTURE").values())
    return {architecture.name: architecture for architecture in found}


def architecture(name: str) -> Architecture:
    """The architecture called `name`, with or without its cell. Raises TrainingError for an unknown one."""
    known = architectures()
    for full in (name, f"{name}-{USUAL_CELL}"):
        if full in known:
            return known[full]
    raise TrainingError(f"There is no architecture '{name}'.", did_you_mean(name, known))
