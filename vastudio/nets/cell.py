"""The recurrent cells a model can be built on, behind one description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from torch import Tensor

from vastudio.kernels.cells import Kind
from vastudio.nets import gru, lstm
from vastudio.nets.gru import GruLayout
from vastudio.nets.lstm import LstmLayout


class Parts(NamedTuple):
    """The places in θ of input weights, state weights, biases, and output layer with direct path."""

    w_in: slice
    w_state: slice
    bias: slice
    output: slice


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
    layout: GruLayout | LstmLayout
    run: Run
    run_in_torch: Run
    rest_states: Callable[[Any], Tensor]

    @property
    def parts(self) -> Parts:
        """Where everything lies in θ."""
        w_in, w_state, bias, w_out, skip = self.layout.sizes
        ends = accumulate((w_in, w_state, bias, w_out + skip), initial=0)
        return Parts(*(slice(*pair) for pair in pairwise(ends)))


def gru_cell(hidden: int) -> RecurrentCell:
    """A GRU with `hidden` units."""
    return RecurrentCell("gru", GruLayout(hidden), gru.run_gru, gru.run_gru_in_torch, gru.rest_states)


def lstm_cell(hidden: int) -> RecurrentCell:
    """An LSTM with `hidden` units."""
    return RecurrentCell("lstm", LstmLayout(hidden), lstm.run_lstm, lstm.run_lstm_in_torch, lstm.rest_states)
