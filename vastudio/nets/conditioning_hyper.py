"""A static hypernetwork: a small network of the knobs writes every weight and bias of the cell.

It costs nothing at run time while the knobs rest. Ha, Dai & Le, *HyperNetworks*, 2016 (arXiv:1609.09106),
in the static form.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vastudio.nets.cell import RecurrentCell
from vastudio.nets.conditioning import CALM, WIDTH, AffineStack, Conditioning, KnobNetwork

SPREAD = 0.01
"""Standard deviation of what the embedding's coordinates move in θ at the start: little."""


class HyperConditioning(Conditioning):
    """θ is affine in an embedding of the knobs.

    Parameters
    ----------
    cell:
        Gives θ to start from: the bias of the last layer.
    knobs:
        Number of knobs, 0 or more.
    width:
        Width of the two layers of the embedding.
    biases:
        Without them every bias of the cell is zero, and so is its rest state.
    """

    def __init__(self, cell: RecurrentCell, knobs: int, *, width: int = WIDTH, biases: bool = True) -> None:
        super().__init__()
        theta = cell.initial()
        self.network = KnobNetwork(knobs, width)
        self.last = nn.Linear(width, theta.numel())
        nn.init.normal_(self.last.weight, std=SPREAD / CALM)
        written = torch.ones_like(theta)
        if not biases:
            written[cell.parts.bias] = 0.0
        self.register_buffer("written", written, persistent=False)
        self.written: Tensor
        with torch.no_grad():
            self.last.bias.copy_(theta)

    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""
        theta: Tensor = self.last(self.network(knobs)) * self.written
        return theta

    def export(self) -> AffineStack:
        """Three affine layers with tanh between them."""
        weight, bias = self.last.weight * self.written[:, None], self.last.bias * self.written
        return AffineStack(self.network.then(weight, bias))
