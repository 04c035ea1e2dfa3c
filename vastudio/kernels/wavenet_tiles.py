"""Code for the inner loops of a WaveNet: tiles of samples, parts of channels, matrix products.

A tile is a few vectors of consecutive samples. Its sums, one per output channel and vector, stay in registers
while a matrix product walks over the input channels. Each weight is spread over a vector as it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from vastudio.kernels.emit import Emitter, Index, Value, Variable
from vastudio.kernels.jit import LANES
from vastudio.kernels.wavenet_layout import CHUNK
from vastudio.kernels.wavenet_rings import Rows

_WIDE = LANES == 16
"""AVX-512 has twice the registers, and loads of its vectors cost twice as much as those of single numbers."""

_ROWS = 16 if _WIDE else 4
"""Output channels of a product at a time."""

_VECTORS = 4
"""Vectors of a tile, in general."""

_ENOUGH_SUMS = 5
"""With AVX-512, so many output channels keep the multipliers busy by themselves: tiles of one vector."""

_KEPT = 12 if _WIDE else 0
"""Vectors that stay in registers beside as many sums."""

UNROLLED = 2
"""Input channels in the body of a product's loop, in general."""

Sums: TypeAlias = list[list[Variable]]
"""Of a matrix product, by output channel and vector."""


def tile_vectors(outputs: int) -> int:
    """How many vectors the largest tiles have for products with so many output channels."""
    return 1 if _WIDE and outputs >= _ENOUGH_SUMS else _VECTORS


def fits_registers(channels: int, count: int) -> bool:
    """Whether a tile of `count` vectors of so many channels stays in registers from product to product."""
    return channels <= _ROWS and channels * count <= _KEPT


class TileEmitter:
    """Emits loops over tiles and what happens in them. `weights` points to the packed weights."""

    def __init__(self, emit: Emitter, weights: Value) -> None:
        self.emit = emit
        self.builder = emit.builder
        self.weights = weights

    def in_tiles(self, vectors: Value, most: int, tile: Callable[[Value, int], None]) -> None:
        """Emit `tile(first sample, vectors)` for tiles of `most` vectors, of half as many, … down to one."""
        emit = self.emit
        done = emit.index(0)
        while most:
            count = self.builder.sdiv(emit.minus(vectors, done), emit.index(most))
            with emit.loop(count) as index:
                tile(emit.times(emit.plus(done, emit.times(index, most)), LANES), most)
            done = emit.plus(done, emit.times(count, most))
            most //= 2

    def in_parts(self, channels: int, part: Callable[[Value, int], None]) -> None:
        """Emit `part(first channel, channels)` for as many output channels at a time as registers hold."""
        emit = self.emit
        whole, left = divmod(channels, _ROWS)
        if whole == 1:
            part(emit.index(0), _ROWS)
        elif whole:
            with emit.loop(whole) as index:
                part(emit.times(index, _ROWS), _ROWS)
        if left:
            part(emit.index(whole * _ROWS), left)

    def product(
        self,
        sets: Sequence[Sums],
        weights: Value,
        distance: int,
        count: int,
        rows: Rows,
        unrolled: int = UNROLLED,
    ) -> None:
        """Add Σ weights[channel·distance + output]·row to sums; channels take turns with the sets of sums.

        With `count` channels unrolled, `rows` is asked for channels by number alone.
        """
        emit = self.emit

        def add(channel: Index, turn: int) -> None:
            vectors = rows(channel)
            for output, totals in enumerate(sets[turn % len(sets)]):
                weight = self.weight(emit.plus(weights, emit.times(channel, distance)), output)
                for total, vector in zip(totals, vectors, strict=True):
                    total.set(emit.fma(weight, vector, total.get()))

        unrolled = max(unrolled, len(sets))
        groups = count // unrolled if count > unrolled else 0
        if groups:
            with emit.loop(groups) as group:
                for turn in range(unrolled):
                    add(emit.plus(emit.times(group, unrolled), turn), turn)
        for channel in range(groups * unrolled, count):
            add(channel, channel)

    def weight(self, at: Value, index: Index) -> Value:
        """A packed weight in all lanes."""
        return self.emit.splat(self.emit.number(self.weights, self.emit.plus(at, index)))

    def zeros(self, outputs: int, count: int) -> Sums:
        """New sums."""
        return [[self.emit.variable(self.emit.splat(0.0)) for _ in range(count)] for _ in range(outputs)]

    def row(self, rows: Value, channel: Index, at: Index, count: int) -> list[Value]:
        """Vectors of a channel in rows of `CHUNK` numbers."""
        begin = self.emit.plus(at, self.emit.times(channel, CHUNK))
        return [self.emit.load(rows, self.emit.plus(begin, k * LANES)) for k in range(count)]

    def store_row(self, rows: Value, channel: Index, at: Index, vectors: Iterable[Value]) -> None:
        """Write vectors of a channel in rows of `CHUNK` numbers."""
        begin = self.emit.plus(at, self.emit.times(channel, CHUNK))
        for k, vector in enumerate(vectors):
            self.emit.store(vector, rows, self.emit.plus(begin, k * LANES))


def values(sums: Sums) -> list[list[Value]]:
    """What sums have come to."""
    return [[total.get() for total in totals] for totals in sums]
