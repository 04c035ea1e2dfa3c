"""What a model is probed with, besides sines."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from vastudio.audio.level import from_db
from vastudio.audio.phrase import Note, Score, render
from vastudio.audio.pluck import Pluck
from vastudio.types import Audio

PHRASE_DBFS = -18.0
"""Root mean square of the standard phrase, and of the noise: a guitar at its nominal level."""

_SCORE = Score(
    notes=(
        Note(0.0, (40, 47, 52), 1.0, Pluck(velocity=0.95, pick_position=0.11), strum_seconds=0.006),
        Note(1.0, (64,), 0.5, Pluck(velocity=0.9, pick_position=0.14)),
        Note(1.5, (71,), 0.5, Pluck(velocity=0.9, pick_position=0.14, vibrato=0.2)),
        Note(2.0, (45, 52, 57, 61, 64), 1.0, Pluck(velocity=0.7, pick_position=0.2), strum_seconds=0.018),
    ),
    beats=3.0,
    tempo=120.0,
)


@lru_cache(maxsize=4)
def standard_phrase(rate: int) -> Audio:
    """A power chord, two single notes and an open chord in a second and a half, at `PHRASE_DBFS`."""
    return _at_level(render(_SCORE, rate))


@lru_cache(maxsize=4)
def noise(rate: int) -> Audio:
    """A second of white noise at `PHRASE_DBFS`, the same at every call."""
    return _at_level(np.random.default_rng(0).normal(size=rate).astype(np.float32))


def _at_level(x: Audio) -> Audio:
    rms = float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))
    scaled = np.asarray(x * (from_db(PHRASE_DBFS) / rms), np.float32)
    scaled.flags.writeable = False  # it is shared
    return scaled
