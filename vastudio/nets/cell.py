"""The recurrent cells a model can be built on, behind one description."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor

from vastudio.kernels.cells import Kind
from vastudio.nets import gru, lstm
from vastudio.nets.cell_layout import CellLayout, rest_states
from vastudio.nets.dynamic import DynamicLayout


class Parts(NamedTuple):
    """The places in θ of input weights, state weights, biases, and output layer with direct path."""

    w_in: slice
    w_state: slice
    bias: slice
    output: slice


LONGEST_MEMORY = 300.0
"""Samples: the time constant of the slowest unit at the start, 6 ms at 48 kHz."""

Layout: TypeAlias = CellLayout | DynamicLayout
"""Where the parts of a cell lie in θ."""

Run = Callable[[Tensor, Tensor, Any], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class RecurrentCell:
    """A cell of some size.

    Attributes
    ----------
    layout:
        Where the parts of the cell lie in the flat vector θ.
    run, run_in_torch:
        (x (G, T, S), state (G, A, S), weights) → output (G, T, S) without the direct path, last state.
        The second is torch's own cell, on any device.
    rest_states:
        weights → the states (G, A) that the groups settle to at zero input.
    """

    kind: Kind
    layout: Layout
    run: Run
    run_in_torch: Run
    rest_states: Callable[[Any], Tensor]

    @property
    def parts(self) -> Parts:
        """Where everything lies in θ."""
        w_in, w_state, bias, w_out, skip = self.layout.sizes
        ends = accumulate((w_in, w_state, bias, w_out + skip), initial=0)
        return Parts(*(slice(*pair) for pair in pairwise(ends)))

    def initial(self) -> Tensor:
        """A θ to start training from: the layout's, with time constants spread over the units.

        The update gate of a GRU and the forget gate of an LSTM begin open for 1.5 to `LONGEST_MEMORY`
        samples, evenly on a logarithmic scale (Tallec & Ollivier, *Can recurrent neural networks warp
        time?*, ICLR 2018). A tone stack and its coupling capacitors remember that long; units that begin
        with a memory of four samples need thousands of updates to grow one.
        """
        theta, hidden = self.layout.initial(), self.layout.hidden
        memory = torch.linspace(math.log(1.5), math.log(LONGEST_MEMORY), hidden)
        first = self.parts.bias.start
        theta[first + hidden : first + 2 * hidden] = memory
        if self.kind == "lstm":
            theta[first : first + hidden] = -memory
        return theta


def gru_cell(hidden: int) -> RecurrentCell:
    """A GRU with `hidden` units."""
    return _cell("gru", hidden, gru.run_gru, gru.run_gru_in_torch)


def lstm_cell(hidden: int) -> RecurrentCell:
    """An LSTM with `hidden` units."""
    return _cell("lstm", hidden, lstm.run_lstm, lstm.run_lstm_in_torch)


def _cell(kind: Kind, hidden: int, run: Run, run_in_torch: Run) -> RecurrentCell:
    return RecurrentCell(kind, CellLayout(kind, hidden), run, run_in_torch, partial(rest_states, kind))
