"""A short learned filter in front of a model: y[t] = Σ_k taps[k]·x[t − k], the same at all knob positions.

It takes over what is left of a recording's delay, and a fixed equalisation.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class LearnedFir(nn.Module):
    """`taps` numbers, 1 or more, that begin as a unit impulse."""

    def __init__(self, taps: int) -> None:
        super().__init__()
        self.taps = nn.Parameter(nn.functional.pad(torch.ones(1), (0, taps - 1)))

    @property
    def rows(self) -> int:
        """How many numbers of each sequence it remembers: the samples before the newest."""
        return self.taps.numel() - 1

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Filter x (G, T, S) from `state` (G, `rows`, S), oldest first; return output and last state."""
        signal, steps = torch.cat([state, x], 1), x.shape[1]
        y = torch.zeros_like(x)
        for delay, tap in enumerate(self.taps):
            start = self.rows - delay
            y = y + tap * signal[:, start : start + steps]
        return y, signal[:, steps:]

    def config(self) -> dict[str, Any]:
        """What a model file says about it."""
        return {"taps": self.taps.numel()}

    def tensors(self) -> dict[str, Tensor]:
        """The array of a model file."""
        return {"fir.taps": self.taps}
