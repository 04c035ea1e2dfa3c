"""The device's sockets: which of its outputs sound, and what comes in at its inputs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.kernels import desk
from vastudio.kernels.jit import compiled

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

_ZERO = np.float32(0.0)


@compiled
def write(ints: Ints, sound: Floats, out: Floats, at: int, frames: int) -> None:
    """Put `frames` of `sound` into the output channels that sound, silence into the others."""
    channels = ints[desk.OUT_CHANNELS]
    first, end = ints[desk.OUT_FIRST], ints[desk.OUT_FIRST] + ints[desk.OUT_COUNT]
    for i in range(frames):
        for channel in range(channels):
            out[(at + i) * channels + channel] = sound[i] if first <= channel < end else _ZERO


@compiled
def meter(ints: Ints, floats: Doubles, inp: Floats, frames: int) -> None:
    """Keep the highest value of every input channel, while somebody watches; what is no number counts not."""
    if ints[desk.INPUTS_WATCHED] == 0:
        return
    channels = ints[desk.IN_CHANNELS]
    for channel in range(min(channels, desk.MOST_WATCHED)):
        peak = np.float32(floats[desk.INPUT_PEAKS + channel])
        for i in range(frames):
            size = abs(inp[i * channels + channel])
            if peak < size < np.inf:
                peak = size
        floats[desk.INPUT_PEAKS + channel] = peak


@compiled
def forget_peaks(floats: Doubles) -> None:
    """Begin the inputs' peaks anew."""
    for channel in range(desk.MOST_WATCHED):
        floats[desk.INPUT_PEAKS + channel] = 0.0
