"""A bank of prepared sounds of one length: one is heard, and another one fades in at the same place.

Runs in the audio callback. The playhead goes on while sounds change, so that all of them stay aligned; a
change is a straight crossfade of `FADE` frames. A wish that comes during one waits for its end. Memory and
who writes what: `desk`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import carray

from vastudio.kernels import desk, loop, ramps
from vastudio.kernels.jit import compiled
from vastudio.kernels.memory import pointer

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]


@compiled
def take_wish(ints: Ints, floats: Doubles, sounding: bool) -> None:
    """Begin or end the change to another sound; at once where nothing sounds."""
    wanted = ints[desk.WANTED]
    if not sounding:
        ints[desk.HEARD] = ints[desk.COMING] = wanted
        ramps.put(floats, desk.CHANGE, 0.0)
        return
    if ramps.left(floats, desk.CHANGE) > 0:
        return
    if ints[desk.COMING] != ints[desk.HEARD]:
        ints[desk.HEARD] = ints[desk.COMING]
        ramps.put(floats, desk.CHANGE, 0.0)
    if wanted != ints[desk.HEARD]:
        ints[desk.COMING] = wanted
        ramps.aim(floats, desk.CHANGE, 1.0, ints[desk.FADE])


@compiled
def _read(ints: Ints, sound: int, out: Floats, frames: int) -> None:
    """Copy from a sound of the bank, beginning at the playhead."""
    addresses = carray(pointer(ints[desk.BANK]), desk.BANK_SIZE, np.int64)
    loop.read(ints, addresses[sound], out, frames, 0)


@compiled
def play(ints: Ints, floats: Doubles, sound: Floats, incoming: Floats, frames: int) -> None:
    """Write what is heard of the bank to `sound`; `incoming` is room for the sound that fades in."""
    _read(ints, ints[desk.HEARD], sound, frames)
    if ints[desk.COMING] == ints[desk.HEARD]:
        return
    _read(ints, ints[desk.COMING], incoming, frames)
    for i in range(frames):
        sound[i] += ramps.advance(floats, desk.CHANGE) * (incoming[i] - sound[i])
