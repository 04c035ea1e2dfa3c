"""The GRU cell with its output layer, for sequences in groups that share one weight set.

    r = σ(W_r x + U_r h + b_r)      z = σ(W_z x + U_z h + b_z)
    n = tanh(W_n x + b_in + r·(U_n h + b_hn))
    h' = (1 − z)·n + z·h            v = w_out · h'

A group is one knob position: its weight set θ comes from a conditioning (see `conditioning.py`), and the
sequences in it run in lockstep. On a processor the compiled kernel of `vastudio.kernels.training` does
the work; elsewhere, and for sizes it does not cover, `torch`'s own GRU gives the same result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vastudio.kernels.cells import CellWeights
from vastudio.kernels.jit import LANES
from vastudio.kernels.rest import rest_state
from vastudio.kernels.training import TILE, UNROLL, Cells, Extent, Gradients, gru_backward, gru_forward


class GruWeights(NamedTuple):
    """Weight sets of G groups, cut out of θ. Gate order r, z, n, as in torch."""

    w_in: Tensor  # (G, 3H)
    w_state: Tensor  # (G, 3H, H)
    bias: Tensor  # (G, 4H): r, z, n of the input side, n of the state side
    w_out: Tensor  # (G, H)
    skip: Tensor  # (G, 1)


@dataclass(frozen=True)
class GruLayout:
    """Where each part of a cell lies in the flat vector θ."""

    hidden: int

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """Lengths of w_in, w_state, bias, w_out, skip, in the order in which θ holds them."""
        h = self.hidden
        return (3 * h, 3 * h * h, 4 * h, h, 1)

    @property
    def total(self) -> int:
        """Length of θ."""
        return sum(self.sizes)

    @property
    def bias_rows(self) -> slice:
        """The rows of θ that a concatenated knob adds to: the input-side biases r, z, n."""
        start = self.sizes[0] + self.sizes[1]
        return slice(start, start + 3 * self.hidden)

    def split(self, theta: Tensor) -> GruWeights:
        """Cut θ (G, total) into the parts of the cell."""
        w_in, w_state, bias, w_out, skip = torch.split(theta, list(self.sizes), dim=1)
        return GruWeights(w_in, w_state.reshape(-1, 3 * self.hidden, self.hidden), bias, w_out, skip)

    def initial(self) -> Tensor:
        """A θ to start training from: torch's GRU initialisation, the update gate leaning towards memory."""
        h = self.hidden
        scale = h**-0.5
        w_in, w_state, w_out = (torch.empty(n).uniform_(-scale, scale) for n in (3 * h, 3 * h * h, h))
        bias = torch.zeros(4 * h)
        bias[h : 2 * h] = 1.0
        return torch.cat([w_in, w_state, bias, w_out, torch.ones(1)])


def rest_states(weights: GruWeights) -> Tensor:
    """The states (G, H) that the groups settle to at zero input, without gradients."""
    groups = zip(*(part.detach().cpu().numpy() for part in weights), strict=True)
    rests = [
        rest_state(CellWeights("gru", w_in, w_state, bias, w_out, float(skip[0])))
        for w_in, w_state, bias, w_out, skip in groups
    ]
    return torch.from_numpy(np.stack(rests).astype(np.float32)).to(weights.w_in.device)


def run_gru(x: Tensor, state: Tensor, weights: GruWeights) -> tuple[Tensor, Tensor]:
    """Run every group over its sequences.

    Parameters
    ----------
    x:
        Input, (G, T, S): G groups, T samples, S sequences.
    state:
        State to start from, (G, H, S).
    weights:
        One weight set per group; `skip` is not applied here.

    Returns
    -------
    v (G, T, S) and the last state (G, H, S). Gradients flow to the weights; the input gets none.
    """
    hidden, sequences = state.shape[1], state.shape[2]
    if x.device.type == "cpu" and hidden % UNROLL == 0 and sequences % LANES == 0:
        result: tuple[Tensor, Tensor] = _KernelGru.apply(x, state, *weights[:4])  # type: ignore[no-untyped-call]
        return result
    return run_gru_in_torch(x, state, weights)


