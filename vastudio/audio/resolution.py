"""The steps in which a signal moves: none for a model in floating point, 1/128 for one of eight bits."""

from __future__ import annotations

import math

import numpy as np

from vastudio.types import Audio

FINEST_BITS = 24.0
"""As fine as single precision at full scale; a signal without steps counts as this."""

_EVEN = 0.2
"""Least of the smallest distance between two values over the middle one, on a grid."""


def resolution_bits(x: Audio) -> float:
    """Return how many bits a converter of full scale ±1 would have that moves in the steps of `x`.

    `x` moves in steps when it takes far fewer values than it has samples and these lie on a grid: no two of
    them much closer than most. A signal that takes a single value tells nothing and counts as `FINEST_BITS`.
    """
    values = np.unique(x)
    if not 1 < values.size < x.size / 2:
        return FINEST_BITS
    gaps = np.diff(values.astype(np.float64))
    step = float(gaps.min())
    if step < _EVEN * float(np.median(gaps)):
        return FINEST_BITS
    return min(FINEST_BITS, 1.0 - math.log2(step))
