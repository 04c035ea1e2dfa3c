"""Sample-rate conversion."""

from __future__ import annotations

import numpy as np
import soxr

from vastudio.types import Audio


def resample(x: Audio, from_rate: int, to_rate: int) -> Audio:
    """Convert mono audio between rates in Hz (soxr, very high quality, linear phase, no delay)."""
    if from_rate == to_rate:
        return x
    return np.asarray(soxr.resample(x, from_rate, to_rate, quality="VHQ"), dtype=np.float32)
