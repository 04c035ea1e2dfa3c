"""Is anything there at all, and from beginning to end?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio.clipping import runs
from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.checks.levels import is_silent
from vastudio.dataset.manifest import Finding
from vastudio.types import Audio

_QUIET_DB = -40.0
_FRAME_SECONDS = 0.05
_LEAST_SECONDS = 0.3
_FALL_DB = 40.0
_LOUD_DB = -20.0  # relative to the clean signal's loudest frames


def find(take: Evidence) -> Iterator[Finding]:
    """A silent file is an error, and so is a target that stops while the clean signal goes on.

    A target that never answers is a warning.
    """
    if is_silent(take.levels.peak_db):
        yield Finding(
            "error", "silent_target", "The target is silent.", "Check the cable, then record again."
        )
    elif is_silent(take.levels.input_peak_db):
        yield Finding(
            "error", "silent_input", "The clean signal is silent.", "Choose the file that was played."
        )
    elif not take.answer.is_there:
        yield _no_answer(take)
    else:
        yield from _cut(take)
        if take.levels.peak_db is not None and take.levels.peak_db < _QUIET_DB:
            message = f"The target peaks at {take.levels.peak_db:.1f} dBFS only."
            yield Finding("info", "quiet", message, "Noise may be learned.")


def _no_answer(take: Evidence) -> Finding:
    """A gain at zero is no fault, and an unplugged cable sounds the same: which it is a person has to say."""
    answer = take.answer
    level = "nothing at all" if answer.level_db < -150.0 else f"{answer.level_db:.0f} dBFS"
    return Finding(
        "warning",
        "no_answer",
        f"While something is played the target says {level}, no more than its own noise.",
        "Check the cables; where a gain stands at zero nothing is wrong, and training leaves this take out.",
        value=round(answer.level_db, 1),
        unit="dBFS",
    )


def _cut(take: Evidence) -> Iterator[Finding]:
    """Where the target stays far below what it usually answers, while something loud is played."""
    size = round(_FRAME_SECONDS * take.rate)
    first = max(0, -take.lag)
    x_db, y_db = (_levels(signal, size) for signal in (take.clean[first:], take.target[first + take.lag :]))
    frames = min(len(x_db), len(y_db))
    if frames * _FRAME_SECONDS < 4.0 * _LEAST_SECONDS:
        return
    x_db, y_db = x_db[:frames], y_db[:frames]
    loud = scipy.ndimage.minimum_filter1d(x_db, 3) > np.percentile(x_db, 98.0) + _LOUD_DB
    usual = float(np.percentile(y_db[loud], 95.0)) if loud.any() else -np.inf
    starts, lengths = runs(loud & (y_db < usual - _FALL_DB))
    silent = float(lengths.sum()) * _FRAME_SECONDS
    if silent >= _LEAST_SECONDS:
        at = take.at_seconds(first + take.lag + int(starts[0]) * size)
        yield Finding(
            "error",
            "cut",
            f"The target falls silent at {at:.2f} s ({silent:.1f} s in all) while the clean signal plays on.",
            "Check the cables and record again.",
            at_seconds=at,
            value=round(silent, 2),
            unit="s",
        )


def _levels(x: Audio, size: int) -> npt.NDArray[np.float64]:
    """RMS of consecutive frames in dB."""
    frames = x[: len(x) // size * size].reshape(-1, size)
    return np.asarray(10.0 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-14))


CHECK = Check(
    codes=("silent_target", "silent_input", "no_answer", "cut", "quiet"), take=find, version=2, first=True
)
