"""Signals for the tests of measurements: plucked notes, and a device that bends them."""

from __future__ import annotations

import functools

import numpy as np
from scipy import signal

from vastudio.audio import phrase
from vastudio.types import Audio

RATE = 48_000


@functools.cache
def _whole_riff() -> Audio:
    return phrase.render(phrase.RIFF)


def riff(seconds: float = 6.0) -> Audio:
    """The beginning of the studio's own riff."""
    return _whole_riff()[: round(seconds * RATE)].copy()


def amplified(x: Audio, drive: float = 8.0) -> Audio:
    """A soft clipper between two filters, one of them an all-pass: level, tone and phase all change."""
    low = signal.lfilter(*signal.butter(1, 120.0, "high", fs=RATE), x)
    clipped = np.tanh(drive * low + 0.1) - np.tanh(0.1)
    bent = signal.lfilter([0.9, -1.0], [1.0, -0.9], clipped)
    return np.asarray(0.4 * signal.lfilter(*signal.butter(2, 6000.0, fs=RATE), bent), np.float32)


def noise(frames: int, rms: float, seed: int = 0) -> Audio:
    """White Gaussian noise."""
    return (rms * np.random.default_rng(seed).standard_normal(frames)).astype(np.float32)


def sine(hertz: float, seconds: float, amplitude: float = 1.0, phase: float = 0.4) -> Audio:
    """A steady sine."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2.0 * np.pi * hertz * time + phase)).astype(np.float32)
