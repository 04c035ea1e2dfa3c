"""The null by frequency: where on the scale model and target part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.comparing import Rendering
from vastudio.audio import metrics

_Real: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NullByBand:
    """Null depth per third-octave band.

    Attributes
    ----------
    centres_hz:
        Ascending, shape (bands,).
    depth_db:
        Level of the difference below the target in each band (negative is better); nan where the target
        holds nothing.
    """

    centres_hz: _Real
    depth_db: _Real


def null_by_band(rendering: Rendering) -> NullByBand:
    """Measure the null depth in third-octaves (`audio.metrics.null_depth_bands`)."""
    centres, depth = metrics.null_depth_bands(rendering.target, rendering.model, rendering.sample_rate)
    return NullByBand(centres, depth)
