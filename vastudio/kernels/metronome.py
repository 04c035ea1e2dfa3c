"""The metronome: clicks on exact frames, mixed into what is heard behind everything that is recorded.

Runs in the audio callback. Beats are counted on the clock `TAPPED`, in 1/2^24 frames: beat k is at
origin + k · period, and sounds in the first frame at or after it, whatever the block; nothing is added up, so
nothing drifts. Another tempo keeps the place between two beats: the origin is moved so that the beat in which
the news arrives goes on at the new speed. Memory and who writes what: `desk`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import carray

from vastudio.kernels import desk
from vastudio.kernels.jit import compiled, inlined
from vastudio.kernels.memory import load_acquire, pointer, store_release

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

_FULL = np.float32(1.0)


@inlined
def _due(ints: Ints) -> int:
    """The frame in which the next part of a beat sounds."""
    parts, number, period = ints[desk.BEAT_PARTS_NOW], ints[desk.BEAT_NEXT], ints[desk.BEAT_PERIOD]
    exact = ints[desk.BEAT_ORIGIN] + (number // parts) * period + (number % parts) * period // parts
    return -((-exact) >> desk.BEAT_SHIFT)


@inlined
def _change_tempo(ints: Ints, now: int) -> None:
    """Go on from the same place between two beats with another period."""
    old, new = ints[desk.BEAT_PERIOD], ints[desk.BEAT_PERIOD_ASKED]
    passed = now - ints[desk.BEAT_ORIGIN]
    beat = passed // old
    rest = np.int64((passed - beat * old) * (np.float64(new) / np.float64(old)))
    ints[desk.BEAT_ORIGIN] = now - beat * new - rest
    ints[desk.BEAT_PERIOD] = new


@compiled
def _take_mail(ints: Ints, first: int) -> None:
    """Start, stop, or go on with other settings in frame `first`."""
    mail = load_acquire(ints, desk.BEAT_MAIL)
    if mail == ints[desk.BEAT_TAKEN]:
        return
    now = first << desk.BEAT_SHIFT
    parts = ints[desk.BEAT_PARTS]
    if ints[desk.BEAT_ON] != 0 and ints[desk.BEAT_RUNS] == 0:
        ints[desk.BEAT_ORIGIN] = now
        ints[desk.BEAT_PERIOD] = ints[desk.BEAT_PERIOD_ASKED]
        ints[desk.BEAT_NEXT] = 0
    elif ints[desk.BEAT_ON] != 0:
        _change_tempo(ints, now)
        if parts != ints[desk.BEAT_PARTS_NOW]:
            passed = now - (1 << desk.BEAT_SHIFT) - ints[desk.BEAT_ORIGIN]
            ints[desk.BEAT_NEXT] = passed * parts // ints[desk.BEAT_PERIOD] + 1
    ints[desk.BEAT_PARTS_NOW] = parts
    ints[desk.BEAT_RUNS] = ints[desk.BEAT_ON]
    store_release(ints, desk.BEAT_TAKEN, mail)


@inlined
def _begin_click(ints: Ints, floats: Doubles, frame: int) -> None:
    """The next part of a beat is due."""
    parts, number = ints[desk.BEAT_PARTS_NOW], ints[desk.BEAT_NEXT]
    beats = ints[desk.BEAT_BEATS]
    kind = desk.PART
    if number % parts == 0:
        kind = desk.ACCENT if beats > 1 and (number // parts) % beats == 0 else desk.BEAT
    ints[desk.BEAT_KIND] = kind
    ints[desk.BEAT_FROM] = frame
    ints[desk.BEAT_NEXT] = number + 1
    floats[desk.BEAT_HEARD] = floats[desk.BEAT_LEVEL]


@compiled
def play(ints: Ints, floats: Doubles, sound: Floats, frames: int) -> None:
    """Add the clicks of the newest `frames` on the clock to `sound`; it stays within full scale."""
    first = ints[desk.TAPPED] - frames
    _take_mail(ints, first)
    size = ints[desk.BEAT_FRAMES]
    runs = ints[desk.BEAT_RUNS] != 0
    if not runs and first - ints[desk.BEAT_FROM] >= size:
        return
    clicks = carray(pointer(ints[desk.BEAT_CLICKS]), desk.BEAT_KINDS * size, np.float32)
    due = _due(ints) if runs else np.int64(0)
    for i in range(frames):
        frame = first + i
        if runs and frame >= due:
            _begin_click(ints, floats, frame)
            due = _due(ints)
        at = frame - ints[desk.BEAT_FROM]
        if at < size:
            click = clicks[ints[desk.BEAT_KIND] * size + at] * np.float32(floats[desk.BEAT_HEARD])
            sound[i] = min(max(sound[i] + click, -_FULL), _FULL)
