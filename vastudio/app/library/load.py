"""What playing a network costs, estimated from what its file says: one line per way of computing it.

The constants are those of the compiled kernels, measured with blocks of 128 frames on a core with AVX-512;
on 43 published networks the estimate is between 0.6 and 1.7 times what was measured there, except for layers
with films or conditions, which take up to four times as long.
"""

from __future__ import annotations

from typing import Literal

Way = Literal["convolutions", "one cell", "layers"]

_COSTS: dict[Way, tuple[float, float]] = {
    "convolutions": (15.0, 0.020),
    "one cell": (25.0, 0.025),
    "layers": (33.0, 0.060),
}
"""Nanoseconds per sample: a fixed part, and one for every number that a sample passes."""


def nanoseconds(way: Way, weights: int) -> float:
    """Nanoseconds per sample of a network with so many numbers."""
    fixed, each = _COSTS[way]
    return fixed + each * weights
