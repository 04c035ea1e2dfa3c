"""Trainable models: cells, conditionings, and the architectures put together from them (`catalogue`)."""

from __future__ import annotations

from vastudio.errors import TrainingError, did_you_mean
from vastudio.nets.architecture import Architecture
from vastudio.registry import discover


def architectures() -> dict[str, Architecture]:
    """Every architecture by its name."""
    found: list[Architecture] = list(discover(f"{__name__}.catalogue", "ARCHITECTURE").values())
    return {architecture.name: architecture for architecture in found}


def architecture(name: str) -> Architecture:
    """The architecture called `name`. Raises TrainingError for an unknown one."""
    known = architectures()
    if name not in known:
        raise TrainingError(f"There is no architecture '{name}'.", did_you_mean(name, known))
    return known[name]
