"""The dynamic GRU (see `dynamic.py`) with its output layer, for sequences in groups that share a weight set.

    r = σ(d_r·(W_r x + U_r h + b_r))        z = σ(d_z·(W_z x + U_z h + b_z))
    n = tanh(d_n·(W_n x + b_in + r·(U_n h + b_hn)))
    h' = (1 − z)·n + z·h                    v = w_out · h'

On a processor the kernel of `vastudio.kernels.dynamic_gru` does the work; elsewhere, and for sizes it does
not cover, a loop over the samples gives the same result.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from vastudio.kernels.dynamic_gru import PRODUCTS, GruHistory, dynamic_gru_backward, dynamic_gru_forward
from vastudio.kernels.dynamic_training import Scales
from vastudio.kernels.jit import LANES
from vastudio.kernels.training import GATES, Extent
from vastudio.kernels.training_gru import PANEL, STATE_GATES, UNITS, GruCells
from vastudio.nets.dynamic import (
    DynamicWeights,
    covers,
    entering,
    factors,
    leaving,
    scale_gradients_for,
    scales_for,
    summed_scales,
)
from vastudio.nets.gru import gru_cells, gru_weight_gradients
from vastudio.nets.recurrent import (
    column_buffer,
    column_view,
    extent_of,
    flat,
    from_blocks,
    gradients_for,
    input_gradient_of,
    padded,
    pool,
    scratch_for,
    take_kept,
    through,
    to_blocks,
    with_channel,
)


def run_dynamic_gru(x: Tensor, state: Tensor, weights: DynamicWeights) -> tuple[Tensor, Tensor]:
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
    if not covers(x, weights):
        return run_dynamic_gru_in_torch(x, state, weights)
    return through(_KernelGru, _forward, with_channel(x), state, *weights[:5])


def run_dynamic_gru_in_torch(x: Tensor, state: Tensor, weights: DynamicWeights) -> tuple[Tensor, Tensor]:
    """The same as `run_dynamic_gru` as a loop over the samples, on any device."""
    hidden = state.shape[1]
    bias_in, bias_n = torch.split(weights.bias[:, :, None], [3 * hidden, hidden], dim=1)
    parts = [2 * hidden, hidden]
    h, states = state, []
    for from_input in entering(x, weights, bias_in):
        x_rz, x_n = torch.split(from_input, parts, dim=1)
        d_rz, d_n = torch.split(factors(h, weights), parts, dim=1)
        h_rz, h_n = torch.split(weights.w_state @ h, parts, dim=1)
        r, z = torch.sigmoid(d_rz * (x_rz + h_rz)).chunk(2, 1)
        n = torch.tanh(d_n * (x_n + r * (h_n + bias_n)))
        h = n + z * (h - n)
        states.append(h)
    return leaving(states, weights), h


class _Kept(NamedTuple):
    """What a forward pass leaves for the backward pass."""

    cells: GruCells
    scales: Scales
    history: GruHistory
    extent: Extent
    sequences: int


def _forward(
    x: Tensor, state: Tensor, w_in: Tensor, w_state: Tensor, scales: Tensor, bias: Tensor, w_out: Tensor,
    *, keep: bool,
) -> tuple[Tensor, Tensor, _Kept]:  # fmt: skip
    """Run the kernel on x (G, T, I, S); without `keep` the third result has no meaning."""
    hidden, sequences = state.shape[1], x.shape[-1]
    extent = extent_of(x, hidden)
    blocks = extent.groups * extent.per_group
    cells = gru_cells(*(part.detach() for part in (w_in, w_state, bias, w_out)))
    by_scaler = scales_for(scales, hidden, UNITS)
    slots, steps = (extent.steps + 1, extent.steps) if keep else (2, 1)
    history = GruHistory(
        column_buffer(extent, slots, to_blocks(state, extent)),
        pool.take(blocks * steps * GATES * hidden * LANES),
        pool.take(blocks * steps * PRODUCTS * hidden * LANES),
    )
    sums = pool.take(blocks * 2 * PANEL * LANES)
    y = torch.empty(extent.groups, extent.steps, extent.per_group * LANES)
    dynamic_gru_forward(cells, by_scaler, flat(padded(x, extent)), history, sums, flat(y), keep, extent)
    last = column_view(history.columns, extent, slots)[:, extent.steps % slots, :hidden]
    last = from_blocks(last.clone(), extent, sequences)
    pool.give(sums)
    if not keep:
        pool.give(*history)
    return y[..., :sequences], last, _Kept(cells, by_scaler, history, extent, sequences)


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
        extent, hidden, scalers = kept.extent, kept.extent.hidden, kept.scales.scalers
        scratch = scratch_for(extent)
        gradients = gradients_for(extent, STATE_GATES * hidden, with_input=ctx.needs_input_grad[0])
        back = scale_gradients_for(extent, STATE_GATES, scalers)
        dh = flat(to_blocks(dlast, extent).clone())
        dynamic_gru_backward(
            kept.cells, kept.scales, flat(padded(dy, extent)), kept.history, scratch, dh, gradients, back,
            extent,
        )  # fmt: skip
        pool.give(*scratch, *kept.history)
        dstate = from_blocks(torch.from_numpy(dh).reshape(-1, hidden, LANES), extent, kept.sequences)
        w_in, w_state, bias, w_out = gru_weight_gradients(gradients, extent)
        d_scales = summed_scales(back, extent, scalers)
        dx = input_gradient_of(gradients, extent, kept.sequences)
        return dx, dstate, w_in, w_state, d_scales, bias, w_out
