"""The rest state: where a cell stands when nothing is played, and the output it would have there.

Silence stays silence because playing starts in that state and its output is subtracted. It has to be exact
to the last bit that a float32 cell can resolve, and found while a knob turns:

1. The playing kernel runs from zero for a while, so that of several rest states the one is taken that the
   cell goes to by itself.
2. Implicit steps in double precision, each four times as long as the one before, go the rest of the way
   (pseudo-transient continuation: Kelley & Keyes, SIAM J. Numer. Anal. 35, 1998). They follow the path of
   the cell and end as Newton's method. A cell with a slow unit would need millions of samples for it; this
   needs some twenty small linear systems.
3. The kernel runs on from there. In single precision a cell does not stand still but trembles in the last
   bits; the offset is the mean of the trembling, not one sample of it.

A cell that leaves the point again oscillates by itself (a limit cycle). Its rest state is then where it is
after about a second, its offset the mean of its output: silence leaves the oscillation, free of DC.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vastudio.kernels.cells import CellWeights
from vastudio.kernels.recurrent import layout, program
from vastudio.kernels.recurrent_glide import NOW
from vastudio.kernels.voice import Floats, Voice

Doubles = npt.NDArray[np.float64]

APPROACH = 512
"""Samples from zero to the neighbourhood of the rest state."""

MOST_STEPS = 40
GROWTH = 4.0
LONG = 1e12
"""Samples: a step of this length is one of Newton's method."""

TOLERANCE = 1e-12

WATCH = 512
"""Samples over which the cell is watched, and its output averaged."""

TREMBLING = 1e-4
"""A unit that moves further than this while watched does not rest."""

LIMIT_CYCLE_RUN = 48_000


class Settled(NamedTuple):
    """A packed weight set with its rest state and offset, and whether the cell stands still there."""

    packed: Floats
    converged: bool


class _Silence:
    """The playing kernel, fed with silence."""

    def __init__(self, cell: CellWeights) -> None:
        self._layout = layout(cell.kind, cell.hidden, cell.scalers)
        self.packed = self._layout.pack(cell)
        self._voice = Voice(program(cell.kind, cell.hidden, cell.scalers), self.packed)

    def __call__(self, samples: int) -> Floats:
        """Run and return the output (samples,)."""
        return self._voice.process(np.zeros(samples, np.float32), samples)

    @property
    def state(self) -> Doubles:
        """Where the cell is: h (H,), or h and c (2H,)."""
        return self._layout.unpack_state(self._voice.state, int(self._voice.numbers[NOW]))

    def rest_at(self, state: Doubles) -> None:
        """Write a rest state into the packed weights and go there."""
        self._layout.set_rest(self.packed, state)
        self._voice.jump_to(self.packed)

    def subtract(self, output: Floats) -> None:
        """Let the offset cancel the mean of an output."""
        self._layout.set_offset(self.packed, -float(np.mean(output, dtype=np.float64)))


def settled(cell: CellWeights) -> Settled:
    """Pack a weight set for the kernel and find its rest state."""
    run = _Silence(cell)
    run(APPROACH)
    start = run.state
    found = _solve(cell, start)
    run.rest_at(start if found is None else found)
    run(WATCH)
    converged = found is not None and bool(np.abs(run.state - found).max() <= TREMBLING)
    if not converged:
        run.rest_at(start)
        run(LIMIT_CYCLE_RUN)
    run.rest_at(run.state)
    run.subtract(run(WATCH if converged else LIMIT_CYCLE_RUN))
    return Settled(run.packed, converged)


def rest_state(cell: CellWeights) -> Doubles:
    """The state a cell settles to at zero input; where it was after a while if it never does.

    Shape (H,) for a GRU; (2H,), h and c, for an LSTM.
    """
    run = _Silence(cell)
    run(APPROACH)
    start = run.state
    found = _solve(cell, start)
    return start if found is None else found


