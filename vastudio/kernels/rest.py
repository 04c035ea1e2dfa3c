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
        self._layout = layout(cell.kind, cell.hidden)
        self.packed = self._layout.pack(cell)
        self._voice = Voice(program(cell.kind, cell.hidden), self.packed)

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


class _Parts(NamedTuple):
    """The state side of a cell in double precision: what is left of it at zero input."""

    w: Doubles
    bias: Doubles

    @classmethod
    def of(cls, cell: CellWeights) -> _Parts:
        hidden = cell.hidden
        w = cell.w_hh.astype(np.float64).reshape(-1, hidden, hidden)
        return cls(w, cell.bias.astype(np.float64).reshape(-1, hidden))

    def gru(self, h: Doubles) -> tuple[Doubles, Doubles]:
        """Return F(h) (H,) and its Jacobian (H, H)."""
        (w_r, w_z, w_n), (b_r, b_z, b_n, b_m) = self.w, self.bias
        r, z = _sigmoid(w_r @ h + b_r), _sigmoid(w_z @ h + b_z)
        m = w_n @ h + b_m
        n = np.tanh(b_n + r * m)
        through_n = ((1 - z) * (1 - n * n))[:, None] * (r[:, None] * w_n + (m * r * (1 - r))[:, None] * w_r)
        through_z = ((h - n) * z * (1 - z))[:, None] * w_z
        return (1 - z) * n + z * h, np.diag(z) + through_z + through_n

    def lstm(self, state: Doubles) -> tuple[Doubles, Doubles]:
        """Return F(h, c) (2H,) and its Jacobian (2H, 2H)."""
        w_i, w_f, w_g, w_o = self.w
        h, c = np.split(state, 2)
        u_i, u_f, u_g, u_o = self.w @ h + self.bias
        i, f, g, o = _sigmoid(u_i), _sigmoid(u_f), np.tanh(u_g), _sigmoid(u_o)
        cell = f * c + i * g
        t = np.tanh(cell)
        cell_by_h = (
            (c * f * (1 - f))[:, None] * w_f
            + (g * i * (1 - i))[:, None] * w_i
            + (i * (1 - g * g))[:, None] * w_g
        )
        open_ = o * (1 - t * t)
        h_by_h = open_[:, None] * cell_by_h + (t * o * (1 - o))[:, None] * w_o
        jacobian = np.block([[h_by_h, np.diag(open_ * f)], [cell_by_h, np.diag(f)]])
        return np.concatenate([o * t, cell]), jacobian


def _sigmoid(x: Doubles) -> Doubles:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
