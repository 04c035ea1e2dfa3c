"""How an impulse response is cut for convolution, and how it lies in memory.

What the levels are for and when they work is told in `convolution`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.kernels import fft
from vastudio.kernels.jit import LANES
from vastudio.kernels.memory import aligned
from vastudio.kernels.voice import Floats

SLOT = 64
"""Samples between two pieces of work, taps summed directly, and the smallest partition."""

MAX_TAPS = 480_000

SIZES = (64, 512, 4096)
"""Partition sizes of the levels."""

_WORTHWHILE = 6
"""Partitions that a level must have, beside the levels below it."""

TAPS_ABREAST = 4
"""The direct sum takes as many taps, LANES apart, at a time: neighbouring outputs share what they load."""


@dataclass(frozen=True)
class Level:
    """Partitions of one size."""

    points: int
    partitions: int

    @property
    def first_tap(self) -> int:
        """Where the level begins."""
        return 2 * self.points - SLOT

    @property
    def end_tap(self) -> int:
        """Where the level ends."""
        return self.first_tap + self.points * self.partitions

    @property
    def group(self) -> int:
        """Partitions in a unit of work: as many as give every slot about one unit."""
        return -(-self.partitions // (self.points // SLOT))

    @property
    def units(self) -> int:
        """Units of work per window."""
        return 2 + 2 * int(fft.steps(self.points)) + -(-self.partitions // self.group)


def levels(taps: int) -> tuple[Level, ...]:
    """Choose the levels for an impulse response of `taps` samples; none where the direct sum suffices."""
    if taps <= SLOT:
        return ()
    larger = [size for size in SIZES[1:] if taps > 2 * size - SLOT + (_WORTHWHILE - 1) * size]
    sizes = [SLOT, *larger]
    ends = [2 * size - SLOT for size in larger] + [taps]
    lengths = [end - (2 * size - SLOT) for size, end in zip(sizes, ends, strict=True)]
    return tuple(Level(size, -(-length // size)) for size, length in zip(sizes, lengths, strict=True))


def pack(taps: Floats) -> Floats:
    """Arrange an impulse response, shape (taps,), for the kernel of `convolution.program(taps.size)`.

    Shape (packed_size(levels(taps.size)),): the direct sum's taps in the order in which it takes them, then
    for every level the spectra of its partitions, divided by the partition size.
    """
    layout = levels(taps.size)
    padded = np.zeros(layout[-1].end_tap if layout else SLOT, np.float64)
    padded[: taps.size] = taps
    direct = padded[:SLOT].reshape(-1, TAPS_ABREAST, LANES).transpose(0, 2, 1).reshape(-1)
    packed = aligned(packed_size(layout), np.float32)
    packed[:SLOT] = direct
    at = SLOT
    for level in layout:
        constants = fft.table(level.points)
        turn = fft.deinterleave(constants[: 2 * level.points]) / level.points
        for part in padded[level.first_tap : level.end_tap].reshape(-1, level.points):
            spectrum = packed[at : at + 2 * level.points]
            spectrum[:] = fft.interleave(part * turn)
            fft.forward(spectrum, constants)
            at += 2 * level.points
    return packed


def packed_size(layout: tuple[Level, ...]) -> int:
    """Return how many float32 numbers `pack` fills."""
    return SLOT + sum(2 * level.points * level.partitions for level in layout)
