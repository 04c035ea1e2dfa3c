"""Flat tops: where a recording was cut off, by a converter or by a stage before it.

A wave that is cut off stays at one value for some samples, and gets there or leaves with a corner.
Natural tops are flat too, but round: near its maximum a sine of angular frequency ω stays within a
tolerance t (relative to its height) for √(2t)/ω samples to each side, and the sample after that is lower
by a few t only. So a flat top counts where it is at least three samples long, lies at the ceiling of the
whole recording, and has a corner of many tolerances on one side. Where samples are finer than 16 bits,
two at full scale or four at a lower ceiling are enough if they are exactly equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.audio.level import to_db
from vastudio.types import Audio

Kind: TypeAlias = Literal["converter", "earlier stage"]
_Index: TypeAlias = npt.NDArray[np.intp]

FULL_SCALE_DB = -0.3
"""A ceiling above this is a converter's full scale."""

_FULL_SCALES = (1.0, 1.0 - 2.0**-15, 1.0 - 2.0**-23)
"""The highest samples of converters."""

_FEWEST_FRAMES = 3
_FEWEST_EQUAL = 4
_LOOKED_AT = 48_000
_TOLERANCE = 6e-5  # of the ceiling: two steps of a 16-bit converter
_NOISE_DEVIATIONS = 8.0
_CORNER = 8.0  # tolerances
_FEWEST_TOPS = 3  # of an earlier stage: one corner may be chance
_QUIETEST_CEILING = 0.003


@dataclass(frozen=True)
class Clipping:
    """Flat tops of a recording.

    Attributes
    ----------
    frames:
        Samples in flat tops.
    starts:
        First sample of each flat top, ascending, shape (tops,).
    ceiling_db:
        Level of the tops in dBFS, the higher one where both signs are cut.
    kind:
        `converter` at full scale; `earlier stage` where the ceiling lies lower: an input before the
        converter, or the device itself.
    both_signs:
        Whether upper and lower half waves are cut.
    """

    frames: int
    starts: _Index
    ceiling_db: float
    kind: Kind
    both_signs: bool


def find_clipping(x: Audio, noise_rms: float = 0.0) -> Clipping | None:
    """Return the flat tops of `x`, mono, full scale ±1; None where there are none.

    Parameters
    ----------
    noise_rms:
        Of noise that was added after the cut, full scale 1; flat tops may be that uneven.

    Tops that went through a filter or a resampler after they were cut are round again and not found.
    """
    sides = [_tops(sign * x, noise_rms) for sign in (1, -1)] if len(x) else []
    cut = [side for side in sides if len(side[0])]
    if not cut:
        return None
    starts = np.sort(np.concatenate([side[0] for side in cut]))
    ceiling_db = to_db(max(ceiling for _, _, ceiling in cut))
    kind: Kind = "converter" if ceiling_db > FULL_SCALE_DB else "earlier stage"
    frames = sum(int(lengths.sum()) for _, lengths, _ in cut)
    return Clipping(frames, starts, round(ceiling_db, 2), kind, len(cut) == len(sides))


def _tops(x: Audio, noise_rms: float) -> tuple[_Index, _Index, float]:
    """Starts and lengths of the cut upper half waves of `x`, and their ceiling."""
    ceiling = float(x.max())
    if ceiling < _QUIETEST_CEILING:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), ceiling
    tolerance = max(_TOLERANCE * ceiling, _NOISE_DEVIATIONS * noise_rms)
    starts, lengths = runs(x >= ceiling - tolerance)
    outside = np.concatenate([[ceiling], x, [ceiling]])
    corners = ceiling - np.minimum(outside[starts], outside[starts + lengths + 1])
    kept = (lengths >= _FEWEST_FRAMES) & (corners > _CORNER * tolerance)
    if _proved(x, ceiling):
        kept |= x[starts] == ceiling
    elif np.count_nonzero(kept) < _FEWEST_TOPS and to_db(ceiling) <= FULL_SCALE_DB:
        kept &= False
    return starts[kept], lengths[kept], ceiling


def _proved(x: Audio, ceiling: float) -> bool:
    """Whether samples that are exactly equal prove that something ends at `ceiling`.

    Two at the highest number a converter has do; lower, four in pairs or longer runs. The samples of a 16-bit
    file prove nothing: they are equal by chance at the tops of a long note.
    """
    if not np.any(np.mod(x[:_LOOKED_AT] * 32768.0, 1.0)):
        return False
    equal = x == ceiling
    if ceiling in _FULL_SCALES:
        return int(np.count_nonzero(equal)) >= 2
    _, lengths = runs(equal)
    return int(lengths[lengths >= 2].sum()) >= _FEWEST_EQUAL


def runs(mask: npt.NDArray[np.bool_]) -> tuple[_Index, _Index]:
    """Return first index and length of every stretch of true values in `mask`, shape (frames,)."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[::2], edges[1::2] - edges[::2]