def _solve(cell: CellWeights, start: Doubles) -> Doubles | None:
    """Follow the cell from `start` to where its state s = F(s); None where it gets nowhere."""
    parts = _Parts.of(cell)
    step = parts.gru if cell.kind == "gru" else parts.lstm
    state, length = start, float(APPROACH)
    for _ in range(MOST_STEPS):
        image, jacobian = step(state)
        try:
            move = np.linalg.solve((1 + 1 / length) * np.eye(state.size) - jacobian, image - state)
        except np.linalg.LinAlgError:
            return None
        state = state + move
        np.clip(state[: cell.hidden], -1.0, 1.0, out=state[: cell.hidden])
        if length >= LONG and float(np.abs(move).max()) <= TOLERANCE * max(1.0, float(np.abs(state).max())):
            return state
        length = min(GROWTH * length, LONG)
    return None


class _Sums(NamedTuple):
    """What enters the gates: `scale` (H,) times a sum (H,), by gate.

    Both are affine in h; the slope of the product is scale·slope + sum·slope_of_scale.
    """

    scale: Doubles
    slope_of_scale: Doubles
    sum: Doubles
    slope: Doubles

    @property
    def value(self) -> Doubles:
        """The product (H,)."""
        return self.scale * self.sum

    @property
    def jacobian(self) -> Doubles:
        """Its derivative by h, (H, H)."""
        return self.scale[:, None] * self.slope + self.sum[:, None] * self.slope_of_scale


class _Parts(NamedTuple):
    """The state side of a cell in double precision: what is left of it at zero input."""

    w: Doubles  # (gates, H, H)
    bias: Doubles  # (4, H)
    scales: Doubles  # (gates, H, H): D with zeros for the units that scale nothing

    @classmethod
    def of(cls, cell: CellWeights) -> _Parts:
        hidden = cell.hidden
        w = cell.w_hh.astype(np.float64).reshape(-1, hidden, hidden)
        scales = np.zeros_like(w)
        if cell.scales is not None:
            scales[:, :, hidden - cell.scalers :] = cell.scales.reshape(-1, hidden, cell.scalers)
        return cls(w, cell.bias.astype(np.float64).reshape(-1, hidden), scales)

    def sums(self, h: Doubles) -> list[_Sums]:
        """What enters each gate at the state h; the last bias of a GRU is that of its third gate."""
        gates = len(self.w)
        biases = self.bias if gates == len(self.bias) else self.bias[[0, 1, 3]]
        parts = zip(self.w, biases, self.scales, strict=True)
        return [_Sums(1 + scales @ h, scales, w @ h + bias, w) for w, bias, scales in parts]

    def gru(self, h: Doubles) -> tuple[Doubles, Doubles]:
        """Return F(h) (H,) and its Jacobian (H, H)."""
        to_r, to_z, to_m = self.sums(h)
        r, z, m = _sigmoid(to_r.value), _sigmoid(to_z.value), to_m.sum
        slope = r[:, None] * to_m.slope + (m * r * (1 - r))[:, None] * to_r.jacobian
        to_n = _Sums(to_m.scale, to_m.slope_of_scale, self.bias[2] + r * m, slope)
        n = np.tanh(to_n.value)
        through_n = ((1 - z) * (1 - n * n))[:, None] * to_n.jacobian
        through_z = ((h - n) * z * (1 - z))[:, None] * to_z.jacobian
        return (1 - z) * n + z * h, np.diag(z) + through_z + through_n

    def lstm(self, state: Doubles) -> tuple[Doubles, Doubles]:
        """Return F(h, c) (2H,) and its Jacobian (2H, 2H)."""
        h, c = np.split(state, 2)
        sums = self.sums(h)
        by_i, by_f, by_g, by_o = (part.jacobian for part in sums)
        u_i, u_f, u_g, u_o = (part.value for part in sums)
        i, f, g, o = _sigmoid(u_i), _sigmoid(u_f), np.tanh(u_g), _sigmoid(u_o)
        cell = f * c + i * g
        t = np.tanh(cell)
        cell_by_h = (
            (c * f * (1 - f))[:, None] * by_f
            + (g * i * (1 - i))[:, None] * by_i
            + (i * (1 - g * g))[:, None] * by_g
        )
        open_ = o * (1 - t * t)
        h_by_h = open_[:, None] * cell_by_h + (t * o * (1 - o))[:, None] * by_o
        jacobian = np.block([[h_by_h, np.diag(open_ * f)], [cell_by_h, np.diag(f)]])
        return np.concatenate([o * t, cell]), jacobian


def _sigmoid(x: Doubles) -> Doubles:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
