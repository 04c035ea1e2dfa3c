"""Code for the rings that hold the inputs of a WaveNet's layers, as `wavenet_layout` lays them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vastudio.kernels.emit import Emitter, Index, Value
from vastudio.kernels.jit import LANES
from vastudio.kernels.wavenet_layout import (
    AFTER,
    BEFORE,
    COLUMN,
    DILATION,
    FIELDS,
    LENGTH,
    POSITION,
    RINGS,
    TABLE,
    TAPS,
    WEIGHTS,
    ArrayLayout,
)

Rows: TypeAlias = Callable[[Index], list[Value]]
"""The vectors of a channel, side by side."""


@dataclass(frozen=True)
class Ring:
    """The integers of a ring as IR values, and where the rows of its array begin."""

    array: ArrayLayout
    rows: Value
    column: Value
    length: Value
    position: Value
    taps: Value
    dilation: Value
    weights: Value

    @property
    def channels(self) -> int:
        """Number of rows."""
        return self.array.array.channels


class RingEmitter:
    """Reads and writes rings. `own` points to the program's own numbers, `state` to the state."""

    def __init__(self, emit: Emitter, own: Value, state: Value) -> None:
        self.emit = emit
        self.builder = emit.builder
        self.own = own
        self.state = state

    def ring(self, array: ArrayLayout, index: Index) -> Ring:
        """Load a row of the table."""
        emit = self.emit
        fields = emit.at(self.own, emit.plus(emit.times(index, FIELDS), TABLE))
        names = (COLUMN, LENGTH, POSITION, TAPS, DILATION, WEIGHTS)
        return Ring(array, emit.at(self.state, array.rows), *(emit.number(fields, name) for name in names))

    def columns(self, ring: Ring, at: Value, count: int, back: Index = 0) -> list[Value]:
        """Where `count` vectors from sample `at` on stand in a row, or those `back` samples earlier."""
        emit, builder = self.emit, self.builder
        columns = []
        for k in range(count):
            position = self._wrapped(emit.plus(emit.plus(ring.position, at), k * LANES), ring.length)
            earlier = emit.minus(position, back)
            before = builder.icmp_signed("<", earlier, emit.index(0))
            position = builder.select(before, emit.plus(earlier, ring.length), earlier)
            columns.append(emit.plus(position, ring.column))
        return columns

    def rows(self, ring: Ring, columns: list[Value]) -> Rows:
        """The channels of a ring at some columns."""
        emit, distance = self.emit, ring.array.row_length
        return lambda channel: [
            emit.load(ring.rows, emit.plus(emit.times(channel, distance), column)) for column in columns
        ]

    def put(self, ring: Ring, begin: Value, rows: Sequence[Sequence[Value]], at: Value) -> None:
        """Write rows as the channels from `begin` on, at sample `at`, and to the margin that repeats them."""
        emit, builder = self.emit, self.builder
        for k, column in enumerate(self.columns(ring, at, len(rows[0]))):
            vectors = [vectors[k] for vectors in rows]
            self._store(ring, begin, column, vectors)
            position = emit.minus(column, ring.column)
            early = builder.icmp_signed("<", position, emit.index(LANES))
            late = builder.icmp_signed(">", position, emit.minus(ring.length, LANES))
            with builder.if_then(builder.or_(early, late), likely=False):
                after, before = emit.plus(column, ring.length), emit.minus(column, ring.length)
                self._store(ring, begin, builder.select(early, after, before), vectors)

    def _store(self, ring: Ring, begin: Value, column: Value, vectors: Sequence[Value]) -> None:
        emit, distance = self.emit, ring.array.row_length
        for row, vector in enumerate(vectors):
            emit.store(vector, ring.rows, emit.plus(column, emit.times(emit.plus(begin, row), distance)))

    def fill(self, ring: Ring) -> None:
        """Repeat a ring's present sample all over it."""
        emit = self.emit
        with emit.loop(ring.channels) as channel:
            row = emit.at(ring.rows, emit.times(channel, ring.array.row_length))
            sample = emit.splat(emit.number(row, emit.plus(ring.column, ring.position)))
            begin = emit.minus(ring.column, BEFORE)
            size = emit.plus(ring.length, BEFORE + AFTER)
            with emit.loop(self.builder.sdiv(size, emit.index(LANES))) as vector:
                emit.store(sample, row, emit.plus(begin, emit.times(vector, LANES)))

    def advance(self, count: Value) -> None:
        """Move all rings on by `count` samples."""
        emit = self.emit
        with emit.loop(emit.number(self.own, RINGS)) as index:
            fields = emit.at(self.own, emit.plus(emit.times(index, FIELDS), TABLE))
            moved = emit.plus(emit.number(fields, POSITION), count)
            emit.put(self._wrapped(moved, emit.number(fields, LENGTH)), fields, POSITION)

    def _wrapped(self, position: Value, length: Value) -> Value:
        """A position below 2·length, brought into the ring."""
        over = self.builder.icmp_signed(">=", position, length)
        return self.builder.select(over, self.emit.minus(position, length), position)
