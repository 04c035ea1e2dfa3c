"""What a device adds to a sine that is not its harmonics: folded harmonics, and noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vastudio.audio.tones import Tone, power, spectrum
from vastudio.types import Audio

_STANDS_OUT = 16.0
"""A bin this many times above the mean of the noise is a line: noise does so once in e¹⁶ bins."""


@dataclass(frozen=True)
class Purity:
    """Powers beside a sine's lines over the power on them, in dB; −inf for nothing, the mean not counted.

    Attributes
    ----------
    alias_db:
        The alias-to-signal ratio: everything off the harmonics.
    lines_db:
        The part of it that stands out as lines, as folded harmonics do.
    noise_db:
        The rest, spread over all frequencies.
    """

    alias_db: float
    lines_db: float
    noise_db: float


def purity(x: Audio, tone: Tone) -> Purity:
    """Measure the response `x` to a sine of `tone`. nan for a response without it."""
    amplitudes = spectrum(x, tone.frames)
    on = tone.lines()
    off = ~on
    on[: tone.cycles // 2] = False  # the mean is neither
    signal = power(amplitudes, on)
    if signal <= 0.0:
        return Purity(math.nan, math.nan, math.nan)
    powers = np.abs(amplitudes) ** 2
    noise_mean = float(np.median(powers[off])) / math.log(2.0)  # of an exponential distribution
    lines = off & (powers > _STANDS_OUT * noise_mean)
    parts = (off, lines, off & ~lines)
    return Purity(*(_decibels(power(amplitudes, part) / signal) for part in parts))


def _decibels(ratio: float) -> float:
    return 10.0 * math.log10(ratio) if ratio > 0.0 else -math.inf
