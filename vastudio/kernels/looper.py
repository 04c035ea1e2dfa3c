"""The looper: plays again what came in from the live input, and lets more be played onto it.

Runs in the audio callback, in front of everything else: what loops is the clean signal, and the knobs behind
it can be turned. All of the live input goes into a ring, the *history*; a loop begins as a stretch of it and
is therefore there the moment it is closed. Later control copies it into memory of its own, a *layer*, with
the same samples. What is played onto a loop is added to its layer; control keeps the one before, to go back.

Everything is told as frames on the clock `TAPPED` (`desk`), so that it happens in its frame whatever the
block: sample (n − origin) mod length sounds in frame n. Three things keep it from clicking: the last `FADE`
frames of a loop lead over to those in front of its first; being heard and being added to fade in and out;
another layer fades over.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import carray

from vastudio.kernels import desk
from vastudio.kernels.jit import compiled, inlined
from vastudio.kernels.memory import load_acquire, pointer, store_release

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_ZERO = np.float32(0.0)


@inlined
def seam_weight(edge: int, frames: int) -> np.float32:
    """Share of what leads to the loop's beginning, `edge` frames into the last `frames` of a pass."""
    return np.float32(0.5 - 0.5 * math.cos(math.pi * (edge + 0.5) / frames))


@inlined
def _smooth(done: int, fade: int) -> np.float32:
    """From 0 to 1 as `done` goes from 0 to `fade`: without corners, which could be heard of a low note."""
    share = np.float32(done) / np.float32(fade)
    return share * share * (np.float32(3.0) - np.float32(2.0) * share)


@inlined
def _gain(frame: int, begin: int, end: int, fade: int) -> np.float32:
    """1 from `begin` until `end`, with fades behind both."""
    up = min(max(frame - begin, 0), fade)
    down = min(max(end + fade - frame, 0), fade)
    return _smooth(min(up, down), fade)


@inlined
def _now(ints: Ints, field: int) -> int:
    return int(ints[desk.LOOPER_NOW + field])


@inlined
def _heard(ints: Ints, frame: int) -> np.float32:
    return _gain(frame, _now(ints, desk.LOOPER_FROM), _now(ints, desk.LOOPER_UNTIL), ints[desk.FADE])


@compiled
def _take_mail(ints: Ints, first: int) -> None:
    """Do what control asked for from frame `first` on; not while a layer fades over."""
    mail = load_acquire(ints, desk.LOOPER_MAIL)
    if mail == ints[desk.LOOPER_TAKEN] or first - ints[desk.LOOPER_SWAPPED] < ints[desk.FADE]:
        return
    is_heard = _now(ints, desk.LOOPER_LENGTH) > 0 and _heard(ints, first) > _ZERO
    ints[desk.LOOPER_OLD_ORIGIN] = _now(ints, desk.LOOPER_ORIGIN)
    ints[desk.LOOPER_OLD_LENGTH] = _now(ints, desk.LOOPER_LENGTH)
    ints[desk.LOOPER_OLD_LAYER] = _now(ints, desk.LOOPER_LAYER)
    changed = False
    for field in range(desk.LOOPER_FIELDS):
        asked = ints[desk.LOOPER_ASKED + field]
        if asked != ints[desk.LOOPER_LAST + field]:
            ints[desk.LOOPER_LAST + field] = asked
            ints[desk.LOOPER_NOW + field] = asked if field < desk.LOOPER_FROM else max(asked, first)
            changed = changed or field < desk.LOOPER_FROM
    if changed and is_heard:
        ints[desk.LOOPER_SWAPPED] = first
    store_release(ints, desk.LOOPER_TAKEN, mail)


@inlined
def _sample(ints: Ints, frame: int, origin: int, length: int, layer: int) -> np.float32:
    """What sounds of a loop in a frame."""
    at = (frame - origin) % length
    if layer != 0:
        return carray(pointer(layer), length, np.float32)[at]
    mask = _now(ints, desk.LOOPER_MASK)
    ring = carray(pointer(ints[desk.LOOPER_NOW + desk.LOOPER_HISTORY]), mask + 1, np.float32)
    sample = ring[(origin + at) & mask]
    edge = at - length + ints[desk.FADE]
    if edge >= 0:
        leading = ring[(origin + at - length) & mask]
        sample += seam_weight(edge, ints[desk.FADE]) * (leading - sample)
    return sample


@compiled
def _play_frame(ints: Ints, frame: int, live: np.float32) -> np.float32:
    """What is heard in a frame, live and loop; adds to the layer."""
    origin, length = _now(ints, desk.LOOPER_ORIGIN), _now(ints, desk.LOOPER_LENGTH)
    layer = _now(ints, desk.LOOPER_LAYER)
    sample = _sample(ints, frame, origin, length, layer)
    dub_from, dub_until = _now(ints, desk.LOOPER_DUB_FROM), _now(ints, desk.LOOPER_DUB_UNTIL)
    share = _gain(frame, dub_from, dub_until, ints[desk.FADE])
    if share > _ZERO and layer != 0:
        carray(pointer(layer), length, np.float32)[(frame - origin) % length] = sample + share * live
    since = frame - ints[desk.LOOPER_SWAPPED]
    if since < ints[desk.FADE]:
        old = _sample(
            ints,
            frame,
            ints[desk.LOOPER_OLD_ORIGIN],
            ints[desk.LOOPER_OLD_LENGTH],
            ints[desk.LOOPER_OLD_LAYER],
        )
        sample = old + _smooth(since, ints[desk.FADE]) * (sample - old)
    return live + _heard(ints, frame) * sample


@compiled
def play(ints: Ints, clean: Floats, frames: int) -> None:
    """Keep the live input in `clean`, which begins in frame `TAPPED`, and add the loop to it.

    Another source than the live input goes by; the history is silent meanwhile.
    """
    first = ints[desk.TAPPED]
    _take_mail(ints, first)
    if _now(ints, desk.LOOPER_HISTORY) == 0:
        return
    is_live = ints[desk.SOURCE] == desk.LIVE
    mask = _now(ints, desk.LOOPER_MASK)
    ring = carray(pointer(ints[desk.LOOPER_NOW + desk.LOOPER_HISTORY]), mask + 1, np.float32)
    for i in range(frames):
        ring[(first + i) & mask] = clean[i] if is_live else _ZERO
    if not is_live or _now(ints, desk.LOOPER_LENGTH) == 0:
        return
    for i in range(frames):
        clean[i] = _play_frame(ints, first + i, clean[i])
