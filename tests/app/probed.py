"""Devices to be probed that are right, and others that are wrong in exactly one way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vastudio.app.probe.subject import Moves, Subject
from vastudio.types import Audio, Knob, KnobValues

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
    return np.clip(10.0 * x, -0.3, 0.3)


def subject(device: Device) -> Subject:
    """A device without knobs."""

    def play(audio: Audio, _values: KnobValues) -> Audio:
        return device(audio)

    return Subject(play)


def popping(x: Audio) -> Audio:
    """Starts at 0.02 and is at rest after ten milliseconds."""
    return soft(x) + np.asarray(0.02 * np.exp(-np.arange(x.size) / 96.0), np.float32)


VOLUME = Knob("volume", minimum=0.0, maximum=1.0, default=1.0)
SMOOTH_FRAMES = 960


def turnable(smooth: bool, base: float = 0.2) -> Subject:
    """A volume knob, from a little to full, that moves in 20 ms or at once."""

    def gain(values: KnobValues) -> float:
        return base + (1.0 - base) * values.get("volume", 1.0)

    def turn(audio: Audio, moves: Moves) -> Audio:
        gains = np.full(audio.size, gain(moves[0][1]))
        for frame, values in moves[1:]:
            ramp = np.arange(audio.size - frame) / SMOOTH_FRAMES if smooth else np.ones(audio.size - frame)
            gains[frame:] += np.minimum(ramp, 1.0) * (gain(values) - gains[frame])
        return np.asarray(gains * audio, np.float32)

    def play(audio: Audio, values: KnobValues) -> Audio:
        return np.asarray(gain(values) * audio, np.float32)

    return Subject(play, knobs=(VOLUME,), turn=turn)
