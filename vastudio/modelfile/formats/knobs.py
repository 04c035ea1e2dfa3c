"""Knobs of models whose files do not name them."""

from __future__ import annotations

from vastudio.types import Knob


def knobs(count: int) -> tuple[Knob, ...]:
    """`param1`, `param2`, … from 0 to 1, in the order of the network's inputs."""
    return tuple(Knob(f"param{index}", f"Parameter {index}") for index in range(1, count + 1))
