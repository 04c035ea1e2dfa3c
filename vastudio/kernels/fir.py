"""A short filter of finite response: y[t] = Σ_k taps[k]·x[t − k], one sample after another.

The samples of the past lie in a ring that is kept twice, one copy behind the other, so that the newest ones
always stand in one row; the taps lie in reverse order, padded in front with zeros to whole vectors.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray, cfunc

from vastudio.kernels.jit import CACHED, LANES, MAX_LANES
from vastudio.kernels.memory import aligned, pointer
from vastudio.kernels.simd import vfma, vload, vsplat, vsum
from vastudio.kernels.voice import (
    OWN,
    PROCESS_SIGNATURE,
    REST_SIGNATURE,
    STATE_AT,
    WEIGHTS_AT,
    Floats,
    Program,
    floats_at,
)

MOST_TAPS = 512

NEWEST, LENGTH = OWN, OWN + 1
"""A voice's own numbers: the newest sample's place in the ring, and the ring's length."""


def program(taps: int) -> Program:
    """Return what plays a filter of `taps` numbers, 1 … `MOST_TAPS`. Raises ValueError for others."""
    if not 1 <= taps <= MOST_TAPS:
        raise ValueError(f"{taps} taps; 1 to {MOST_TAPS} can be played")
    process, rest = _compiled()
    length = -(-taps // MAX_LANES) * MAX_LANES
    return Program(
        process.address,
        rest.address,
        packed=length,
        state=2 * length,
        own=(0, length),
        forgets=True,
        keep=(process, rest),
    )


def pack(taps: npt.NDArray[np.floating]) -> Floats:
    """Arrange taps (K,), that of the newest sample first, for `program(K)`."""
    packed = aligned(program(taps.size).packed, np.float32)
    packed[packed.size - taps.size :] = taps[::-1]
    return packed


@cache
def _compiled() -> tuple[Any, Any]:
    """Compile `process` and `rest`, which all lengths share."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        voice = carray(pointer(at), LENGTH + 1, np.int64)
        length, newest = voice[LENGTH], voice[NEWEST]
        taps, ring = floats_at(voice[WEIGHTS_AT], length), floats_at(voice[STATE_AT], 2 * length)
        x, y = floats_at(source, frames), floats_at(out, frames)
        for t in range(frames):
            newest = newest + 1 if newest + 1 < length else 0
            ring[newest] = x[t]
            ring[newest + length] = x[t]
            total = vsplat(np.float32(0))
            for k in range(0, length, LANES):
                total = vfma(vload(taps, k), vload(ring, newest + 1 + k), total)
            y[t] = vsum(total)
        voice[NEWEST] = newest

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        voice = carray(pointer(at), LENGTH + 1, np.int64)
        floats_at(voice[STATE_AT], 2 * voice[LENGTH])[:] = np.float32(0)
        voice[NEWEST] = 0

    return process, rest
