"""Shared weights with deltas of low rank that a small network of the knobs writes.

    W_h(c) = W_h + L(c)·R(c)ᵀ        the other parts of θ: shared + delta(c)

The state weights are nearly all of θ; at rank 2 the knobs write 2·(rows + H) numbers for them instead of
rows·H. L begins at zero, so that the knobs change nothing at the start (as in LoRA, Hu et al., 2021,
arXiv:2106.09685, where the deltas are fixed).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vastudio.nets.cell import RecurrentCell
from vastudio.nets.conditioning import CALM, WIDTH, AffineStack, Conditioning, KnobNetwork

RANK = 2


class LowRankConditioning(Conditioning):
    """Deltas of the state weights as products of two factors, of everything else in full.

    The network writes [input weights | L (rows, rank) | R (H, rank) | biases, output, direct path].

    Parameters
    ----------
    cell:
        Gives θ to start from, shared by all knob positions.
    knobs:
        Number of knobs, 0 or more.
    width:
        Width of the two layers of the embedding.
    """

    def __init__(self, cell: RecurrentCell, knobs: int, *, width: int = WIDTH, rank: int = RANK) -> None:
        super().__init__()
        parts, hidden = cell.parts, cell.layout.hidden
        before, rows = parts.w_in.stop, parts.w_in.stop // cell.layout.inputs
        self._lengths = (before, rows * rank, hidden * rank, parts.output.stop - parts.w_state.stop)
        self.rank = rank
        self.shared = nn.Parameter(cell.initial())
        self.network = KnobNetwork(knobs, width)
        self.last = nn.Linear(width, sum(self._lengths))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        right = slice(before + rows * rank, before + (rows + hidden) * rank)
        nn.init.normal_(self.last.weight[right], std=width**-0.5 / CALM)

    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""
        before, left, right, after = torch.split(self.last(self.network(knobs)), list(self._lengths), 1)
        factors = (part.reshape(len(knobs), -1, self.rank) for part in (left, right))
        state = torch.einsum("gir,gjr->gij", *factors)
        return self.shared + torch.cat([before, state.flatten(1), after], 1)

    def export(self) -> AffineStack:
        """Three affine layers with tanh between them, and the shared θ."""
        layers = self.network.then(self.last.weight, self.last.bias)
        return AffineStack(layers, shared=self.shared.detach(), rank=self.rank)
