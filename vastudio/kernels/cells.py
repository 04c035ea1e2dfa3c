"""What a recurrent cell is made of, before any kernel packs it for speed.

A model with knobs is a map from knob positions to one of these weight sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

GATES = 3

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class CellWeights:
    """A GRU with one input, its output layer and the direct path, for one knob position.

    With torch's gate order r, z, n (H units):

        r  = σ(w_ir·x + W_hr·h + b_r)            z = σ(w_iz·x + W_hz·h + b_z)
        n  = tanh(w_in·x + b_in + r·(W_hn·h + b_hn))
        h' = (1 − z)·n + z·h                     y = w_out·(h' − h_rest) + skip·x

    where h_rest is the state that the cell settles to at zero input, so that silence stays silence.

    Attributes
    ----------
    w_ih:
        Shape (3H,).
    w_hh:
        Shape (3H, H).
    bias:
        Shape (4H,): b_r, b_z (input and state side added), b_in, b_hn.
    w_out:
        Shape (H,).
    """

    kind: Literal["gru"]
    w_ih: Floats
    w_hh: Floats
    bias: Floats
    w_out: Floats
    skip: float

    @property
    def hidden(self) -> int:
        """Number of units H."""
        return self.w_out.size

    @classmethod
    def from_flat(cls, numbers: Floats, hidden: int) -> CellWeights:
        """Cut the concatenation [w_ih | w_hh by rows | bias | w_out | skip], shape (flat_size(hidden),)."""
        rows = GATES * hidden
        w_ih, w_hh, bias, w_out, skip = np.split(
            numbers, np.cumsum([rows, rows * hidden, 4 * hidden, hidden])
        )
        return cls("gru", w_ih, w_hh.reshape(rows, hidden), bias, w_out, float(skip[0]))


def flat_size(hidden: int) -> int:
    """How many numbers a weight set of `hidden` units holds."""
    return GATES * hidden + GATES * hidden * hidden + 4 * hidden + hidden + 1
