"""What is heard beside the model waits for it: the dry signal and the target, as late as the model is.

A model at another rate than its own, or at high quality, answers some frames late. Mixed with it, or less it,
a signal in time would make a comb filter. While one model fades over to another, so does what waits for them
(memory: `desk`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.kernels import desk, loop, ramps
from vastudio.kernels.jit import compiled, inlined

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

_MODEL = desk.SLOTS + desk.MODEL * desk.SLOT_SIZE
_FADE = desk.SWAP + desk.MODEL
_ZERO = np.float32(0.0)


@inlined
def _latency(ints: Ints) -> int:
    return ints[_MODEL + desk.LATENCY]


@inlined
def _coming(ints: Ints) -> int:
    """The latency of the model that fades in, if one does; else that of the one that is heard."""
    fading = ints[_MODEL + desk.SWAPPING] != 0
    return ints[_MODEL + (desk.INCOMING_LATENCY if fading else desk.LATENCY)]


@compiled
def read_target(ints: Ints, floats: Doubles, target: Floats, coming: Floats, frames: int) -> None:
    """Fill `target` from the loop, or with silence; `coming` is room for a fade. Before the model runs."""
    here, there = _latency(ints), _coming(ints)
    at = ints[desk.TARGET] if ints[desk.SOURCE] == desk.LOOP else np.int64(0)
    loop.read(ints, at, target, frames, here)
    if there != here:
        loop.read(ints, at, coming, frames, there)
        for i in range(frames):
            target[i] += ramps.smooth(ramps.ahead(floats, _FADE, i)) * (coming[i] - target[i])


@inlined
def _past(ints: Ints, audio: Floats, frame: int) -> np.float32:
    """The drive at a frame, counted as TAPPED."""
    return audio[desk.INPUT_RING + (frame & (desk.RING - 1))] if frame >= ints[desk.DRY_FROM] else _ZERO


@compiled
def wait(ints: Ints, floats: Doubles, audio: Floats, drive: Floats, dry: Floats, frames: int) -> None:
    """Put `drive` into its ring and fill `dry` with what it was. Before the model runs."""
    now, here, there = ints[desk.TAPPED], _latency(ints), _coming(ints)
    for i in range(frames):
        audio[desk.INPUT_RING + ((now + i) & (desk.RING - 1))] = drive[i]
    for i in range(frames):
        dry[i] = _past(ints, audio, now + i - here)
    if there != here:
        for i in range(frames):
            coming = _past(ints, audio, now + i - there)
            dry[i] += ramps.smooth(ramps.ahead(floats, _FADE, i)) * (coming - dry[i])


@inlined
def begin(ints: Ints) -> None:
    """The model begins at rest: nothing was before."""
    ints[desk.DRY_FROM] = ints[desk.TAPPED]
