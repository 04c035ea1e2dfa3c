"""Ramps at the ends of a signal, for loops that must not click where they begin again."""

from __future__ import annotations

import numpy as np

from vastudio.types import Audio

SEAM_SECONDS = 0.003
INAUDIBLE = 1e-3
"""−60 dBFS: ends below need no ramp."""


def without_seam(x: Audio, rate: int) -> Audio:
    """Return `x` with raised-cosine ramps of 3 ms at both ends, unless both ends are silent already."""
    frames = min(round(SEAM_SECONDS * rate), x.size // 2)
    if frames < 1 or max(abs(float(x[0])), abs(float(x[-1]))) < INAUDIBLE:
        return x
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(frames) + 0.5) / frames)).astype(np.float32)
    faded = x.copy()
    faded[:frames] *= ramp
    faded[-frames:] *= ramp[::-1]
    return faded
