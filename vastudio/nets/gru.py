"""The GRU cell with its output layer, for sequences in groups that share one weight set.

    r = σ(W_r x + U_r h + b_r)      z = σ(W_z x + U_z h + b_z)
    n = tanh(W_n x + b_in + r·(U_n h + b_hn))
    h' = (1 − z)·n + z·h            v = w_out · h'

A group is one knob position: its weight set θ comes from a conditioning (see `conditioning.py`), and the
sequences in it run in lockstep. On a processor the compiled kernel of `vastudio.kernels.training` does
the work; elsewhere, and for sizes it does not cover, `torch`'s own GRU gives the same result.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from vastudio.kernels.jit import LANES
from vastudio.kernels.training import GATES, STATE_ROWS, Extent, Gradients, whole_vectors
from vastudio.kernels.training_gru import PANEL, UNITS, GruCells, gru_backward, gru_forward
from vastudio.nets.cell_layout import Weights
from vastudio.nets.recurrent import (
    Array,
    column_buffer,
    column_view,
    extent_of,
    flat,
    from_blocks,
    gradients_for,
    input_gradient_of,
    padded,
    panels,
    pool,
    runs_in_kernel,
    scratch_for,
    summed,
    take_kept,
    through,
    to_blocks,
    with_channel,
)


def run_gru(x: Tensor, state: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """Run every group over its sequences.

    Parameters
    ----------
    x:
        Input, (G, T, S) or (G, T, I, S): G groups, T samples, I inputs, S sequences.
    state:
        State to start from, (G, H, S).
    weights:
        One weight set per group; `skip` is not applied here.

    Returns
    -------
    v (G, T, S) and the last state (G, H, S). Gradients flow to the weights, the input and the state.
    """
    if not runs_in_kernel(x, state.shape[1]):
        return run_gru_in_torch(x, state, weights)
    return through(_KernelGru, _forward, with_channel(x), state, *weights[:4])


def run_gru_in_torch(x: Tensor, state: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """The same as `run_gru` by torch's own GRU, group by group, on any device."""
    hidden = state.shape[1]
    outputs, states = [], []
    for group, signal in enumerate(with_channel(x)):
        bias = weights.bias[group]
        flat_weights = [
            weights.w_in[group],
            weights.w_state[group],
            bias[: 3 * hidden],
            torch.cat([torch.zeros_like(bias[: 2 * hidden]), bias[3 * hidden :]]),
        ]
        first = state[group].t().unsqueeze(0).contiguous()
        h, last = torch._VF.gru(
            signal.transpose(1, 2).contiguous(), first, flat_weights, True, 1, 0.0, False, False, False
        )
        outputs.append(h @ weights.w_out[group])
        states.append(last[0].t())
    return torch.stack(outputs), torch.stack(states)


def gru_cells(w_in: Tensor, w_state: Tensor, bias: Tensor, w_out: Tensor) -> GruCells:
    """Arrange the weight sets for the kernel."""
    groups, hidden = w_out.shape
    by_gate = w_state.reshape(groups, 3, hidden, hidden)
    inputs = w_in.reshape(groups, 3, hidden, -1)
    biases = bias.reshape(groups, 4, hidden, 1)
    r, z, n, m = range(4)
    columns = torch.cat(
        [
            by_gate,
            biases[:, [r, z, m]],
            torch.cat([inputs[:, [r, z]], torch.zeros_like(inputs[:, [n]])], 1),
        ],
        3,
    )
    return GruCells(
        flat(panels(columns, UNITS)),
        flat(torch.cat([biases[:, n], inputs[:, n]], 2)),
        flat(panels(w_state.transpose(1, 2).unsqueeze(1), STATE_ROWS)),
        flat(inputs[:, [n, r, z]]),
        flat(w_out),
    )


class _Kept(NamedTuple):
    """What a forward pass leaves for the backward pass."""

    cells: GruCells
    columns: Array
    gates: Array
    extent: Extent
    sequences: int


def _forward(
    x: Tensor, state: Tensor, w_in: Tensor, w_state: Tensor, bias: Tensor, w_out: Tensor, *, keep: bool
) -> tuple[Tensor, Tensor, _Kept]:
    """Run the kernel on x (G, T, I, S); without `keep` the third result has no meaning."""
    extent, sequences = extent_of(x, state.shape[1]), x.shape[-1]
    blocks = extent.groups * extent.per_group
    cells = gru_cells(*(part.detach() for part in (w_in, w_state, bias, w_out)))
    slots = extent.steps + 1 if keep else 2
    columns = column_buffer(extent, slots, to_blocks(state, extent))
    gates = pool.take(blocks * (extent.steps if keep else 1) * GATES * extent.hidden * LANES)
    sums = pool.take(blocks * PANEL * LANES)
    y = torch.empty(extent.groups, extent.steps, extent.per_group * LANES)
    gru_forward(cells, flat(padded(x, extent)), columns, gates, sums, flat(y), keep, extent)
    last = column_view(columns, extent, slots)[:, extent.steps % slots, : extent.hidden]
    last = from_blocks(last.clone(), extent, sequences)
    pool.give(sums)
    if not keep:
        pool.give(columns, gates)
    return y[..., :sequences], last, _Kept(cells, columns, gates, extent, sequences)


class _KernelGru(torch.autograd.Function):
    """The compiled kernel as a torch operation."""

    @staticmethod
    def forward(ctx: Any, *parts: Tensor) -> tuple[Tensor, Tensor]:
        y, last, ctx.kept = _forward(*parts, keep=True)
        return y, last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, dlast: Tensor) -> tuple[Tensor | None, ...]:
        kept: _Kept = take_kept(ctx)
        extent, hidden = kept.extent, kept.extent.hidden
        scratch = scratch_for(extent)
        gradients = gradients_for(extent, 3 * hidden, with_input=ctx.needs_input_grad[0])
        dh = flat(to_blocks(dlast, extent).clone())
        gru_backward(
            kept.cells, flat(padded(dy, extent)), kept.columns, kept.gates, scratch, dh, gradients, extent
        )
        pool.give(*scratch, kept.columns, kept.gates)
        dstate = from_blocks(torch.from_numpy(dh).reshape(-1, hidden, LANES), extent, kept.sequences)
        return (
            input_gradient_of(gradients, extent, kept.sequences),
            dstate,
            *gru_weight_gradients(gradients, extent),
        )


def gru_weight_gradients(gradients: Gradients, extent: Extent) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The gradients of w_in, w_state, bias and w_out, in the order of `Weights`."""
    hidden = extent.hidden
    w_state = summed(gradients.w_state, extent, (3 * hidden, whole_vectors(hidden)))[..., :hidden]
    ends = summed(gradients.w_input, extent, (4, hidden, 1 + extent.inputs))
    n, r, z, m = range(4)
    return (
        ends[:, [r, z, n], :, 1:].flatten(1, 2),
        w_state,
        ends[:, [r, z, n, m], :, 0].flatten(1),
        summed(gradients.w_out, extent, (hidden,)),
    )
