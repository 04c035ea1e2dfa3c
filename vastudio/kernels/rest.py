"""The rest state: where a cell stands when nothing is played, and the output it would have there.

Silence stays silence because playing starts in that state and its output is subtracted. It has to be exact
to the last bit that a float32 cell can resolve, and found while a knob turns:

1. The playing kernel runs from zero for a while, so that of several rest states the one is taken that the
   cell goes to by itself.
2. Newton's method in double precision goes the rest of the way. A cell with a slow unit would need a
   hundred thousand samples for it; this needs a handful of small linear systems.
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
LARGEST_STEP = 0.5
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


def settled(cell: CellWeights) -> Settled:
    """Pack a weight set for the kernel and find its rest state."""
    packed, hidden, width = pack(cell), cell.hidden, padded(cell.hidden)
    state, voice = aligned(2 * width, np.float32), new_voice(hidden)

    def run(samples: int) -> Floats:
        """Feed silence; return the output."""
        out = np.zeros(samples, np.float32)
        gru_process(out, out, samples, packed, packed, state, voice)
        return out

    def now() -> Doubles:
        return state[voice[NOW] : voice[NOW] + hidden].astype(np.float64)

    def put(rest: Doubles) -> None:
        packed[REST * width : REST * width + hidden] = rest
        rest_voice(packed, state, voice)

    run(APPROACH)
    start = now()
    found = _solve(cell, start)
    put(start if found is None else found)
    run(WATCH)
    converged = found is not None and bool(np.abs(now() - found).max() <= TREMBLING)
    if not converged:
        put(start)
        run(LIMIT_CYCLE_RUN)
    put(now())
    packed[SECTIONS * width + OFFSET] = -np.mean(
        run(WATCH if converged else LIMIT_CYCLE_RUN), dtype=np.float64
    )
    return Settled(packed, converged)


def _solve(cell: CellWeights, start: Doubles) -> Doubles | None:
    """Find h = F(h) near `start` by Newton's method; None where it runs away."""
    parts = _Parts.of(cell)
    h = start
    for _ in range(MOST_STEPS):
        image, jacobian = parts.step(h)
        try:
            move = np.linalg.solve(np.eye(h.size) - jacobian, image - h)
        except np.linalg.LinAlgError:
            return None
        largest = float(np.abs(move).max())
        if not largest < LARGEST_STEP:
            return None
        h = h + move
        if largest <= TOLERANCE:
            return h
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
