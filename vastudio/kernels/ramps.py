"""Gains that glide: straight lines from one value to another, a step every frame (memory: `desk`)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.kernels import desk
from vastudio.kernels.jit import inlined

Doubles = npt.NDArray[np.float64]


@inlined
def _at(ramp: int) -> int:
    return desk.RAMPS + ramp * desk.RAMP_SIZE


@inlined
def aim(floats: Doubles, ramp: int, goal: float, frames: int) -> None:
    """Send a ramp to `goal`, to arrive after `frames`; nothing changes when it is already going there."""
    at = _at(ramp)
    if floats[at + desk.GOAL] != goal:
        floats[at + desk.GOAL] = goal
        floats[at + desk.STEP] = (goal - floats[at + desk.HERE]) / frames
        floats[at + desk.LEFT] = frames


@inlined
def put(floats: Doubles, ramp: int, value: float) -> None:
    """Have a ramp stand at `value`."""
    at = _at(ramp)
    floats[at + desk.HERE] = value
    floats[at + desk.GOAL] = value
    floats[at + desk.LEFT] = 0


@inlined
def advance(floats: Doubles, ramp: int) -> np.float32:
    """Go one frame on and return the value."""
    at = _at(ramp)
    left = floats[at + desk.LEFT]
    if left > 0:
        left -= 1
        floats[at + desk.LEFT] = left
        floats[at + desk.HERE] = floats[at + desk.GOAL] - left * floats[at + desk.STEP]
    return np.float32(floats[at + desk.HERE])


@inlined
def ahead(floats: Doubles, ramp: int, frames: int) -> np.float32:
    """The value that `advance` will return the next time but `frames`."""
    at = _at(ramp)
    left = max(floats[at + desk.LEFT] - (frames + 1), 0.0)
    if floats[at + desk.LEFT] == 0.0:
        return np.float32(floats[at + desk.HERE])
    return np.float32(floats[at + desk.GOAL] - left * floats[at + desk.STEP])


@inlined
def begin(floats: Doubles, ramp: int, wait: int, frames: int) -> None:
    """Send a ramp from 0 to 1 in `frames`, after `wait` frames below 0 (`smooth`)."""
    put(floats, ramp, -wait / frames)
    aim(floats, ramp, 1.0, wait + frames)


@inlined
def smooth(value: np.float32) -> np.float32:
    """Round the corners of a line from 0 to 1; what is below 0 has not begun."""
    begun = max(value, np.float32(0.0))
    return begun * begun * (np.float32(3.0) - np.float32(2.0) * begun)


@inlined
def left(floats: Doubles, ramp: int) -> int:
    """Frames until the ramp arrives."""
    return int(floats[_at(ramp) + desk.LEFT])


@inlined
def here(floats: Doubles, ramp: int) -> float:
    """The present value."""
    return float(floats[_at(ramp) + desk.HERE])
