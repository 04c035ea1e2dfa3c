"""One recurrent layer and a sum, brought into the form that a player wants without changing what it plays."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from vastudio.modelfile.networks.layers import GATES, Convolution, Floats, Recurrent, Sequential

SMALL = 2.0**-5
"""What the sound is multiplied by before it passes through a unit; see `skip_in_units`."""

OPEN = 30.0
"""A bias that opens a gate: σ(30) is 1 in single precision, σ(−30) next to 0."""

_PASSES = {SMALL: 4 / 3 / SMALL, 2 * SMALL: -1 / 6 / SMALL}
"""The factors of two units' sound, and what their outputs are multiplied by."""


class Cell(NamedTuple):
    """The parts of such a network: `skip` is what the sound is multiplied by and added to the output."""

    layer: Recurrent
    head: Convolution
    skip: float

    @property
    def bias(self) -> Floats:
        """Of the sum, shape (1,)."""
        return np.zeros(1, np.float32) if self.head.bias is None else self.head.bias


def single(network: Sequential | None) -> Cell | None:
    """The parts of a network that is one recurrent layer and a sum; None for any other."""
    if network is None or len(network.layers) != 2:
        return None
    layer, head = network.layers
    if (
        isinstance(layer, Recurrent)
        and isinstance(head, Convolution)
        and head.weight.shape == (1, layer.hidden, 1)
    ):
        return Cell(layer, head, network.skip)
    return None


def padded(cell: Cell, hidden: int) -> Cell:
    """The same with `hidden` units: those that are added have no weights, stay at 0 and do nothing."""
    layer, gates, more = cell.layer, GATES[cell.layer.cell], hidden - cell.layer.hidden

    def rows(numbers: Floats) -> Floats:
        parts = numbers.reshape(gates, layer.hidden, -1)
        wide = np.pad(parts, ((0, 0), (0, more), (0, 0)))
        return wide.reshape(gates * hidden, *numbers.shape[1:])

    w_hh = np.pad(rows(layer.w_hh), ((0, 0), (0, more)))
    wide = Recurrent(layer.cell, rows(layer.w_ih), w_hh, rows(layer.b_ih), rows(layer.b_hh))
    head = replace(cell.head, weight=np.pad(cell.head.weight, ((0, 0), (0, more), (0, 0))))
    return Cell(wide, head, cell.skip)


def skip_in_units(cell: Cell, remaining: float) -> Cell:
    """The same with `remaining` as its skip: two more units pass the rest of the sound.

    A unit whose gates are held open puts out f(εx), where f is tanh, in an LSTM tanh twice. Two of them, with
    ε and 2ε, cancel the cubic term: (4·f(εx) − f(2εx)/2) / 3ε is x to within 2.4·ε⁴·x⁵. A smaller ε would be
    closer, but multiply the rounding of a player's tanh.
    """
    hidden, missing = cell.layer.hidden, cell.skip - remaining
    wide = padded(cell, hidden + len(_PASSES))
    layer, weight = wide.layer, wide.head.weight.copy()
    w_ih, b_ih = layer.w_ih.copy(), layer.b_ih.copy()
    units = layer.hidden
    for unit, (factor, gain) in enumerate(_PASSES.items(), hidden):
        for gate, bias in enumerate(_HELD[layer.cell]):
            b_ih[gate * units + unit] = bias
        w_ih[_SOUND[layer.cell] * units + unit, 0] = factor
        weight[0, unit, 0] = gain * missing
    return Cell(replace(layer, w_ih=w_ih, b_ih=b_ih), replace(wide.head, weight=weight), remaining)


_HELD = {"gru": (0.0, -OPEN, 0.0), "lstm": (OPEN, -OPEN, 0.0, OPEN)}
"""The biases that let a unit pass what it hears: a GRU keeps nothing, an LSTM takes all and shows all."""

_SOUND = {"gru": 2, "lstm": 2}
"""The gate that hears the sound: n of r, z, n; g of i, f, g, o."""
