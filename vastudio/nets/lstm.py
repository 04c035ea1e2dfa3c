"""The LSTM cell with its output layer, for sequences in groups that share one weight set.

    i = σ(W_i x + U_i h + b_i)      f = σ(W_f x + U_f h + b_f)
    g = tanh(W_g x + U_g h + b_g)   o = σ(W_o x + U_o h + b_o)
    c' = f·c + i·g                  h' = o·tanh(c')                 v = w_out · h'

It is to an LSTM what `gru.py` is to a GRU; the state of a sequence is h and c, one after the other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from vastudio.kernels.jit import LANES
from vastudio.kernels.training import GATES, STATE_ROWS, Extent, Gradients, whole_vectors
from vastudio.kernels.training_lstm import (
    PANEL,
    UNITS,
    LstmCells,
    LstmHistory,
    lstm_backward,
    lstm_forward,
)
from vastudio.nets.cell_layout import Weights
from vastudio.nets.recurrent import (
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


def run_lstm(x: Tensor, state: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
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
    if not runs_in_kernel(x, state.shape[1] // 2):
        return run_lstm_in_torch(x, state, weights)
    return through(_KernelLstm, _forward, with_channel(x), state, *weights[:4])


def run_lstm_in_torch(x: Tensor, state: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """The same as `run_lstm` by torch's own LSTM, group by group, on any device."""
    outputs, states = [], []
    for group, signal in enumerate(with_channel(x)):
        bias = weights.bias[group]
        flat_weights = [weights.w_in[group], weights.w_state[group], bias, torch.zeros_like(bias)]
        h_first, c_first = (part.t().unsqueeze(0).contiguous() for part in state[group].chunk(2))
        h, h_last, c_last = torch._VF.lstm(
            signal.transpose(1, 2).contiguous(), (h_first, c_first), flat_weights,
            True, 1, 0.0, False, False, False,
        )  # fmt: skip
        outputs.append(h @ weights.w_out[group])
        states.append(torch.cat([h_last[0], c_last[0]], 1).t())
    return torch.stack(outputs), torch.stack(states)


def lstm_cells(w_in: Tensor, w_state: Tensor, bias: Tensor, w_out: Tensor) -> LstmCells:
    """Arrange the weight sets for the kernel."""
    groups, hidden = w_out.shape
    parts = (w_state, bias.unsqueeze(2), w_in)
    columns = torch.cat([part.reshape(groups, GATES, hidden, -1) for part in parts], 3)
    return LstmCells(
        flat(panels(columns, UNITS)),
        flat(panels(w_state.transpose(1, 2).unsqueeze(1), STATE_ROWS)),
        flat(w_in),
        flat(w_out),
    )


class _Kept(NamedTuple):
    """What a forward pass leaves for the backward pass."""

    cells: LstmCells
    history: LstmHistory
    extent: Extent
    sequences: int


def _forward(
    x: Tensor, state: Tensor, w_in: Tensor, w_state: Tensor, bias: Tensor, w_out: Tensor, *, keep: bool
) -> tuple[Tensor, Tensor, _Kept]:
    """Run the kernel on x (G, T, I, S); without `keep` the third result has no meaning."""
    hidden, sequences = state.shape[1] // 2, x.shape[-1]
    extent = extent_of(x, hidden)
    blocks = extent.groups * extent.per_group
    cells = lstm_cells(*(part.detach() for part in (w_in, w_state, bias, w_out)))
    slots = extent.steps + 1 if keep else 2
    h_first, c_first = to_blocks(state, extent).chunk(2, 1)
    history = LstmHistory(
        column_buffer(extent, slots, h_first),
        pool.take(blocks * (extent.steps if keep else 1) * GATES * hidden * LANES),
        pool.take(blocks * slots * hidden * LANES),
    )
    columns = column_view(history.columns, extent, slots)
    size = blocks * slots * hidden * LANES
    memory = torch.from_numpy(history.memory[:size]).reshape(blocks, slots, hidden, LANES)
    memory[:, 0] = c_first
    sums = pool.take(blocks * PANEL * LANES)
    y = torch.empty(extent.groups, extent.steps, extent.per_group * LANES)
    lstm_forward(cells, flat(padded(x, extent)), history, sums, flat(y), keep, extent)
    slot = extent.steps % slots
    last = from_blocks(torch.cat([columns[:, slot, :hidden], memory[:, slot]], 1), extent, sequences)
    pool.give(sums)
    if not keep:
        pool.give(*history)
    return y[..., :sequences], last, _Kept(cells, history, extent, sequences)


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
        extent, hidden = kept.extent, kept.extent.hidden
        scratch = scratch_for(extent)
        gradients = gradients_for(extent, GATES * hidden, with_input=ctx.needs_input_grad[0])
        arriving = to_blocks(dlast, extent).chunk(2, 1)
        dh, dc = (flat(part.clone(memory_format=torch.contiguous_format)) for part in arriving)
        lstm_backward(kept.cells, flat(padded(dy, extent)), kept.history, scratch, dh, dc, gradients, extent)
        pool.give(*scratch, *kept.history)
        parts = [torch.from_numpy(part).reshape(-1, hidden, LANES) for part in (dh, dc)]
        dstate = from_blocks(torch.cat(parts, 1), extent, kept.sequences)
        return (
            input_gradient_of(gradients, extent, kept.sequences),
            dstate,
            *lstm_weight_gradients(gradients, extent),
        )


def lstm_weight_gradients(gradients: Gradients, extent: Extent) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The gradients of w_in, w_state, bias and w_out, in the order of `Weights`."""
    hidden = extent.hidden
    w_state = summed(gradients.w_state, extent, (GATES * hidden, whole_vectors(hidden)))[..., :hidden]
    ends = summed(gradients.w_input, extent, (GATES * hidden, 1 + extent.inputs))
    return ends[..., 1:], w_state, ends[..., 0], summed(gradients.w_out, extent, (hidden,))
