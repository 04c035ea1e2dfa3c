"""How the knobs reach the cell: a conditioning maps knob positions to one weight vector θ per position.

Every conditioning ends as a stack of affine layers with one activation between them, which is how a model
file stores it and how the engine, which knows no torch, evaluates it (`export`). Only low-rank deltas need
one more step (`conditioning_low_rank`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vastudio.nets.cell import RecurrentCell

WIDTH = 32
"""Width of the network between the knobs and what it writes."""

CALM = 0.15
"""Scale of the embedding.

Adam moves every weight by the learning rate, and what the embedding writes is a sum over all of it: at full
scale, θ would move with the knobs some twenty times as fast as its constant part.
"""


@dataclass(frozen=True)
class AffineStack:
    """Layers (weight (out, in), bias (out,)) from knobs in −1..1, and the activation between them.

    Without `shared` they end in θ. With it they end in the deltas of low rank `rank` that are added to
    `shared` (P,).
    """

    layers: tuple[tuple[Tensor, Tensor], ...]
    activation: str = "tanh"
    shared: Tensor | None = None
    rank: int = 0


class Conditioning(nn.Module, ABC):
    """Maps knobs (G, K) in 0..1 to θ (G, P)."""

    @abstractmethod
    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""

    @abstractmethod
    def export(self) -> AffineStack:
        """Return the same map as plain layers."""


class KnobNetwork(nn.Module):
    """Two layers from knobs (G, K) in 0..1 to an embedding (G, width) in ±`CALM`; zeros without knobs."""

    def __init__(self, knobs: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.first = nn.Linear(knobs, width) if knobs else None
        self.second = nn.Linear(width, width) if knobs else None

    def forward(self, knobs: Tensor) -> Tensor:
        """Return the embeddings."""
        if self.first is None or self.second is None:
            return knobs.new_zeros(knobs.shape[0], self.width)
        embedding: Tensor = CALM * torch.tanh(self.second(torch.tanh(self.first(2 * knobs - 1))))
        return embedding

    def then(self, weight: Tensor, bias: Tensor) -> tuple[tuple[Tensor, Tensor], ...]:
        """The layers to export when an affine map (out, width) follows; without knobs only its constant."""
        if self.first is None or self.second is None:
            return ((torch.zeros(bias.numel(), 0), bias.detach()),)
        inner = tuple((layer.weight.detach(), layer.bias.detach()) for layer in (self.first, self.second))
        return (*inner, (CALM * weight.detach(), bias.detach()))


class ConcatConditioning(Conditioning):
    """The knobs are further inputs of the cell: each adds a constant to the gates' biases.

    With `plain` to those of the input's side alone, as an input does; a GRU has another for its third gate.
    """

    def __init__(self, cell: RecurrentCell, knobs: int, *, plain: bool = False) -> None:
        super().__init__()
        rows = cell.layout.bias_rows
        self._rows = slice(rows.start, rows.start + cell.layout.rows) if plain else rows
        self.theta = nn.Parameter(cell.initial())
        self.knob_weight = nn.Parameter(0.1 * torch.randn(self._rows.stop - self._rows.start, knobs))

    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""
        before = self._rows.start
        after = self.theta.numel() - self._rows.stop
        moved = (2 * knobs - 1) @ self.knob_weight.t()
        return self.theta + nn.functional.pad(moved, (before, after))

    def export(self) -> AffineStack:
        """One affine layer; only the rows of the biases depend on the knobs."""
        weight = torch.zeros(self.theta.numel(), self.knob_weight.shape[1])
        weight[self._rows] = self.knob_weight.detach()
        return AffineStack(((weight, self.theta.detach()),))
