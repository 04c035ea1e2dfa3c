"""What the running chain tells about itself: levels, load, trouble. Read by the controlling thread only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.engine.levels import decibels
from vastudio.kernels import desk
from vastudio.kernels.cycles import ticks_per_second
from vastudio.kernels.memory import observe


@dataclass(frozen=True)
class Meters:
    """Peaks since the reading before, dBFS (−inf for silence), and whether full scale was reached.

    Attributes
    ----------
    inputs_db:
        Of the device's inputs, the first at first, sixteen at most; empty while nobody watches them.
    """

    input_peak_db: float = -math.inf
    output_peak_db: float = -math.inf
    input_clipped: bool = False
    output_clipped: bool = False
    inputs_db: tuple[float, ...] = ()


@dataclass(frozen=True)
class StreamStats:
    """How the stream is doing.

    Attributes
    ----------
    load:
        Share of the time that the chain needs, 0..1, since the reading before.
    dropouts:
        Blocks before which the device reported a gap.
    faults:
        Samples that were not numbers, and times a processor was put back to rest because its output was none.
    late:
        Blocks that began more than half a block too late.
    longest_gap_ms:
        Most time between the beginnings of two blocks.
    longest_block_us:
        Most time spent in a block.
    """

    load: float
    dropouts: int
    faults: int
    blocks: int
    sample_rate: int
    block: int
    late: int = 0
    longest_gap_ms: float = 0.0
    longest_block_us: float = 0.0


class MeterReader:
    """Reads the meters of one chain."""

    def __init__(self, ints: npt.NDArray[np.int64], floats: npt.NDArray[np.float64]) -> None:
        self._ints, self._floats = ints, floats
        self._newest = Meters()
        self._clips = (0, 0)
        self._ticks = (0, 0)
        self._load = 0.0
        self._forgotten = dict.fromkeys((desk.DROPOUTS, desk.FAULTS, desk.LATE), 0)

    def forget_trouble(self) -> None:
        """Count trouble from now on."""
        self._forgotten = {counter: int(self._ints[counter]) for counter in self._forgotten}

    def meters(self) -> Meters:
        """Return the peaks since the last call; the same again where no block has passed since."""
        if observe(self._ints, desk.PEAKS_GIVEN) != self._ints[desk.PEAKS_ASKED]:
            return self._newest
        clips = (int(self._ints[desk.INPUT_CLIPS]), int(self._ints[desk.OUTPUT_CLIPS]))
        self._newest = Meters(
            decibels(float(self._floats[desk.INPUT_PEAK])),
            decibels(float(self._floats[desk.OUTPUT_PEAK])),
            clips[0] > self._clips[0],
            clips[1] > self._clips[1],
            self._inputs_db(),
        )
        self._clips = clips
        self._ints[desk.PEAKS_ASKED] += 1
        return self._newest

    def _inputs_db(self) -> tuple[float, ...]:
        if not self._ints[desk.INPUTS_WATCHED]:
            return ()
        channels = min(int(self._ints[desk.IN_CHANNELS]), desk.MOST_WATCHED)
        return tuple(decibels(float(peak)) for peak in self._floats[desk.INPUT_PEAKS :][:channels])

    def stats(self, sample_rate: int, block: int) -> StreamStats:
        """Return load and counters."""
        busy, last = int(self._ints[desk.BUSY]), int(self._ints[desk.LAST])
        if last > self._ticks[1] > 0:
            self._load = (busy - self._ticks[0]) / (last - self._ticks[1])
        self._ticks = (busy, last)
        return StreamStats(
            self._load,
            self._count(desk.DROPOUTS),
            self._count(desk.FAULTS),
            observe(self._ints, desk.BLOCKS),
            sample_rate,
            block,
            self._count(desk.LATE),
            1e3 * self._seconds(desk.LONGEST_GAP),
            1e6 * self._seconds(desk.LONGEST_BUSY),
        )

    def _count(self, counter: int) -> int:
        return int(self._ints[counter]) - self._forgotten[counter]

    def _seconds(self, counter: int) -> float:
        return float(self._ints[counter]) / ticks_per_second()
