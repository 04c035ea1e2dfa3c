"""Play one signal and record another, sample by sample in step: PortAudio's callback as machine code.

The memory is two arrays, every place with one writer: `ints` (int64, below) and `peak` (float64, one place:
the highest input of the newest block). The recording begins some blocks after the stream: what a device does
while it starts is not recorded and does not count.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray, cfunc

from vastudio.kernels.callback import CALLBACK, STATUS_TROUBLE
from vastudio.kernels.jit import CACHED, compiled
from vastudio.kernels.memory import pointer, store_release

(
    # --- set before the stream starts ---
    IN_CHANNELS,  # 0: nothing is heard, the recording stays silent
    OUT_CHANNELS,
    IN_CHANNEL,  # counted from 0
    OUT_CHANNEL,
    FRAMES,  # length of both signals
    PLAYED,  # address of the signal to play
    RECORDED,  # address of the recording
    # --- written by the callback ---
    POSITION,  # frames played and recorded so far
    BLOCKS,
    DROPOUTS,  # blocks that came too late or got lost, since the recording began
    INTS,
) = range(11)

WARM_UP_BLOCKS = 16


@compiled
def pass_block(
    ints: npt.NDArray[np.int64],
    peak: npt.NDArray[np.float64],
    source: npt.NDArray[np.float32],
    sink: npt.NDArray[np.float32],
    frames: int,
    is_troubled: bool,
) -> None:
    """Record one interleaved block and play the next; silence before the beginning and after the end."""
    ints[BLOCKS] += 1
    sink[:] = 0.0
    start = ints[POSITION]
    count = min(frames, ints[FRAMES] - start)
    if ints[BLOCKS] <= WARM_UP_BLOCKS or count <= 0:
        return
    if is_troubled:
        ints[DROPOUTS] += 1
    played = carray(pointer(ints[PLAYED]), ints[FRAMES], np.float32)
    recorded = carray(pointer(ints[RECORDED]), ints[FRAMES], np.float32)
    highest = 0.0
    for index in range(count):
        sink[index * ints[OUT_CHANNELS] + ints[OUT_CHANNEL]] = played[start + index]
        value = source[index * ints[IN_CHANNELS] + ints[IN_CHANNEL]] if ints[IN_CHANNELS] else np.float32(0.0)
        recorded[start + index] = value
        highest = max(highest, abs(value))
    peak[0] = highest
    store_release(ints, POSITION, start + count)


@cache
def native_duplex() -> Any:
    """Compile PortAudio's callback; `.address` is the function's address, for as long as this lives.

    Its user data is the address of two int64: the addresses of `ints` and `peak`.
    """

    @cfunc(CALLBACK, cache=CACHED, error_model="numpy")
    def callback(inp: int, out: int, frame_count: int, time: int, flags: int, user: int) -> int:
        frames = np.int64(frame_count)
        where = carray(pointer(user), 2, np.int64)
        ints = carray(pointer(where[0]), INTS, np.int64)
        peak = carray(pointer(where[1]), 1, np.float64)
        source = carray(pointer(inp), frames * ints[IN_CHANNELS], np.float32)
        sink = carray(pointer(out), frames * ints[OUT_CHANNELS], np.float32)
        pass_block(ints, peak, source, sink, frames, np.int64(flags) & STATUS_TROUBLE != 0)
        return 0

    return callback
