"""What the manifest keeps of every clip: its alignment and its levels."""

from __future__ import annotations

import math

import numpy as np

from vastudio.audio import level
from vastudio.audio.align import Alignment
from vastudio.audio.clipping import runs
from vastudio.dataset.manifest import Measurement
from vastudio.types import Audio

SILENCE_DB = -90.0
"""A peak below this is silence: the noise of a 16-bit converter."""

_RAIL = 0.9995
_RUN_FRAMES = 3


def measure(clean: Audio, target: Audio, alignment: Alignment) -> Measurement:
    """Return what the manifest keeps of one pair: its alignment and its levels."""
    return Measurement(
        delay_samples=round(alignment.delay_samples, 3),
        confidence=round(alignment.confidence, 4),
        correlation_lag=alignment.correlation_lag,
        input_peak_db=_finite(level.peak_db(clean)),
        input_rms_db=_finite(level.rms_db(clean)),
        peak_db=_finite(level.peak_db(target)),
        rms_db=_finite(level.rms_db(target)),
        dc=round(float(np.mean(target, dtype=np.float64)), 7),
        input_clipped_frames=clipped_frames(clean),
        clipped_frames=clipped_frames(target),
    )


def clipped_frames(x: Audio) -> int:
    """Count the samples in runs of 3 or more at full scale of one sign."""
    lengths = np.concatenate([runs(sign * x >= _RAIL)[1] for sign in (1, -1)])
    return int(lengths[lengths >= _RUN_FRAMES].sum())


def is_silent(peak_db: float | None) -> bool:
    """Whether a peak level (None: no signal at all) is silence."""
    return peak_db is None or peak_db < SILENCE_DB


def _finite(level_db: float) -> float | None:
    return round(level_db, 2) if math.isfinite(level_db) else None
