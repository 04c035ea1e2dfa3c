"""Devices to be probed that are right, and others that are wrong in exactly one way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vastudio.app.probe.subject import Subject
from vastudio.types import Audio, KnobValues

Device = Callable[[Audio], Audio]

LIMIT_CYCLE_HZ = 3_000.0


def soft(x: Audio) -> Audio:
    """A soft clipper with a gain of 1 for what is quiet."""
    return np.asarray(np.tanh(1.5 * x) / 1.5, np.float32)


def late(x: Audio) -> Audio:
    return np.concatenate([np.zeros(1, np.float32), soft(x)])[: x.size]


def inverted(x: Audio) -> Audio:
    return -soft(x)


def loud(x: Audio) -> Audio:
    return np.asarray(soft(x) * 10 ** (0.5 / 20), np.float32)


def offset(x: Audio) -> Audio:
    return soft(x) + np.float32(0.01)


def humming(x: Audio) -> Audio:
    """A limit cycle at −54 dBFS that only a sound silences."""
    cycle = 0.003 * np.sin(2 * np.pi * LIMIT_CYCLE_HZ * np.arange(x.size) / 48_000)
    return np.asarray(soft(x) + np.where(x == 0.0, cycle, 0.0), np.float32)


def eight_bit(x: Audio) -> Audio:
    return np.asarray(np.round(soft(x) * 128.0) / 128.0, np.float32)


def hard(x: Audio) -> Audio:
    """A hard clipper at the rate of its input: its harmonics fold back."""
    return np.clip(4.0 * x, -0.3, 0.3)


def subject(device: Device) -> Subject:
    """A device without knobs."""

    def play(audio: Audio, _values: KnobValues) -> Audio:
        return device(audio)

    return Subject(play)
