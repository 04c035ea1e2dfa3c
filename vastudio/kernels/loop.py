"""The stretch that goes round: reading it, its playhead, and the fades at its seam (memory: `desk`).

A chunk never reaches over the end of the stretch: it begins again at the beginning of a chunk.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import carray

from vastudio.kernels import desk
from vastudio.kernels.jit import compiled, inlined
from vastudio.kernels.memory import pointer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_ZERO = np.float32(0.0)


@inlined
def frames_left(ints: Ints) -> int:
    """Frames until the stretch ends; endless for the live input, and where there is nothing to play."""
    if ints[desk.SOURCE] == desk.LIVE or ints[desk.STOP] == 0:
        return np.int64(desk.RING)  # type: ignore[return-value]
    return int(ints[desk.STOP] - ints[desk.POSITION])


@inlined
def is_at_its_start(ints: Ints) -> bool:
    """Whether the loop begins, for the first time or again."""
    return ints[desk.SOURCE] == desk.LOOP and ints[desk.STOP] > 0 and ints[desk.POSITION] == ints[desk.START]


@compiled
def read(ints: Ints, at: int, out: Floats, frames: int, late: int) -> None:
    """Copy the signal at an address, `late` frames behind the playhead; silence where there is none."""
    if at == 0 or ints[desk.STOP] == 0:
        for i in range(frames):
            out[i] = _ZERO
        return
    signal = carray(pointer(at), ints[desk.STOP], np.float32)
    begin = ints[desk.POSITION] - late
    for i in range(frames):
        out[i] = signal[begin + i] if begin + i >= 0 else _ZERO


@inlined
def advance(ints: Ints, frames: int) -> None:
    """Move the playhead."""
    if ints[desk.SOURCE] == desk.LIVE or ints[desk.STOP] == 0:
        return
    ints[desk.POSITION] += frames
    if ints[desk.POSITION] == ints[desk.STOP]:
        ints[desk.POSITION] = ints[desk.START]


@compiled
def fade_seam(ints: Ints, sound: Floats, frames: int) -> None:
    """Fade what is heard out and in where the stretch begins again: raised cosines, whatever is heard."""
    seam = ints[desk.SEAM]
    if seam == 0 or ints[desk.SOURCE] == desk.LIVE:
        return
    for i in range(frames):
        place = ints[desk.POSITION] + i
        edge = min(place - ints[desk.START], ints[desk.STOP] - 1 - place)
        if edge < seam:
            sound[i] *= np.float32(0.5 - 0.5 * math.cos(math.pi * (edge + 0.5) / seam))
