"""What a model will cost, before it is chosen."""

from __future__ import annotations

import math
import time

import numpy as np

from vastudio.engine.graph import PlayableModel
from vastudio.engine.quality import Quality

_BLOCK, _BLOCKS, _TURNS = 64, 8, 9
_LEVEL = 0.1


def estimated_load(model: PlayableModel, quality: Quality) -> float:
    """Measure which share of a processor core `model` takes when it plays at `quality`, knobs standing still.

    1.0 is a whole core. The least of several short turns at 64 frames a block, so that other work hardly
    counts; takes some milliseconds, and longer where the model has to be compiled first: ask on a thread that
    may wait. Raises what `PlayableModel.voice` raises.
    """
    voice = model.at_quality(quality).voice({})
    sound = np.random.default_rng(0).normal(0.0, _LEVEL, _BLOCK * _BLOCKS).astype(np.float32)
    voice.process(sound, _BLOCK)
    least = math.inf
    for _ in range(_TURNS):
        begun = time.perf_counter()
        voice.process(sound, _BLOCK)
        least = min(least, time.perf_counter() - begun)
    return least * model.sample_rate / sound.size
