"""Jumps and drift told apart in a series of delays: lost samples, and clocks that differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_Real = npt.NDArray[np.float64]

_SIDE = 4  # measurements on each side of a jump
_FEWEST = 4
_FEWEST_BESIDE = 3
_LEAST_JUMP = 0.7  # samples: devices lose whole ones
_SURE = 8.0  # times the scatter
_MOST_JUMPS = 32
_MAD_TO_DEVIATION = 1.4826


@dataclass(frozen=True)
class Jump:
    """At `at_s` seconds the recording comes `samples` later than before; negative: samples were lost."""

    at_s: float
    samples: float


@dataclass(frozen=True)
class Movement:
    """How a delay moves: jumps, and a drift in samples per second (with its standard error) between them."""

    jumps: tuple[Jump, ...]
    samples_per_second: float
    uncertainty: float


def fit_movement(times_s: _Real, delays: _Real) -> Movement | None:
    """Explain `delays` (samples, shape (n,)) at `times_s` (ascending) by jumps and one slope.

    None for fewer than four measurements. Single measurements far off are ignored: all statistics are
    medians (the slope is that of Theil and Sen).
    """
    if len(times_s) < _FEWEST:
        return None
    slope = float(np.median(np.diff(delays) / np.diff(times_s)))
    level = delays - slope * times_s
    scatter = _MAD_TO_DEVIATION * float(np.median(np.abs(np.diff(level)))) / np.sqrt(2.0)
    limit = max(_LEAST_JUMP, _SURE * scatter)
    jumps: list[Jump] = []
    while len(jumps) < _MOST_JUMPS:
        index, samples = _largest_jump(level)
        if abs(samples) < limit:
            break
        level = level - samples * (np.arange(len(level)) >= index)
        jumps.append(Jump(round(float(times_s[index - 1] + times_s[index]) / 2.0, 2), round(samples, 1)))
    rest, error = steady_slope(times_s, level)
    return Movement(tuple(sorted(jumps, key=lambda jump: jump.at_s)), slope + rest, error)


def steady_slope(times_s: _Real, delays: _Real) -> tuple[float, float]:
    """Slope of delays without jumps in samples per second, and its standard error, from medians alone."""
    slope = _theil_sen(times_s, delays)
    residual = delays - slope * times_s
    spread = _MAD_TO_DEVIATION * float(np.median(np.abs(residual - np.median(residual))))
    return slope, float(spread / (np.std(times_s) * np.sqrt(len(times_s))))


def _largest_jump(level: _Real) -> tuple[int, float]:
    """Where the medians before and after differ most, and by how much; the first index after it."""
    last = len(level) - _FEWEST_BESIDE
    sizes = {
        index: float(
            np.median(level[index : index + _SIDE]) - np.median(level[max(0, index - _SIDE) : index])
        )
        for index in range(_FEWEST_BESIDE, last + 1)
    }
    if not sizes:
        return 1, 0.0
    best = max(sizes, key=lambda index: abs(sizes[index]))
    near = range(max(1, best - _SIDE + 1), min(len(level), best + _SIDE))  # medians are flat around a step
    return max(near, key=lambda index: np.sign(sizes[best]) * (level[index] - level[index - 1])), sizes[best]


def _theil_sen(times_s: _Real, values: _Real) -> float:
    first, second = np.triu_indices(len(times_s), 1)
    apart = times_s[second] - times_s[first]
    far = apart > 0.25 * (times_s[-1] - times_s[0])
    return float(np.median((values[second] - values[first])[far] / apart[far]))
