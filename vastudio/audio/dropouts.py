"""Where a recording has holes: samples that are missing, stuck, or there twice.

Three traces of a buffer that came too late: exact zeros, or one value held, in the midst of sound; a
block that is sample for sample the one before it; and, where the loss was in front of the device, sound
that stops for some milliseconds while the clean signal goes on. A delay that jumps is the fourth
(`audio.movement`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio.clipping import runs
from vastudio.types import Audio

Kind: TypeAlias = Literal["held", "repeated", "gap"]
_Real: TypeAlias = npt.NDArray[np.float64]

BLOCKS = tuple(
    base << shift for base in (16, 24, 20, 15) for shift in range(9) if 16 <= base << shift <= 4096
)
"""Lengths, in frames, of the buffers that drivers use: powers of two, and multiples of 48."""

_FEWEST_HELD = 8
_NEAR_FRAMES = 16
_LOUD_NEAR = 0.1  # of the recording's usual level
_FEWEST_REPEATED = 32
_FRAME_SECONDS = 0.001
_AROUND_SECONDS = 0.012
_HOLE_DB = -35.0
_LOUD_DB = -30.0  # relative to the clean signal's loudest frames
_TOGETHER_SECONDS = 0.02
_MOSTLY = 0.9


@dataclass(frozen=True)
class Dropout:
    """A hole: its first frame, its length in frames, and what gave it away."""

    start: int
    frames: int
    kind: Kind


def find_dropouts(target: Audio, clean: Audio, rate: int, lag: int) -> tuple[Dropout, ...]:
    """Return the holes in `target`, mono at `rate` Hz, which is `lag` samples later than `clean`.

    Digital silence is no hole where the sound fades into it, nor are a signal's flat tops, nor is standing
    still where the clean signal does.
    """
    own = (hole for hole in (*_held(target), *_repeated(target)) if not _is_played(hole, clean, lag))
    found = [*own, *_gaps(target, clean, rate, lag)]
    return _one_each(sorted(found, key=lambda hole: (hole.start, -hole.frames)), rate)


def _is_played(hole: Dropout, clean: Audio, lag: int) -> bool:
    """Whether the clean signal stands still over most of the hole, too."""
    start = max(0, hole.start - lag)
    inside = clean[start : start + hole.frames]
    return inside.size > 1 and float(np.mean(np.diff(inside) == 0.0)) > _MOSTLY


def _one_each(found: list[Dropout], rate: int) -> tuple[Dropout, ...]:
    """Leave out what lies within, or close behind, a hole already found."""
    kept: list[Dropout] = []
    for hole in found:
        if not kept or hole.start > kept[-1].start + kept[-1].frames + _TOGETHER_SECONDS * rate:
            kept.append(hole)
    return tuple(kept)


def _held(target: Audio) -> Iterator[Dropout]:
    """Runs of one value with sound on both sides, below the extremes (those would be clipping)."""
    usual = float(np.sqrt(np.mean(np.square(target, dtype=np.float64))))
    starts, lengths = runs(np.diff(target) == 0.0)
    long = lengths + 1 >= _FEWEST_HELD
    top, bottom = float(target.max()), float(target.min())
    for start, length in zip(starts[long], lengths[long] + 1, strict=True):
        value = float(target[start])
        if value in (top, bottom) and abs(value) > usual:
            continue
        before = target[max(0, start - _NEAR_FRAMES) : start]
        after = target[start + length : start + length + _NEAR_FRAMES]
        if _swings(before, value) > _LOUD_NEAR * usual and _swings(after, value) > _LOUD_NEAR * usual:
            yield Dropout(int(start), int(length), "held")


def _swings(near: Audio, value: float) -> float:
    return float(np.abs(near - value).max(initial=0.0))


def _repeated(target: Audio) -> Iterator[Dropout]:
    """Blocks equal to the block before, sample for sample, and not constant."""
    words = np.ascontiguousarray(target, np.float32).view(np.int32)
    for block in BLOCKS:
        starts, lengths = runs(words[block:] == words[:-block])
        long = lengths >= max(_FEWEST_REPEATED, block)
        for start, length in zip(starts[long], lengths[long], strict=True):
            again = target[start + block : start + block + length]
            if np.ptp(again) > 0.0:
                yield Dropout(int(start + block), int(length), "repeated")


def _gaps(target: Audio, clean: Audio, rate: int, lag: int) -> Iterator[Dropout]:
    """Frames in which the target all but stops, while the clean signal is loud for a while on both sides."""
    size = max(16, round(_FRAME_SECONDS * rate))
    first = max(0, -lag)
    x = clean[first:]
    y = target[first + lag :]
    frames = min(len(x), len(y)) // size
    around = 2 * round(_AROUND_SECONDS / _FRAME_SECONDS) + 1
    if frames < 4 * around:
        return
    x_db, y_db = (_levels_db(v[: frames * size].reshape(frames, size)) for v in (x, y))
    steadily = scipy.ndimage.minimum_filter1d(scipy.ndimage.maximum_filter1d(x_db, 5), around)
    usual = scipy.ndimage.median_filter(y_db, 4 * around + 1, mode="nearest")
    loud = steadily > np.percentile(x_db, 99.0) + _LOUD_DB
    alive = usual > np.percentile(y_db, 99.0) + _LOUD_DB
    starts, lengths = runs(loud & alive & (scipy.ndimage.maximum_filter1d(y_db, 3) < usual + _HOLE_DB))
    for start, length in zip(starts, lengths, strict=True):
        yield Dropout(int(first + lag + start * size), int(length * size), "gap")


def _levels_db(frames: Audio) -> _Real:
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    return np.asarray(10.0 * np.log10(power + 1e-14))
