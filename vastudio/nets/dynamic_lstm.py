"""The dynamic LSTM (see `dynamic.py`) with its output layer, for sequences in groups that share a weight set.

    i = σ(d_i·(W_i x + U_i h + b_i))        f = σ(d_f·(W_f x + U_f h + b_f))
    g = tanh(d_g·(W_g x + U_g h + b_g))     o = σ(d_o·(W_o x + U_o h + b_o))
    c' = f·c + i·g                          h' = o·tanh(c')                 v = w_out · h'

It is to an LSTM what `dynamic_gru.py` is to a GRU; the state of a sequence is h and c, one after the other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from vastudio.kernels.dynamic_lstm import PRODUCTS, LstmHistory, dynamic_lstm_backward, dynamic_lstm_forward
from vastudio.kernels.dynamic_training import Scales
from vastudio.kernels.jit import LANES
from vastudio.kernels.training import GATES, Extent
from vastudio.kernels.training_lstm import PANEL, UNITS, LstmCells
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
from vastudio.nets.lstm import lstm_cells, lstm_weight_gradients
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


def run_dynamic_lstm(x: Tensor, state: Tensor, weights: DynamicWeights) -> tuple[Tensor, Tensor]:
    """Run every group over its sequences.

    Parameters
    ----------
    x:
        Input, (G, T, S) or (G, T, I, S): G groups, T samples, I inputs, S sequences.
    state:
        State to start from, (G, 2H, S): h, then c.
    weights:
        One weight set per group; `skip` is not applied here.

    Returns
    -------
    v (G, T, S) and the last state (G, 2H, S). Gradients flow to the weights, the input and the state.
    """
    if not covers(x, weights):
        return run_dynamic_lstm_in_torch(x, state, weights)
    return through(_KernelLstm, _forward, with_channel(x), state, *weights[:5])


def run_dynamic_lstm_in_torch(x: Tensor, state: Tensor, weights: DynamicWeights) -> tuple[Tensor, Tensor]:
    """The same as `run_dynamic_lstm` as a loop over the samples, on any device."""
    h, c = state.chunk(2, 1)
    states = []
    for from_input in entering(x, weights, weights.bias[:, :, None]):
        i, f, g, o = (factors(h, weights) * (from_input + weights.w_state @ h)).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        states.append(h)
    return leaving(states, weights), torch.cat([h, c], 1)


class _Kept(NamedTuple):
    """What a forward pass leaves for the backward pass."""

    cells: LstmCells
    scales: Scales
    history: LstmHistory
    extent: Extent
    sequences: int


def _forward(
    x: Tensor, state: Tensor, w_in: Tensor, w_state: Tensor, scales: Tensor, bias: Tensor, w_out: Tensor,
    *, keep: bool,
) -> tuple[Tensor, Tensor, _Kept]:  # fmt: skip
    """Run the kernel on x (G, T, I, S); without `keep` the third result has no meaning."""
    hidden, sequences = state.shape[1] // 2, x.shape[-1]
    extent = extent_of(x, hidden)
    blocks = extent.groups * extent.per_group
    cells = lstm_cells(*(part.detach() for part in (w_in, w_state, bias, w_out)))
    by_scaler = scales_for(scales, hidden, UNITS)
    slots, steps = (extent.steps + 1, extent.steps) if keep else (2, 1)
    h_first, c_first = to_blocks(state, extent).chunk(2, 1)
    history = LstmHistory(
        column_buffer(extent, slots, h_first),
        pool.take(blocks * steps * GATES * hidden * LANES),
        pool.take(blocks * steps * PRODUCTS * hidden * LANES),
        pool.take(blocks * slots * hidden * LANES),
    )
    columns = column_view(history.columns, extent, slots)
    memory = torch.from_numpy(history.memory[: blocks * slots * hidden * LANES])
    memory = memory.reshape(blocks, slots, hidden, LANES)
    memory[:, 0] = c_first
    sums = pool.take(blocks * 2 * PANEL * LANES)
    y = torch.empty(extent.groups, extent.steps, extent.per_group * LANES)
    dynamic_lstm_forward(cells, by_scaler, flat(padded(x, extent)), history, sums, flat(y), keep, extent)
    slot = extent.steps % slots
    last = from_blocks(torch.cat([columns[:, slot, :hidden], memory[:, slot]], 1), extent, sequences)
    pool.give(sums)
    if not keep:
        pool.give(*history)
    return y[..., :sequences], last, _Kept(cells, by_scaler, history, extent, sequences)


class _KernelLstm(torch.autograd.Function):
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
        gradients = gradients_for(extent, GATES * hidden, with_input=ctx.needs_input_grad[0])
        back = scale_gradients_for(extent, GATES, scalers)
        arriving = to_blocks(dlast, extent).chunk(2, 1)
        dh, dc = (flat(part.clone(memory_format=torch.contiguous_format)) for part in arriving)
        dynamic_lstm_backward(
            kept.cells, kept.scales, flat(padded(dy, extent)), kept.history, scratch, dh, dc, gradients,
            back, extent,
        )  # fmt: skip
        pool.give(*scratch, *kept.history)
        parts = [torch.from_numpy(part).reshape(-1, hidden, LANES) for part in (dh, dc)]
        dstate = from_blocks(torch.cat(parts, 1), extent, kept.sequences)
        w_in, w_state, bias, w_out = lstm_weight_gradients(gradients, extent)
        d_scales = summed_scales(back, extent, scalers)
        dx = input_gradient_of(gradients, extent, kept.sequences)
        return dx, dstate, w_in, w_state, d_scales, bias, w_out
