"""Ramps at the ends of a signal, for loops that must not click where they begin again."""

from __future__ import annotations

import numpy as np

from vastudio.types import Audio


def faded_ends(x: Audio, frames: int) -> Audio:
    """Return `x` with raised-cosine ramps of `frames` at both ends, as the player fades a loop's seam.

    Where the ramps are longer than half of `x` they are cut off, not overlaid.
    """
    if frames < 1:
        return x
    places = np.arange(x.size)
    edge = np.minimum(places, places[::-1])
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.minimum(edge, frames) + 0.5) / frames)
    return np.where(edge < frames, x * ramp, x).astype(np.float32)
