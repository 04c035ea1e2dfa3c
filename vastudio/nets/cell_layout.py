"""Where the parts of a recurrent cell and its output layer lie in the vector θ that a conditioning writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vastudio.kernels.cells import GATE_COUNT, CellWeights, Kind
from vastudio.kernels.rest import rest_state

Array: TypeAlias = npt.NDArray[np.float32]


class Weights(NamedTuple):
    """Weight sets of G groups, cut out of θ; N rows are the gates of H units, in torch's order.

    The biases of a GRU are r, z, n of the input side and n of the state side; those of an LSTM are both
    sides added.
    """

    w_in: Tensor  # (G, N, I)
    w_state: Tensor  # (G, N, H)
    bias: Tensor  # (G, 4H)
    w_out: Tensor  # (G, H)
    skip: Tensor  # (G, 1)


@dataclass(frozen=True)
class CellLayout:
    """A GRU or LSTM of `hidden` units with `inputs` inputs."""

    kind: Kind
    hidden: int
    inputs: int = 1

    @property
    def rows(self) -> int:
        """Gates times units."""
        return GATE_COUNT[self.kind] * self.hidden

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """Lengths of w_in, w_state, bias, w_out, skip, in the order in which θ holds them."""
        return (self.rows * self.inputs, self.rows * self.hidden, 4 * self.hidden, self.hidden, 1)

    @property
    def total(self) -> int:
        """Length of θ."""
        return sum(self.sizes)

    @property
    def bias_rows(self) -> slice:
        """The rows of θ that a concatenated knob adds to: the biases of the input side."""
        start = self.sizes[0] + self.sizes[1]
        return slice(start, start + self.rows)

    def split(self, theta: Tensor) -> Weights:
        """Cut θ (G, total) into the parts of the cell."""
        w_in, w_state, bias, w_out, skip = torch.split(theta, list(self.sizes), dim=1)
        return Weights(
            w_in.reshape(-1, self.rows, self.inputs),
            w_state.reshape(-1, self.rows, self.hidden),
            bias,
            w_out,
            skip,
        )

    def initial(self) -> Tensor:
        """A θ to start training from: torch's initialisation, update or forget gate leaning towards memory.

        That gate is the second of both kinds.
        """
        h, scale = self.hidden, self.hidden**-0.5
        w_in, w_state, _, out, _ = self.sizes
        uniform = [torch.empty(length).uniform_(-scale, scale) for length in (w_in, w_state, out)]
        bias = torch.zeros(4 * h)
        bias[h : 2 * h] = 1.0
        return torch.cat([*uniform[:2], bias, uniform[2], torch.ones(1)])


def rest_states(kind: Kind, weights: Weights) -> Tensor:
    """The states (G, H), of an LSTM h and c (G, 2H), that the groups settle to at zero input.

    Without gradients.
    """
    return rests_of(
        CellWeights(kind, w_in[:, 0].copy(), w_state, bias, w_out, float(skip[0]))
        for w_in, w_state, bias, w_out, skip in arrays(weights)
    ).to(weights.w_in.device)


def arrays(weights: Iterable[Tensor]) -> Iterator[tuple[Array, ...]]:
    """The weight sets group by group as arrays, (…) each, for parts (G, …)."""
    return zip(*(part.detach().cpu().numpy() for part in weights), strict=True)


def rests_of(cells: Iterable[CellWeights]) -> Tensor:
    """The rest states of the cells, side by side."""
    return torch.from_numpy(np.stack([rest_state(cell) for cell in cells]).astype(np.float32))
