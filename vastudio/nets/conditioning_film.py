"""FiLM: the knobs scale and shift what enters the gates (Perez et al., AAAI 2018, arXiv:1709.07871).

    (1 + a_i(c))·(W_i x)        (1 + a_h(c))·(W_h h)        b + d(c)

a and d are affine in an embedding of the knobs, and begin at zero. As the scales multiply rows of weights
that do not depend on the knobs, θ is affine in the embedding too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vastudio.nets.cell import RecurrentCell
from vastudio.nets.conditioning import WIDTH, AffineStack, Conditioning, KnobNetwork


class FilmConditioning(Conditioning):
    """Scales for every row of the input and state weights, shifts for biases, output layer and direct path.

    Parameters
    ----------
    cell:
        Gives θ to start from.
    knobs:
        Number of knobs, 0 or more.
    width:
        Width of the two layers of the embedding.
    """

    def __init__(self, cell: RecurrentCell, knobs: int, *, width: int = WIDTH) -> None:
        super().__init__()
        self.theta = nn.Parameter(cell.initial())
        self.network = KnobNetwork(knobs, width)
        parts = cell.parts
        rows = parts.w_in.stop // cell.layout.inputs
        self._scaled = parts.w_state.stop
        self._repeats = (cell.layout.inputs, cell.layout.hidden)
        self.scale = nn.Parameter(torch.zeros(2, rows, width))
        self.shift = nn.Parameter(torch.zeros(parts.output.stop - self._scaled, width))

    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""
        theta: Tensor = self.theta + self.network(knobs) @ self._slopes().t()
        return theta

    def export(self) -> AffineStack:
        """Three affine layers with tanh between them."""
        return AffineStack(self.network.then(self._slopes(), self.theta))

    def _slopes(self) -> Tensor:
        """How θ moves with the embedding, (P, width)."""
        by_row = [scale.repeat_interleave(n, 0) for scale, n in zip(self.scale, self._repeats, strict=True)]
        return torch.cat([torch.cat(by_row) * self.theta[: self._scaled, None], self.shift])
