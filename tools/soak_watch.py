"""A callback around a callback: what an audio device does to us, counted in machine code.

Activities: the device's thread calls the watching callback, which calls the watched one and notes when and
for how long; any other thread reads the counts now and then. Every count has one writer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, types
from numba.extending import intrinsic

from vastudio.kernels.cycles import ticks, ticks_per_second
from vastudio.kernels.memory import address, aligned, observe, pointer, store_release

(
    ASKED,  # raised by the reader to have the longest times start anew
    GIVEN,
    BLOCKS,
    FLAGGED,  # blocks before which the device reported a gap
    LATE,  # blocks that began half a block or more too late
    BEGUN,  # tick at the beginning of the newest block
    BUSY,  # ticks spent in the callback
    LONGEST_GAP,  # ticks between the beginnings of two blocks
    LONGEST_BLOCK,  # ticks in the callback
    LATE_TICKS,  # a gap of more counts as late
    NUMBERS,
) = range(11)

CHANNELS = 2
_STATUS_TROUBLE = 0b1111
_CALLBACK = types.int32(types.uintp, types.uintp, types.uint64, types.uintp, types.uint64, types.uintp)


@intrinsic
def _call(
    typing: Any, function: Any, inp: Any, out: Any, frames: Any, time: Any, flags: Any, user: Any
) -> tuple[Any, Callable[..., Any]]:
    """Call PortAudio's kind of callback at an address."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [argument.type for argument in args[1:]])
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])

    return types.int32(types.uintp, *_CALLBACK.args), lower


@dataclass(frozen=True)
class Counts:
    """What happened since the start, the longest times since the reading before, and when that was read.

    Attributes
    ----------
    difference:
        The largest difference between the two output channels so far.
    """

    blocks: int
    flagged: int
    late: int
    longest_gap_ms: float
    longest_block_us: float
    busy_seconds: float
    difference: float


class Watch:
    """Watches one callback, or none: then the output is silence.

    Parameters
    ----------
    watched:
        Address of the callback to watch, 0 for none.
    block, sample_rate:
        How often a callback is due.
    """

    def __init__(self, watched: int, block: int, sample_rate: int) -> None:
        self.numbers = aligned(NUMBERS, np.int64)
        self.largest = aligned(1, np.float64)
        self.numbers[LATE_TICKS] = round(1.5 * ticks_per_second() * block / sample_rate)
        self._callback = _watching(watched, address(self.numbers), address(self.largest))

    @property
    def callback(self) -> Any:
        """What the device calls, with an `address` as `native_callback` has it."""
        return SimpleNamespace(address=self._callback.address, keep=self)

    def counts(self) -> Counts:
        """Read the counts; the longest times start anew with the next block."""
        numbers, scale = self.numbers, ticks_per_second()
        counts = Counts(
            blocks=observe(numbers, BLOCKS),
            flagged=int(numbers[FLAGGED]),
            late=int(numbers[LATE]),
            longest_gap_ms=1e3 * int(numbers[LONGEST_GAP]) / scale,
            longest_block_us=1e6 * int(numbers[LONGEST_BLOCK]) / scale,
            busy_seconds=int(numbers[BUSY]) / scale,
            difference=float(self.largest[0]),
        )
        numbers[ASKED] += 1
        return counts


def _watching(watched: int, memory: int, largest: int) -> Any:
    """Compile the callback; the addresses are constants in it, so it is not kept on disk."""

    @cfunc(_CALLBACK, error_model="numpy")
    def callback(inp: int, out: int, frames: int, time: int, flags: int, user: int) -> int:
        numbers = carray(pointer(memory), NUMBERS, np.int64)
        sound = carray(pointer(out), np.int64(frames) * CHANNELS, np.float32)
        begun = ticks()
        if watched != 0:
            _call(watched, inp, out, frames, time, flags, user)
        else:
            sound[:] = np.float32(0.0)
        ended = ticks()
        if numbers[GIVEN] != numbers[ASKED]:
            numbers[GIVEN] = numbers[ASKED]
            numbers[LONGEST_GAP] = 0
            numbers[LONGEST_BLOCK] = 0
        if numbers[BLOCKS] > 0:
            gap = begun - numbers[BEGUN]
            numbers[LONGEST_GAP] = max(numbers[LONGEST_GAP], gap)
            numbers[LATE] += gap > numbers[LATE_TICKS]
        numbers[BEGUN] = begun
        numbers[BUSY] += ended - begun
        numbers[LONGEST_BLOCK] = max(numbers[LONGEST_BLOCK], ended - begun)
        numbers[FLAGGED] += (np.int64(flags) & _STATUS_TROUBLE) != 0
        worst = carray(pointer(largest), 1, np.float64)
        for frame in range(0, sound.size, CHANNELS):
            difference = abs(sound[frame] - sound[frame + 1])
            if not difference <= worst[0]:
                worst[0] = difference
        store_release(numbers, BLOCKS, numbers[BLOCKS] + 1)
        return 0

    return callback
