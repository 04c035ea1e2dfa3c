"""A filter of known form between two recurrent cells, turned by the tone controls of a device.

What a knob position amounts to are a few well-conditioned numbers, which become part of θ; the filter's
coefficients are worked out of them in double precision. It is stable for every value of its parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from vastudio.nets.recursive_filter import Coefficients, memory_rows, run_cascade


class LearnedToneStack(nn.Module, ABC):
    """Maps knobs to numbers, and numbers to a cascade of filters.

    Attributes
    ----------
    kind:
        Its name in a model file.
    knobs:
        Indices of the knobs that turn it.
    numbers:
        How many numbers describe it at a knob position.
    order, sections:
        Shape of the cascade.
    """

    kind: str
    knobs: tuple[int, ...]
    numbers: int
    order: int
    sections: int

    @abstractmethod
    def forward(self, knobs: Tensor) -> Tensor:
        """The numbers (G, `numbers`) at positions (G, K) in 0..1 of all knobs of the device."""

    @abstractmethod
    def cascade(self, numbers: Tensor) -> list[Coefficients]:
        """The filters that the numbers (G, `numbers`) describe."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """What a model file says about its shape, besides the kind."""

    @abstractmethod
    def tensors(self) -> dict[str, Tensor]:
        """The arrays of a model file, by name."""

    @property
    def rows(self) -> int:
        """How many numbers of each sequence it remembers."""
        return memory_rows(self.order, self.sections)

    def run(self, x: Tensor, state: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Filter x (G, T, S) from `state` (G, `rows`, S); return output and last state."""
        return run_cascade(x, state, self.cascade(numbers))


def over_all_knobs(weight: Tensor, chosen: Sequence[int], knobs: int) -> Tensor:
    """Columns (out, K') that belong to the `chosen` knobs, with zeros for the others: (out, knobs)."""
    spread = torch.zeros(len(weight), knobs, dtype=weight.dtype, device=weight.device)
    spread[:, list(chosen)] = weight.detach()
    return spread
