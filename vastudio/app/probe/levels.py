"""Levels as a report holds them: finite, and no finer than anyone can use."""

from __future__ import annotations

import math

import numpy as np

from vastudio.audio.level import to_db
from vastudio.modelfile.probe import FLOOR_DBFS
from vastudio.types import Audio


def tidy_db(level: float) -> float:
    """Round to a hundredth of a decibel; what is below `FLOOR_DBFS` or is not a number becomes that."""
    return round(max(level, FLOOR_DBFS), 2) if level > FLOOR_DBFS else FLOOR_DBFS


def ratio_db(ratio: float) -> float:
    """An amplitude ratio in tidy dB."""
    return tidy_db(to_db(ratio))


def power_db(ratio: float) -> float:
    """A power ratio in tidy dB."""
    return tidy_db(10.0 * math.log10(ratio) if ratio > 0.0 else -math.inf)


def dc_dbfs(x: Audio) -> float:
    """Size of the mean in dBFS."""
    return ratio_db(abs(float(np.mean(x, dtype=np.float64)))) if len(x) else FLOOR_DBFS


def ac_dbfs(x: Audio) -> float:
    """Root mean square of what is left without the mean, in dBFS."""
    return ratio_db(float(np.std(x, dtype=np.float64))) if len(x) else FLOOR_DBFS
