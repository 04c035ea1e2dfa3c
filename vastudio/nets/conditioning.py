"""How the knobs reach the cell: a conditioning maps knob positions to one weight vector θ per position.

Both conditionings end up as a stack of affine layers with one activation between them, which is how a
model file stores them and how the engine, which knows no torch, evaluates them (`export`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class AffineStack:
    """Layers (weight (out, in), bias (out,)) from knobs in −1..1 to θ, and the activation between them."""

    layers: tuple[tuple[Tensor, Tensor], ...]
    activation: str


class Conditioning(nn.Module, ABC):
    """Maps knobs (G, K) in 0..1 to θ (G, P)."""

    @abstractmethod
    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""

    @abstractmethod
    def export(self) -> AffineStack:
        """Return the same map as plain layers."""


class ConcatConditioning(Conditioning):
    """The knobs are further inputs of the cell: each adds a constant to the gates' biases.

    Parameters
    ----------
    knobs:
        Number of knobs, 0 or more.
    theta:
        θ to start from, (P,).
    rows:
        The part of θ a knob adds to.
    """

    def __init__(self, knobs: int, theta: Tensor, rows: slice) -> None:
        super().__init__()
        self.theta = nn.Parameter(theta)
        self.knob_weight = nn.Parameter(0.1 * torch.randn(rows.stop - rows.start, knobs))
        self._rows = rows

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
        return AffineStack(((weight, self.theta.detach()),), "tanh")


class HyperConditioning(Conditioning):
    """A static hypernetwork: a small network of the knobs writes every weight and bias of the cell.

    It costs nothing at run time while the knobs rest. Ha, Dai & Le, *HyperNetworks*, 2016
    (arXiv:1609.09106), in the static form.

    Parameters
    ----------
    knobs:
        Number of knobs, 0 or more.
    theta:
        θ to start from, (P,): the bias of the last layer.
    width:
        Width of the two hidden layers.
    """

    def __init__(self, knobs: int, theta: Tensor, width: int = 32) -> None:
        super().__init__()
        self.first = nn.Linear(knobs, width) if knobs else None
        self.second = nn.Linear(width, width)
        self.last = nn.Linear(width, theta.numel())
        nn.init.normal_(self.last.weight, std=0.01)
        with torch.no_grad():
            self.last.bias.copy_(theta)

    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""
        if self.first is None:
            return self.last.bias.expand(knobs.shape[0], -1)
        embedding = torch.tanh(self.second(torch.tanh(self.first(2 * knobs - 1))))
        theta: Tensor = self.last(embedding)
        return theta

    def export(self) -> AffineStack:
        """Three affine layers with tanh between them; without knobs only the constant θ."""
        if self.first is None:
            bias = self.last.bias.detach()
            return AffineStack(((torch.zeros(bias.numel(), 0), bias),), "tanh")
        parts = (self.first, self.second, self.last)
        return AffineStack(tuple((part.weight.detach(), part.bias.detach()) for part in parts), "tanh")
