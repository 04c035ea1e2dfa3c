"""Recordings for the tests: a guitar-like signal through a small device, written as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from scipy import signal

from tests.audio.test_align import late
from vastudio.types import Audio

RATE = 48_000


def clean(seconds: float = 1.5, seed: int = 0) -> Audio:
    """Bursts of noise that fade like plucked notes."""
    frames = round(seconds * RATE)
    noise = signal.lfilter(
        [0.25, 0.5, 0.25], [1.0, -0.7], np.random.default_rng(seed).standard_normal(frames)
    )
    decay = np.exp(-8.0 * (np.arange(frames) % (RATE // 3)) / RATE)
    return (0.05 * noise * decay).astype(np.float32)


def driven(x: Audio, drive: float = 0.5, delay: float = 0.0, gain: float = 0.5) -> Audio:
    """A soft clipper with a latency in samples; a negative gain inverts."""
    return late((gain * np.tanh((1.0 + 9.0 * drive) * x)).astype(np.float32), delay)


def save(path: Path, audio: Audio, rate: int = RATE) -> Path:
    """Write float samples and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio, rate, subtype="FLOAT" if path.suffix == ".wav" else "PCM_24")
    return path
