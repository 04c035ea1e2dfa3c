"""Where on the dials a model is probed: the centre, and the corners, where models misbehave first."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from vastudio.types import Knob

ALL_CORNERS = 6
"""Up to this many knobs every corner is probed: 64 of them. Beyond, a fraction."""


def corners(knobs: Sequence[Knob]) -> tuple[dict[str, float], ...]:
    """Return knob values at the ends of all dials in combination.

    From seven knobs on, a two-level design of resolution IV in 64 runs (more beyond 32 knobs): six knobs run
    through all combinations, and each further one is the product of an odd number of them, so that any three
    knobs are seen in all their combinations (Box, Hunter and Hunter, Statistics for Experimenters, 1978).
    """
    base = len(knobs) if len(knobs) <= ALL_CORNERS else max(ALL_CORNERS, 1 + math.ceil(math.log2(len(knobs))))
    columns = [
        subset for size in range(1, base + 1, 2) for subset in itertools.combinations(range(base), size)
    ][: len(knobs)]
    return tuple(
        {
            knob.name: knob.maximum if math.prod(signs[i] for i in column) > 0 else knob.minimum
            for knob, column in zip(knobs, columns, strict=True)
        }
        for signs in itertools.product((-1, 1), repeat=base)
    )


def centre(knobs: Sequence[Knob]) -> dict[str, float]:
    """Return the middle of every dial; for a switch its default, because the middle may be no position."""
    return {knob.name: knob.default if knob.kind == "switch" else knob.denormalised(0.5) for knob in knobs}


def probed(knobs: Sequence[Knob]) -> tuple[dict[str, float], ...]:
    """Return the centre and then the corners; without knobs the only position there is."""
    return (centre(knobs), *corners(knobs)) if knobs else ({},)
