"""Where a run stands between its start and its end, and the learning rate that belongs there.

The rate falls along half a cosine from its peak to a small part of it (Loshchilov & Hutter, SGDR, ICLR 2017).
A finished run that is continued gets a new half cosine from a lower peak: a warm restart.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from typing import Any

WARM_RESTART = 0.5
"""The peak of a continued run's learning rate, relative to the first."""

clock = time.monotonic
"""Seconds that count as training time. A comparison of recipes on a busy machine counts processor seconds."""

LONGEST_STEP = 60.0
"""Seconds that can pass between two looks at the stopwatch; longer is a computer that slept."""


class Stopwatch:
    """Seconds of training: pauses, sleep of the computer and compiling do not count."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self._since = clock()

    def restart(self) -> None:
        """Leave out the time since the last look."""
        self._since = clock()

    def tick(self) -> float:
        """Count the time since the last look; return the seconds of the run."""
        now = clock()
        self.seconds += min(now - self._since, LONGEST_STEP)
        self._since = now
        return self.seconds


@dataclass(frozen=True)
class Schedule:
    """One fall of the learning rate. Exactly one of `minutes` and `epochs` bounds it.

    Attributes
    ----------
    peak, final:
        Learning rate at the start, and at the end as a part of it.
    start_seconds, start_epochs:
        Where the run stood when this schedule began.
    """

    peak: float
    final: float
    minutes: float | None
    epochs: int | None
    start_seconds: float = 0.0
    start_epochs: float = 0.0

    def fraction(self, seconds: float, epochs: float) -> float:
        """How much of the schedule is done, 0..1."""
        if self.minutes is not None:
            return min(1.0, (seconds - self.start_seconds) / (60 * self.minutes))
        return min(1.0, (epochs - self.start_epochs) / (self.epochs or 1))

    def seconds_left(self, seconds: float, epochs: float) -> float:
        """Seconds to the end; for a run bounded by epochs at the pace so far."""
        fraction = max(self.fraction(seconds, epochs), 1e-6)
        return (seconds - self.start_seconds) * (1 - fraction) / fraction

    def rate(self, fraction: float) -> float:
        """The learning rate after `fraction` of the schedule."""
        cosine = 0.5 * (1 + math.cos(math.pi * fraction))
        return self.peak * (self.final + (1 - self.final) * cosine)

    def to_record(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)
