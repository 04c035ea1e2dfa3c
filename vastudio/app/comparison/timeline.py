"""The error over time, and the second where the model is furthest from its target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.comparing import Rendering
from vastudio.types import Audio

_Real: TypeAlias = npt.NDArray[np.float64]

WINDOW_SECONDS = 0.05
LEAST_DB = -120.0
"""A window without any error is shown as this."""

_QUIET = 1e-3  # of the target's mean power: 30 dB below
_SECOND = 1.0


@dataclass(frozen=True, eq=False)
class ErrorOverTime:
    """ESR in dB of consecutive windows of `WINDOW_SECONDS`.

    Attributes
    ----------
    times_s:
        Middle of each window, shape (windows,).
    esr_db:
        Energy of the error over that of the target in the window. A window more than 30 dB quieter than the
        target on average counts as that loud: in a rest there is nothing to be close to.
    worst_second_s:
        Where the second with the highest ESR starts; 0 for anything shorter.
    worst_second_db:
        Its ESR in dB.
    """

    times_s: _Real
    esr_db: _Real
    worst_second_s: float
    worst_second_db: float


def error_over_time(rendering: Rendering) -> ErrorOverTime:
    """Measure the error of every window. The last one may be shorter than the others."""
    target, rate = rendering.target, rendering.sample_rate
    frames = max(1, min(round(WINDOW_SECONDS * rate), len(target)))
    starts = np.arange(0, len(target), frames)
    lengths = np.diff(np.append(starts, len(target)))
    wanted, missed = _energies(target, starts), _energies(rendering.difference, starts)
    floor = _QUIET * float(wanted.sum()) / max(1, len(target))
    esr_db = _ratio_db(missed, wanted, floor * lengths)
    per_second = min(round(_SECOND * rate / frames), len(starts))
    second_db = _ratio_db(
        _running_sum(missed, per_second), _running_sum(wanted, per_second), floor * per_second * frames
    )
    worst = int(np.argmax(second_db))
    times = (starts + lengths / 2.0) / rate
    return ErrorOverTime(times, esr_db, float(starts[worst] / rate), float(second_db[worst]))


def _energies(x: Audio, starts: npt.NDArray[np.intp]) -> _Real:
    return np.asarray(np.add.reduceat(np.square(x, dtype=np.float64), starts))


def _running_sum(x: _Real, count: int) -> _Real:
    sums = np.concatenate([[0.0], np.cumsum(x)])
    return np.asarray(sums[count:] - sums[:-count])


def _ratio_db(missed: _Real, wanted: _Real, floor: _Real | float) -> _Real:
    """10·log10 of the ratio, not below `LEAST_DB`; +inf where there is error and nothing wanted anywhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(missed > 0.0, missed / np.maximum(wanted, floor), 0.0)
        return np.asarray(10.0 * np.log10(np.maximum(ratio, 10.0 ** (LEAST_DB / 10.0))))
