"""Where to begin drawing a wave so that it stands still."""

from __future__ import annotations

import numpy as np

from vastudio.types import Audio


def trigger(audio: Audio, frames: int) -> int:
    """Return where to begin a picture of `frames` of `audio`, as late as it can.

    It begins where the wave rises through 0 behind its deepest valley; where it never does, at the last frame
    that leaves enough behind it.
    """
    last = audio.size - frames
    if last <= 1:
        return max(last, 0)
    rising = 1 + np.flatnonzero((audio[: last - 1] < 0.0) & (audio[1:last] >= 0.0))
    if not rising.size:
        return last
    begins = np.concatenate([[0], rising[:-1]])
    valleys = np.minimum.reduceat(audio[: rising[-1]], begins)
    deep = np.flatnonzero(valleys <= 0.8 * valleys.min())
    return int(rising[deep[-1]])
