"""Whether a device lets anything through: a recording of a gain at zero holds noise, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.types import Audio

_Real = npt.NDArray[np.float64]

SILENT_DB = -90.0
"""An answer below this, in dBFS, is silence: the noise of a 16-bit converter."""

_FRAME_SECONDS = 0.05
_LOUD_DB = 20.0  # below the loudest frames of the clean signal
_QUIET_DB = -100.0
_OFTEN = 90.0  # percent
_SETTLING_FRAMES = 5
_FEWEST_FRAMES = 4
_ABOVE_FLOOR_DB = 1.0
_LEAST = 1e-20


@dataclass(frozen=True)
class Answer:
    """How loud a device is while something loud is played, and its own noise, both in dBFS.

    The noise is what it says once the clean signal has fallen silent, −90 at least.
    """

    level_db: float
    floor_db: float

    @property
    def is_there(self) -> bool:
        """Whether the answer stands 1 dB above the noise; below that, four fifths of it are noise."""
        return self.level_db > self.floor_db + _ABOVE_FLOOR_DB


def measure_answer(clean: Audio, target: Audio, rate: int) -> Answer:
    """Measure the answer `target` to `clean`, both mono at `rate` Hz, the target late by some 50 ms at most.

    What a tenth of the loud frames exceed counts: what a device does when it is switched on is no answer,
    what it says until a cable is pulled is one.
    Where nothing loud is played, or for less than a frame, the level is −200.
    """
    size = round(_FRAME_SECONDS * rate)
    frames = min(len(clean), len(target)) // size
    if not frames:
        return Answer(10.0 * np.log10(_LEAST), SILENT_DB)
    played, heard = (_levels(signal, size, frames) for signal in (clean, target))
    loud = played > max(float(np.percentile(played, 98.0)) - _LOUD_DB, _QUIET_DB)
    level = float(np.percentile(heard[loud], _OFTEN)) if loud.any() else 10.0 * np.log10(_LEAST)
    sounding = np.convolve(played > _QUIET_DB, np.ones(_SETTLING_FRAMES + 1))[:frames] > 0.0
    rests = heard[~sounding]
    noise = float(np.median(rests)) if len(rests) >= _FEWEST_FRAMES else SILENT_DB
    return Answer(level, max(SILENT_DB, noise))


def _levels(x: Audio, size: int, frames: int) -> _Real:
    """RMS in dBFS of consecutive frames of `size` samples."""
    parts = x[: frames * size].reshape(frames, size)
    return np.asarray(10.0 * np.log10(np.einsum("fs,fs->f", parts, parts, dtype=np.float64) / size + _LEAST))
