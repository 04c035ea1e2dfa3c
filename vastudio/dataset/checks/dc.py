"""A constant voltage in the recording."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vastudio.audio.level import from_db
from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import Finding

_LEAST = 1e-3
_FRAME_SECONDS = 0.1
_SHARE = 0.01  # of the target's power


def find(take: Evidence) -> Iterator[Finding]:
    """Warn about an offset: as it is in silence, or, where nothing is silent, as far as it matters.

    While something plays, an asymmetric device has a mean of its own, which is part of its sound.
    """
    if take.floor is not None:
        dc, matters = take.floor.dc, abs(take.floor.dc) > _LEAST
    else:
        dc = _in_quiet(take)
        power = 0.0 if take.levels.rms_db is None else from_db(take.levels.rms_db) ** 2
        lasts = abs(dc) > max(_LEAST, 0.5 * abs(take.levels.dc))
        matters = lasts and take.levels.dc**2 > _SHARE * power
    if matters:
        yield Finding(
            "warning",
            "dc",
            f"The target has a DC offset of {dc:+.4f}.",
            "Check the interface, or high-pass the recording at 10 Hz.",
            value=round(dc, 5),
            unit="full scale",
        )


def _in_quiet(take: Evidence) -> float:
    """The mean of the target's quietest tenth of frames: what is left of it when little is played."""
    size = round(_FRAME_SECONDS * take.rate)
    frames = take.target[: len(take.target) // size * size].reshape(-1, size)
    if not len(frames):
        return take.levels.dc
    quietest = np.argsort(frames.std(axis=1))[: max(1, len(frames) // 10)]
    return float(np.median(frames[quietest].mean(axis=1, dtype=np.float64)))


CHECK = Check(codes=("dc",), take=find)
