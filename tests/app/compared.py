"""Renderings with a known error, for tests of what is measured of them."""

from __future__ import annotations

import numpy as np

from vastudio.app.comparison.comparing import Comparison, Rendering, measure_rendering
from vastudio.app.comparison.pair import Pair
from vastudio.types import STANDARD_RATE, Audio

RATE = STANDARD_RATE


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> Audio:
    """White noise with this standard deviation."""
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def rendering(target: Audio, model: Audio, clean: Audio | None = None) -> Rendering:
    """What a model that plays `model` made of a pair."""
    pair = Pair("A pair", target if clean is None else clean, target, RATE, origin="here")
    return Rendering(pair, "A model", {}, model)


def comparison(target: Audio, model: Audio) -> Comparison:
    """The same, measured."""
    return measure_rendering(rendering(target, model))
