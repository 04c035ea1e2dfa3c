"""One recurrent layer and a sum, brought into the form that a player wants without changing what it plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vastudio.modelfile.networks.layers import GATES, Convolution, Floats, Recurrent, Sequential
from vastudio.modelfile.networks.layers import Cell as CellKind

Doubles = npt.NDArray[np.float64]

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


def constant_in_units(cell: Cell, positions: Doubles, constants: Doubles) -> Cell:
    """The same with an output that the knobs shift: units that hear nothing but the knobs add it up.

    Their gates are held open as in `skip_in_units`, so that each puts out f(a·p + b) for the knobs p. Slopes
    and centres are drawn at random, their sum is fitted, and the best of some draws is kept.

    Parameters
    ----------
    positions:
        Of the knobs in 0..1, shape (N, K).
    constants:
        What is to be added to the output there, shape (N,).
    """
    squash = _SQUASH[cell.layer.cell]
    best = min(
        (_fit(seed, positions, constants, squash) for seed in range(_DRAWS)), key=lambda fit: fit.error
    )
    hidden = cell.layer.hidden
    wide = padded(cell, hidden + _CONSTANT_UNITS)
    layer, units = wide.layer, wide.layer.hidden
    w_ih, b_ih, weight = layer.w_ih.copy(), layer.b_ih.copy(), wide.head.weight.copy()
    for gate, bias in enumerate(_HELD[layer.cell]):
        b_ih[gate * units + hidden : (gate + 1) * units] = bias
    heard = slice(_SOUND[layer.cell] * units + hidden, (_SOUND[layer.cell] + 1) * units)
    w_ih[heard, 1:], b_ih[heard] = best.slopes, best.shifts
    weight[0, hidden:, 0] = best.gains[:-1]
    bias = (wide.bias + best.gains[-1]).astype(np.float32)
    return Cell(replace(layer, w_ih=w_ih, b_ih=b_ih), replace(wide.head, weight=weight, bias=bias), cell.skip)


_CONSTANT_UNITS = 8
_DRAWS = 200

_SQUASH: dict[CellKind, Callable[[Doubles], Doubles]] = {
    "gru": lambda x: np.asarray(np.tanh(x)),
    "lstm": lambda x: np.asarray(np.tanh(np.tanh(x))),
}


class _Fit(NamedTuple):
    """Σ gains·f(slopes·p + shifts) + the last gain, and how far it is off at worst."""

    slopes: Doubles
    shifts: Doubles
    gains: Doubles
    error: float


def _fit(seed: int, positions: Doubles, constants: Doubles, squash: Callable[[Doubles], Doubles]) -> _Fit:
    rng = np.random.default_rng(seed)
    slopes = 2.0 * rng.normal(size=(_CONSTANT_UNITS, positions.shape[1]))
    shifts = -np.sum(slopes * rng.uniform(size=slopes.shape), axis=1)
    features = np.column_stack([squash(positions @ slopes.T + shifts), np.ones(len(positions))])
    gains = np.linalg.lstsq(features, constants, rcond=1e-4)[0]
    error = float(np.abs(features @ gains - constants).max())
    return _Fit(slopes, np.asarray(shifts, np.float64), np.asarray(gains, np.float64), error)


_HELD = {"gru": (0.0, -OPEN, 0.0), "lstm": (OPEN, -OPEN, 0.0, OPEN)}
"""The biases that let a unit pass what it hears: a GRU keeps nothing, an LSTM takes all and shows all."""

_SOUND = {"gru": 2, "lstm": 2}
"""The gate that hears the sound: n of r, z, n; g of i, f, g, o."""
