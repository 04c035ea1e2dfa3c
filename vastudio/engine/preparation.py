"""Having everything compiled before sound has to flow, and saying what that took.

The first start on a computer compiles the engine, which takes some seconds; every later one finds it on disk.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vastudio.engine.equaliser import Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.rack import Rack
from vastudio.kernels import convolution, dc_blocker, doubled, resampled
from vastudio.kernels.callback import native_callback
from vastudio.kernels.jit import LANES
from vastudio.kernels.voice import Voice
from vastudio.types import STANDARD_RATE


@dataclass(frozen=True)
class Preparation:
    """What preparing the engine took.

    Attributes
    ----------
    compiled:
        Functions that had to be compiled; 0 where everything was found on disk.
    kept:
        Compiled functions on disk; 0 where no folder can be written.
    lanes:
        Numbers that the processor works on at once.
    """

    seconds: float
    compiled: int
    kept: int
    lanes: int = LANES


_latest: Preparation | None = None


def report() -> Preparation | None:
    """What the latest preparation in this process took; None before the first."""
    return _latest


def prepare() -> Preparation:
    """Compile the chain and the callback, or read them from disk. Any thread that may wait."""
    global _latest  # noqa: PLW0603  # compiled code belongs to the process
    begun, before = time.perf_counter(), _on_disk()
    native_callback()
    rack, silence = Rack(STANDARD_RATE), np.zeros(1, np.float32)
    rack.process(silence, silence.copy())
    for effect in (Gate(), Equaliser()):
        Voice(effect.program(STANDARD_RATE), effect.packed(STANDARD_RATE))
    doubled.prepare()
    dc_blocker.prepare()
    resampled.program(convolution.program(1), 44_100, STANDARD_RATE)  # one for all lengths, and all rates
    after = _on_disk()
    _latest = Preparation(time.perf_counter() - begun, after - before, after)
    return _latest


def _on_disk() -> int:
    """How many compiled functions the cache folder holds."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    return sum(1 for _ in Path(folder).rglob("*.nbc")) if folder else 0
