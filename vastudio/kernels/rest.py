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
from vastudio.kernels.gru import (
    NOW,
    OFFSET,
    REST,
    SECTIONS,
    Floats,
    gru_process,
    new_voice,
    pack,
    padded,
    rest_voice,
)
from vastudio.kernels.memory import aligned

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
        self.packed = pack(cell)
        self._hidden, self._width = cell.hidden, padded(cell.hidden)
        self._voice = new_voice(cell.hidden)
        self._state = aligned(2 * self._width, np.float32)

    def __call__(self, samples: int) -> Floats:
        """Run and return the output (samples,)."""
        out = np.zeros(samples, np.float32)
        gru_process(out, out, samples, self.packed, self.packed, self._state, self._voice)
        return out

    @property
    def state(self) -> Doubles:
        """Where the cell is, (H,)."""
        now = self._voice[NOW]
        return self._state[now : now + self._hidden].astype(np.float64)

    def rest_at(self, state: Doubles) -> None:
        """Write a rest state into the packed weights and go there."""
        at = REST * self._width
        self.packed[at : at + self._hidden] = state
        rest_voice(self.packed, self._state, self._voice)

    def subtract(self, output: Floats) -> None:
        """Let the offset cancel the mean of an output."""
        self.packed[SECTIONS * self._width + OFFSET] = -np.mean(output, dtype=np.float64)


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
    """The state (H,) a cell settles to at zero input; where it was after a while if it never does."""
    run = _Silence(cell)
    run(APPROACH)
    start = run.state
    found = _solve(cell, start)
    return start if found is None else found


def _solve(cell: CellWeights, start: Doubles) -> Doubles | None:
    """Follow the cell from `start` to where h = F(h); None where it gets nowhere."""
    parts = _Parts.of(cell)
    h, length = start, float(APPROACH)
    for _ in range(MOST_STEPS):
        image, jacobian = parts.step(h)
        try:
            move = np.linalg.solve((1 + 1 / length) * np.eye(h.size) - jacobian, image - h)
        except np.linalg.LinAlgError:
            return None
        h = np.clip(h + move, -1.0, 1.0)
        if length >= LONG and float(np.abs(move).max()) <= TOLERANCE:
            return h
        length = min(GROWTH * length, LONG)
    return None


class _Parts(NamedTuple):
    """The state side of a cell in double precision: what is left of it at zero input."""

    w_r: Doubles
    w_z: Doubles
    w_n: Doubles
    bias: Doubles

    @classmethod
    def of(cls, cell: CellWeights) -> _Parts:
        w_r, w_z, w_n = cell.w_hh.astype(np.float64).reshape(3, cell.hidden, cell.hidden)
        return cls(w_r, w_z, w_n, cell.bias.astype(np.float64).reshape(4, cell.hidden))

    def step(self, h: Doubles) -> tuple[Doubles, Doubles]:
        """Return F(h) (H,) and its Jacobian (H, H)."""
        b_r, b_z, b_n, b_m = self.bias
        r, z = _sigmoid(self.w_r @ h + b_r), _sigmoid(self.w_z @ h + b_z)
        m = self.w_n @ h + b_m
        n = np.tanh(b_n + r * m)
        through_n = ((1 - z) * (1 - n * n))[:, None] * (
            r[:, None] * self.w_n + (m * r * (1 - r))[:, None] * self.w_r
        )
        through_z = ((h - n) * z * (1 - z))[:, None] * self.w_z
        return (1 - z) * n + z * h, np.diag(z) + through_z + through_n


def _sigmoid(x: Doubles) -> Doubles:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
