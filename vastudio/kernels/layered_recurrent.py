"""A recurrent layer within a layered network: any number of inputs, one sample after another.

The gates lie side by side, each padded to whole vectors; the matrix has a column of all gates for every
input, then for every unit of the state. A GRU has four gates here: r, z, and the two parts of n, that of the
input and that of the state.
"""

from __future__ import annotations

from typing import TypeAlias

from vastudio.kernels.jit import LANES, compiled
from vastudio.kernels.layered_steps import Place
from vastudio.kernels.simd import sigmoid, sload, tanh, vfma, vload, vsplat, vstore
from vastudio.kernels.voice import Floats

Units: TypeAlias = tuple[int, int, int]
"""Units of a layer, numbers of one of its gates, and where its memory lies: h, c and the gates' sums."""

GATES = 4

LSTM, GRU = range(2)


@compiled
def _sums(state: Floats, weights: Floats, source: Place, inputs: int, units: Units, matrix: int) -> None:
    """Write all gates' sums behind h and c: biases, inputs and the state h, four vectors at a time."""
    hidden, padded, memory = units
    gates, sums = GATES * padded, memory + 2 * padded
    for v in range(0, gates, GATES * LANES):
        s0, s1 = vload(weights, matrix + v), vload(weights, matrix + v + LANES)
        s2, s3 = vload(weights, matrix + v + 2 * LANES), vload(weights, matrix + v + 3 * LANES)
        column = matrix + gates + v
        for i in range(inputs + hidden):
            where = source[0] + i * source[1] if i < inputs else memory + i - inputs
            x = vsplat(sload(state, where))
            s0, s1 = vfma(x, vload(weights, column), s0), vfma(x, vload(weights, column + LANES), s1)
            s2 = vfma(x, vload(weights, column + 2 * LANES), s2)
            s3 = vfma(x, vload(weights, column + 3 * LANES), s3)
            column += gates
        vstore(state, sums + v, s0)
        vstore(state, sums + v + LANES, s1)
        vstore(state, sums + v + 2 * LANES, s2)
        vstore(state, sums + v + 3 * LANES, s3)


@compiled
def recur(
    state: Floats, weights: Floats, kind: int, source: Place, inputs: int, target: Place, units: Units,
    matrix: int, frames: int,
) -> None:  # fmt: skip
    """Run a layer over `frames` samples of the rows at `source`; its h goes to `target`.

    The matrix begins with the biases.
    """
    hidden, padded, memory = units
    sums = memory + 2 * padded
    for t in range(frames):
        _sums(state, weights, (source[0] + t, source[1]), inputs, units, matrix)
        for v in range(0, padded, LANES):
            first, second = vload(state, sums + v), vload(state, sums + padded + v)
            third, fourth = vload(state, sums + 2 * padded + v), vload(state, sums + 3 * padded + v)
            if kind == LSTM:  # i, f, g, o
                kept = sigmoid(second) * vload(state, memory + padded + v)
                cell = vfma(sigmoid(first), tanh(third), kept)
                vstore(state, memory + padded + v, cell)
                vstore(state, memory + v, sigmoid(fourth) * tanh(cell))
            else:  # r, z, the input's part of n, the state's
                z, h = sigmoid(second), vload(state, memory + v)
                n = tanh(vfma(sigmoid(first), fourth, third))
                vstore(state, memory + v, vfma(z, h - n, n))
        for unit in range(hidden):
            state[target[0] + unit * target[1] + t] = state[memory + unit]
