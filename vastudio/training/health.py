"""When a run has gone wrong: it diverges, or it never gets anywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

EXPLODED = 100.0
"""An ESR this much above its running mean, and above 10, is no chance of the draw any more."""

ROUNDS_TO_BE_SURE = 3
_MEMORY = 0.95

GOOD_WITHIN = 4.0
"""A validation within this factor of the best is worth going back to."""

PATIENCE = 0.25
"""The part of its time after which a run must have got somewhere, and the updates it must have made."""
FEWEST_UPDATES = 100


class Health:
    """Watches the ESR of the rounds."""

    def __init__(self) -> None:
        self._mean: float | None = None
        self._exploded = 0

    @property
    def doubtful(self) -> bool:
        """Whether the last round looked like a divergence."""
        return self._exploded > 0

    def diverged(self, esr: Sequence[float]) -> bool:
        """Whether the run diverges, after a round with the ESR of its updates.

        One value that is not finite is enough; values far above the running mean must come
        `ROUNDS_TO_BE_SURE` times in a row.
        """
        value = sum(esr) / len(esr)
        if not math.isfinite(value):
            return True
        mean = value if self._mean is None else self._mean
        if value > max(10.0, EXPLODED * mean):
            self._exploded += 1
            return self._exploded >= ROUNDS_TO_BE_SURE
        self._exploded = 0
        self._mean = _MEMORY * mean + (1 - _MEMORY) * value
        return False


def has_stalled(fraction: float, updates: int, captures: Iterable[float], esr: float) -> bool:
    """Whether a run that has done `fraction` of its time is above `esr` at every single capture."""
    return fraction >= PATIENCE and updates >= FEWEST_UPDATES and min(captures) > esr > 0
