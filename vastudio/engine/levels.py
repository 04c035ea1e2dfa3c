"""Decibels and linear gains at the controls of the chain."""

from __future__ import annotations

import math

HIGHEST_DB = 40.0


def gain(level_db: float, highest_db: float = HIGHEST_DB) -> float:
    """Return the linear gain of a level, at most the highest; −inf is 0, not-a-number counts as 0 dB."""
    return 1.0 if math.isnan(level_db) else 10.0 ** (min(level_db, highest_db) / 20.0)


def decibels(peak: float) -> float:
    """Return the level of a linear peak in dBFS; 0 is −inf."""
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf
