"""What a recurrent cell is made of, before any kernel packs it for speed.

A model with knobs is a map from knob positions to one of these weight sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Kind: TypeAlias = Literal["gru", "lstm"]

GATE_COUNT: dict[Kind, int] = {"gru": 3, "lstm": 4}

BIASES = 4
"""Bias vectors of a cell: the GRU has two for its third gate."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class CellWeights:
    """A GRU or LSTM with one input, its output layer and the direct path, for one knob position.

    With torch's gate order and H units, the GRU (r, z, n) is

        r  = σ(w_ir·x + W_hr·h + b_r)            z = σ(w_iz·x + W_hz·h + b_z)
        n  = tanh(w_in·x + b_in + r·(W_hn·h + b_hn))
        h' = (1 − z)·n + z·h

    and the LSTM (i, f, g, o)

        i  = σ(w_ii·x + W_hi·h + b_i)            f = σ(w_if·x + W_hf·h + b_f)
        g  = tanh(w_ig·x + W_hg·h + b_g)         o = σ(w_io·x + W_ho·h + b_o)
        c' = f·c + i·g                           h' = o·tanh(c')

    The output is y = w_out·(h' − h_rest) + skip·x, where h_rest is the state that the cell settles to at zero
    input, so that silence stays silence.

    In a *dynamic* cell the last M units, the scalers, scale what enters the gates: with d = 1 + D·h[H − M:],
    one factor for every row of W, every gate becomes σ(d·(…)) or tanh(d·(…)) of the sum above.

    Attributes
    ----------
    w_ih:
        Shape (G·H,), G gates.
    w_hh:
        Shape (G·H, H).
    bias:
        Shape (4H,). GRU: b_r, b_z (input and state side added), b_in, b_hn. LSTM: b_i, b_f, b_g, b_o, input
        and state side added.
    w_out:
        Shape (H,).
    scales:
        D, shape (G·H, M), or None where nothing is scaled.
    """

    kind: Kind
    w_ih: Floats
    w_hh: Floats
    bias: Floats
    w_out: Floats
    skip: float
    scales: Floats | None = None

    @property
    def scalers(self) -> int:
        """Number of units M that scale the gates; 0 in a static cell."""
        return 0 if self.scales is None else self.scales.shape[1]

    @property
    def hidden(self) -> int:
        """Number of units H."""
        return self.w_out.size

    @classmethod
    def from_flat(cls, numbers: Floats, hidden: int, kind: Kind = "gru", scalers: int = 0) -> CellWeights:
        """Cut the numbers [w_ih | w_hh by rows | scales by rows | bias | w_out | skip].

        Their shape is (flat_size(hidden, kind, scalers),).
        """
        rows = GATE_COUNT[kind] * hidden
        w_ih, w_hh, scales, bias, w_out, skip = np.split(
            numbers, np.cumsum([rows, rows * hidden, rows * scalers, BIASES * hidden, hidden])
        )
        dynamic = scales.reshape(rows, scalers) if scalers else None
        return cls(kind, w_ih, w_hh.reshape(rows, hidden), bias, w_out, float(skip[0]), dynamic)


def flat_size(hidden: int, kind: Kind = "gru", scalers: int = 0) -> int:
    """How many numbers a weight set of `hidden` units, of which `scalers` scale the gates, holds."""
    return GATE_COUNT[kind] * hidden * (1 + hidden + scalers) + BIASES * hidden + hidden + 1


def at_knobs(
    kind: Kind,
    w_ih: npt.NDArray[np.floating],
    w_hh: npt.NDArray[np.floating],
    bias: npt.NDArray[np.floating],
    w_out: npt.NDArray[np.floating],
    skip: float,
    knobs: npt.NDArray[np.floating],
) -> CellWeights:
    """Return the cell with one input that a cell with knobs among its inputs is while these stand still.

    Knobs that enter every sample beside the sound add W_k·c to the sums of the gates: a bias. They cost
    nothing while nobody turns them.

    Parameters
    ----------
    w_ih:
        Shape (G·H, 1 + K): the column of the sound, then those of the K knobs.
    bias:
        Shape (4H,), as in `CellWeights`.
    knobs:
        The knob inputs c, shape (K,), scaled as in training.

    The other parameters are those of `CellWeights`.
    """
    sound, turned = np.asarray(w_ih, np.float64)[:, 0], np.asarray(w_ih, np.float64)[:, 1:]
    total = np.array(bias, np.float64)
    total[: turned.shape[0]] += turned @ np.asarray(knobs, np.float64)
    return CellWeights(
        kind,
        sound.astype(np.float32),
        np.asarray(w_hh, np.float32),
        total.astype(np.float32),
        np.asarray(w_out, np.float32),
        skip,
    )
