"""A cell that scales what enters its own gates, sample by sample: the dynamic form of a hypernetwork.

    s = W x + U h + b        d = 1 + D·h[H − M:]        a = d·s        gate = σ(a) or tanh(a)

The last M of the H units, the *scalers*, are the small recurrent network of Ha, Dai & Le, *HyperNetworks*,
2016 (arXiv:1609.09106, section on dynamic hypernetworks): fed with x and the state of the other units, they
write one factor for every row of the weights at every sample. Here they are part of the state, so that one
matrix product serves both networks, their factors apply to the sample that follows, and the shift that Ha et
al. add to the gates is the part of U that reads them. All of W, U, b and D come from the knobs through a
conditioning.

The states of scalers lie within ±1, so that d lies within 1 ± Σ|D|. With D = 0, where training begins, the
cell is the static one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vastudio.kernels.cells import CellWeights, Kind
from vastudio.kernels.dynamic_training import SCALER_MULTIPLE, ScaleGradients, Scales
from vastudio.kernels.jit import LANES
from vastudio.kernels.training import ROW, Extent
from vastudio.nets.cell_layout import CellLayout, arrays, rests_of
from vastudio.nets.recurrent import flat, panels, pool, runs_in_kernel, with_channel

MOST_SCALERS = 4
"""Units that scale; half of a cell that has fewer than twice as many."""


class DynamicWeights(NamedTuple):
    """Weight sets of G groups, cut out of θ; N rows are the gates of H units in torch's order."""

    w_in: Tensor  # (G, N, I)
    w_state: Tensor  # (G, N, H)
    scales: Tensor  # (G, N, M)
    bias: Tensor  # (G, 4H)
    w_out: Tensor  # (G, H)
    skip: Tensor  # (G, 1)


@dataclass(frozen=True)
class DynamicLayout:
    """Where each part of a cell lies in the flat vector θ: as in the static cell, D behind its U."""

    static: CellLayout
    scalers: int

    @property
    def hidden(self) -> int:
        """All units, scalers among them."""
        return self.static.hidden

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return self.static.inputs

    @property
    def rows(self) -> int:
        """Gates times units."""
        return self.static.rows

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """Lengths of w_in, w_state with scales, bias, w_out, skip, in the order in which θ holds them."""
        w_in, w_state, *others = self.static.sizes
        bias, w_out, skip = others
        return (w_in, w_state + self.rows * self.scalers, bias, w_out, skip)

    @property
    def total(self) -> int:
        """Length of θ."""
        return sum(self.sizes)

    @property
    def scale_numbers(self) -> slice:
        """Where D lies in θ."""
        start = sum(self.static.sizes[:2])
        return slice(start, start + self.rows * self.scalers)

    @property
    def bias_rows(self) -> slice:
        """The rows of θ that a concatenated knob adds to."""
        rows, moved = self.static.bias_rows, self.rows * self.scalers
        return slice(rows.start + moved, rows.stop + moved)

    def split(self, theta: Tensor) -> DynamicWeights:
        """Cut θ (G, total) into the parts of the cell."""
        w_in, w_state, bias, w_out, skip = torch.split(theta, list(self.sizes), dim=1)
        w_state, scales = torch.split(w_state, [self.static.sizes[1], self.rows * self.scalers], dim=1)
        return DynamicWeights(
            w_in.reshape(-1, self.rows, self.inputs),
            w_state.reshape(-1, self.rows, self.hidden),
            scales.reshape(-1, self.rows, self.scalers),
            bias,
            w_out,
            skip,
        )

    def initial(self) -> Tensor:
        """A θ to start training from: that of the static cell, with D = 0."""
        theta, at = self.static.initial(), self.scale_numbers
        return torch.cat([theta[: at.start], torch.zeros(at.stop - at.start), theta[at.start :]])


def covers(x: Tensor, weights: DynamicWeights) -> bool:
    """Whether the compiled kernels cover a run; a loop in torch covers the rest, on any device."""
    _, _, scalers = weights.scales.shape
    return runs_in_kernel(x, weights.w_out.shape[1]) and scalers > 0 and scalers % SCALER_MULTIPLE == 0


def rest_states(kind: Kind, weights: DynamicWeights) -> Tensor:
    """The states that the groups settle to at zero input, h (G, H) or h and c (G, 2H), without gradients."""
    return rests_of(
        CellWeights(kind, w_in[:, 0].copy(), w_state, bias, w_out, float(skip[0]), scales)
        for w_in, w_state, scales, bias, w_out, skip in arrays(weights)
    ).to(weights.w_in.device)


# --- the loop in torch --------------------------------------------------------------------------------------


def entering(x: Tensor, weights: DynamicWeights, bias: Tensor) -> tuple[Tensor, ...]:
    """W x + bias of every sample, T times (G, N, S), for x (G, T, S) or (G, T, I, S) and bias (G, N, 1)."""
    return (weights.w_in[:, None] @ with_channel(x) + bias[:, None]).unbind(1)


def leaving(states: list[Tensor], weights: DynamicWeights) -> Tensor:
    """The outputs (G, T, S) of T states (G, H, S)."""
    return torch.einsum("gths,gh->gts", torch.stack(states, 1), weights.w_out)


def factors(h: Tensor, weights: DynamicWeights) -> Tensor:
    """d (G, N, S) at the state h (G, H, S)."""
    scalers = weights.scales.shape[2]
    return 1 + weights.scales @ h[:, h.shape[1] - scalers :]


# --- arrays for the kernels ---------------------------------------------------------------------------------


def scales_for(scales: Tensor, hidden: int, units: int) -> Scales:
    """Arrange D (G, N, M) for a kernel that finishes `units` units at a time."""
    groups, rows, scalers = scales.shape
    by_gate = scales.reshape(groups, rows // hidden, hidden, scalers)
    return Scales(flat(panels(by_gate, units)), flat(scales), scalers)


def scale_gradients_for(extent: Extent, gates: int, scalers: int) -> ScaleGradients:
    """Working memory out of the pool, and room for the gradient of D."""
    rows = extent.groups * extent.per_group * gates * extent.hidden
    return ScaleGradients(
        pool.take(rows * ROW), pool.take(rows * scalers * LANES), np.empty(rows * scalers, np.float32)
    )


def summed_scales(back: ScaleGradients, extent: Extent, scalers: int) -> Tensor:
    """The gradient of D, (G, N, M), summed over the blocks of each group; the memory goes back."""
    by_block = torch.from_numpy(back.scales).reshape(extent.groups, extent.per_group, scalers, -1)
    pool.give(back.rates, back.sums)
    return by_block.sum(1).transpose(1, 2)