def run_gru_in_torch(x: Tensor, state: Tensor, weights: GruWeights) -> tuple[Tensor, Tensor]:
    """The same as `run_gru` by torch's own GRU, group by group, on any device."""
    hidden = state.shape[1]
    outputs, states = [], []
    for group in range(x.shape[0]):
        bias = weights.bias[group]
        flat = [
            weights.w_in[group].unsqueeze(1),
            weights.w_state[group],
            bias[: 3 * hidden],
            torch.cat([torch.zeros_like(bias[: 2 * hidden]), bias[3 * hidden :]]),
        ]
        h, last = torch._VF.gru(
            x[group].unsqueeze(2),
            state[group].t().unsqueeze(0).contiguous(),
            flat,
            True,
            1,
            0.0,
            False,
            False,
            False,
        )
        outputs.append(h @ weights.w_out[group])
        states.append(last[0].t())
    return torch.stack(outputs), torch.stack(states)


Array = npt.NDArray[np.float32]


class _Pool:
    """Buffers that outlive a step: touching fresh pages costs as much as the arithmetic."""

    def __init__(self) -> None:
        self._free: dict[int, list[Array]] = {}

    def take(self, size: int) -> Array:
        free = self._free.get(size)
        return free.pop() if free else np.empty(size, np.float32)

    def give(self, *arrays: Array) -> None:
        for array in arrays:
            self._free.setdefault(array.size, []).append(array)


_pool = _Pool()


def _flat(tensor: Tensor) -> Array:
    array: Array = tensor.detach().contiguous().numpy().reshape(-1)
    return array


def _to_blocks(tensor: Tensor) -> Tensor:
    """(G, A, S) → (G·S/L, A, L)."""
    groups, rows, sequences = tensor.shape
    return tensor.reshape(groups, rows, sequences // LANES, LANES).transpose(1, 2).reshape(-1, rows, LANES)


def _from_blocks(tensor: Tensor, groups: int) -> Tensor:
    """(G·S/L, A, L) → (G, A, S)."""
    blocks, rows, _ = tensor.shape
    return tensor.reshape(groups, blocks // groups, rows, LANES).transpose(1, 2).reshape(groups, rows, -1)


class _KernelGru(torch.autograd.Function):
    """The compiled kernel as a torch operation."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, state: Tensor, w_in: Tensor, w_state: Tensor, bias: Tensor, w_out: Tensor
    ) -> tuple[Tensor, Tensor]:
        groups, steps, sequences = x.shape
        hidden, per_group = state.shape[1], sequences // LANES
        extent = Extent(groups * per_group, steps, hidden)
        parts = (w_in, w_state, w_state.transpose(1, 2), bias, w_out)
        cells = Cells(*(_flat(part.repeat_interleave(per_group, 0)) for part in parts))
        inputs = _flat(_to_blocks(x))
        states = _pool.take(extent.blocks * (steps + 1) * hidden * LANES)
        by_step = states.reshape(extent.blocks, steps + 1, hidden, LANES)
        by_step[:, 0] = _to_blocks(state.detach()).numpy()
        y = np.empty((extent.blocks, steps, LANES), np.float32)
        gates = _pool.take(extent.blocks * 4 * hidden * LANES)
        gru_forward(cells, inputs, states, y.reshape(-1), gates, extent)
        _pool.give(gates)
        last = torch.from_numpy(by_step[:, -1].copy())
        if any(ctx.needs_input_grad):
            ctx.kept = (cells, inputs, states, extent, groups)
        else:
            _pool.give(states)
        return _from_blocks(torch.from_numpy(y), groups), _from_blocks(last, groups)

    @staticmethod
    def backward(ctx: Any, dv: Tensor, dlast: Tensor) -> tuple[Tensor | None, ...]:
        cells, inputs, states, extent, groups = ctx.kept
        blocks, hidden = extent.blocks, extent.hidden
        gates = _pool.take(blocks * 4 * hidden * LANES * TILE)
        lane_sums = _pool.take(blocks * (3 * hidden + 1) * hidden * LANES)
        dh = _flat(_to_blocks(dlast)).copy()
        gradients = Gradients(
            np.zeros(cells.w_in.size, np.float32),
            np.empty(cells.w_state.size, np.float32),
            np.zeros(cells.bias.size, np.float32),
            np.empty(cells.w_out.size, np.float32),
        )
        gru_backward(cells, _flat(_to_blocks(dv)), inputs, states, gates, lane_sums, dh, gradients, extent)
        _pool.give(gates, lane_sums, states)
        ctx.kept = None
        shapes = ((3 * hidden,), (3 * hidden, hidden), (4 * hidden,), (hidden,))
        summed = (
            torch.from_numpy(part.reshape(groups, blocks // groups, *shape).sum(1))
            for part, shape in zip(gradients, shapes, strict=True)
        )
        return (None, _from_blocks(torch.from_numpy(dh.reshape(blocks, hidden, LANES)), groups), *summed)
