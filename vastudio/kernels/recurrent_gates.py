"""The gate functions of GRU and LSTM: from the sums of a chunk's units to their new state.

Sums come one gate after another, and whatever can be computed is written at once, so that it runs beside the
columns of the gates that are still to come. They are scaled: σ = 1/d and tanh = (d − 2)/d with d = 1 + 2^sum.
Divisions keep the processor busy for longest, so fractions are brought on one denominator. No product of
two d overflows (see `Emitter.one_plus_exp2`).
"""

from __future__ import annotations

from collections.abc import Callable

from vastudio.kernels.emit import Emitter, Value
from vastudio.kernels.recurrent_layout import TANH_SCALE


class Gru:
    """h' = z·h + (1 − z)·tanh(x + r·n), n the sum of the third gate's state side, x of its input side."""

    def __init__(self, emit: Emitter, h: Value, x: Callable[[], Value]) -> None:
        self._emit, self._h, self._x = emit, h, x
        self._sums: dict[str, Value] = {}
        self._d: dict[str, Value] = {}

    def add(self, gate: str, total: Value) -> Value | None:
        """Take the sum of gate r, z or n; return the new state if it was the last of them."""
        emit, d = self._emit, self._d
        self._sums[gate] = total
        if gate != "n":
            d[gate] = emit.one_plus_exp2(total)
        if "tanh" not in d and {"r", "n"} <= self._sums.keys():
            d["tanh"] = emit.one_plus_exp2(emit.add(self._x(), emit.div(self._sums["n"], d["r"])))
        return self._state() if len(self._sums) == 3 else None

    def _state(self) -> Value:
        """h/d_z + (1 − 1/d_z)·(d − 2)/d = (d·(h + e) − 2e) / (d_z·d), where e = d_z − 1."""
        emit, d, d_z = self._emit, self._d["tanh"], self._d["z"]
        e = emit.sub(d_z, emit.splat(1.0))
        above = emit.fma(d, emit.add(self._h, e), emit.mul(emit.splat(-2.0), e))
        return emit.div(above, emit.mul(d_z, d))


class Lstm:
    """c' = f·c + i·tanh(g), h' = o·tanh(c'). The cell is kept in memory, scaled as the sum of a tanh gate."""

    def __init__(self, emit: Emitter, cell_at: Value) -> None:
        self._emit, self._cell_at = emit, cell_at
        self._d: dict[str, Value] = {}

    def add(self, gate: str, total: Value) -> Value | None:
        """Take the sum of gate i, f, g or o; return the new state if it was the last of them."""
        emit, d = self._emit, self._d
        d[gate] = emit.one_plus_exp2(total)
        if gate == "f":
            d["kept"] = emit.div(emit.load(self._cell_at, 0, 4 * emit.lanes), d["f"])
        if "cell" not in d and {"i", "f", "g"} <= d.keys():
            d["cell"] = emit.one_plus_exp2(self._next_cell())
        if not {"cell", "o"} <= d.keys():
            return None
        return emit.div(emit.sub(d["cell"], emit.splat(2.0)), emit.mul(d["o"], d["cell"]))

    def _next_cell(self) -> Value:
        """c/d_f + (d_g − 2)/(d_i·d_g); the first division by itself: exact where the forget gate is open."""
        emit, d = self._emit, self._d
        above = emit.fma(d["g"], emit.splat(TANH_SCALE), emit.splat(-2.0 * TANH_SCALE))
        cell = emit.add(d["kept"], emit.div(above, emit.mul(d["i"], d["g"])))
        emit.store(cell, self._cell_at, 0, 4 * emit.lanes)
        return cell
