"""PortAudio's callback as machine code: no interpreter, no lock, no allocation."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np
from numba import carray, cfunc, types

from vastudio.kernels import desk
from vastudio.kernels.chain import START_UP_BLOCKS, process
from vastudio.kernels.jit import CACHED
from vastudio.kernels.memory import pointer

STATUS_TROUBLE = 0b1111
"""PortAudio's flags for input or output that came too late or got lost."""

_UNSIGNED_LONG = types.uint32 if sys.platform == "win32" else types.uint64
CALLBACK = types.int32(types.uintp, types.uintp, _UNSIGNED_LONG, types.uintp, _UNSIGNED_LONG, types.uintp)
"""PaStreamCallback: addresses of input and output, frames, address of the times, flags, user data."""


@cache
def native_callback() -> Any:
    """Compile PortAudio's callback; `.address` is the function's address, for as long as this lives.

    Its user data is the address of three int64: the addresses of `ints`, `floats` and `audio` (`desk`).
    """

    @cfunc(CALLBACK, cache=CACHED, error_model="numpy")
    def callback(inp: int, out: int, frame_count: int, time: int, flags: int, user: int) -> int:
        frames = np.int64(frame_count)
        where = carray(pointer(user), 3, np.int64)
        ints = carray(pointer(where[0]), desk.INTS, np.int64)
        floats = carray(pointer(where[1]), desk.FLOATS, np.float64)
        audio = carray(pointer(where[2]), desk.AUDIO, np.float32)
        if np.int64(flags) & STATUS_TROUBLE and ints[desk.BLOCKS] > START_UP_BLOCKS:
            ints[desk.DROPOUTS] += 1
        source = carray(pointer(inp), frames * ints[desk.IN_CHANNELS], np.float32)
        sink = carray(pointer(out), frames * ints[desk.OUT_CHANNELS], np.float32)
        process(ints, floats, audio, source, sink, frames)
        return 0

    return callback
