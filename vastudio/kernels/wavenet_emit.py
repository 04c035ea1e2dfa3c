"""The code of a streaming WaveNet, written for one shape.

The lanes of a vector are consecutive samples, the sums of a matrix product are output channels: any number
of channels fills the vectors, and every sample is computed alike wherever in a block it stands. A chunk of a
block passes all layers one after the other; within a layer, tiles of a few vectors do. Lanes beyond the end
of a block are computed from silence and overwritten by the next block.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from llvmlite import ir

from vastudio.kernels.emit import FLOAT, INT64, Emitter, Value
from vastudio.kernels.jit import LANES
from vastudio.kernels.voice import OWN, PROCESS, STATE_AT, WEIGHTS_AT
from vastudio.kernels.wavenet_activations import activate
from vastudio.kernels.wavenet_layout import CHUNK, FIELDS, FILL, POSITION, RINGS, TABLE, ArrayLayout, Layout
from vastudio.kernels.wavenet_rings import Ring, RingEmitter, Rows
from vastudio.kernels.wavenet_shape import Activation
from vastudio.kernels.wavenet_tiles import (
    UNROLLED,
    Sums,
    TileEmitter,
    fits_registers,
    tile_vectors,
    values,
)

_HEAD_SUMS = 4
"""Sums that a head with one output adds into in turn: one alone would be a long chain of additions."""


def emit_rest(emit: Emitter, numbers: Value) -> None:
    """Emit `rest`: a sample of silence, in which every layer fills the next one's ring with its output."""
    own = emit.at(emit.pointer(numbers, INT64), OWN)
    state, process = emit.number(own, STATE_AT - OWN), emit.number(own, PROCESS - OWN)
    kind = ir.FunctionType(ir.VoidType(), [INT64] * 4)
    emit.put(ir.Constant(FLOAT, 0.0), emit.pointer(state))
    emit.put(emit.index(1), own, FILL)
    emit.builder.call(emit.pointer(process, kind), [numbers, state, state, emit.index(1)])
    emit.put(emit.index(0), own, FILL)
    with emit.loop(emit.number(own, RINGS)) as ring:
        emit.put(emit.index(0), own, emit.plus(emit.times(ring, FIELDS), TABLE + POSITION))


class WaveNetEmitter:
    """Emits `process` for a layout. `numbers` is the address of the voice's numbers."""

    def __init__(self, emit: Emitter, layout: Layout, numbers: Value) -> None:
        own = emit.at(emit.pointer(numbers, INT64), OWN)
        self.emit = emit
        self.builder = emit.builder
        self.layout = layout
        self.heard = emit.pointer(emit.number(own, STATE_AT - OWN))
        self.sums = emit.at(self.heard, layout.sums)
        self.products = emit.at(self.heard, layout.products)
        self.fills = self.builder.icmp_signed("!=", emit.number(own, FILL), emit.index(0))
        self.rings = RingEmitter(emit, own, self.heard)
        self.tiles = TileEmitter(emit, emit.pointer(emit.number(own, WEIGHTS_AT - OWN)))

    def process(self, source: Value, out: Value, frames: Value) -> None:
        """Run over `frames` samples from one address to another, which may be the same."""
        emit = self.emit
        with emit.loop(self._units(frames, CHUNK)) as chunk:
            done = emit.times(chunk, CHUNK)
            left = emit.minus(frames, done)
            whole = self.builder.icmp_signed(">", left, emit.index(CHUNK))
            count = self.builder.select(whole, emit.index(CHUNK), left)
            vectors = self._units(count, LANES)
            emit.store(emit.splat(0.0), self.heard, emit.times(emit.minus(vectors, 1), LANES))
            self._copy(emit.at(emit.pointer(source), done), self.heard, count)
            before = None
            for array in self.layout.arrays:
                self._array(array, before, vectors)
                before = array
            self._copy(self.sums, emit.at(emit.pointer(out), done), count)
            self.rings.advance(count)

    def _array(self, array: ArrayLayout, before: ArrayLayout | None, vectors: Value) -> None:
        self._enter(array, before, vectors)
        at = array.first_ring
        for activation, layers in groupby(array.array.activations):
            count = len(list(layers))
            with self.emit.loop(count) as layer:
                self._layer(array, self.emit.plus(layer, at), activation, vectors)
            at += count
        self._head(array, vectors)

    def _enter(self, array: ArrayLayout, before: ArrayLayout | None, vectors: Value) -> None:
        """Bring what enters an array to its width, in the first ring. The sums begin at 0 or with a head."""
        emit, tiles, rings = self.emit, self.tiles, self.rings
        channels = array.array.channels
        ring = rings.ring(array, array.first_ring)
        source = rings.ring(before, before.output_ring) if before else None

        def tile(at: Value, count: int) -> None:
            entering = (
                rings.rows(source, rings.columns(source, at, count)) if source else self._heard(at, count)
            )

            def widen(begin: Value, size: int) -> None:
                sums = tiles.zeros(size, count)
                weights = emit.plus(begin, array.rechannel)
                tiles.product([sums], weights, channels, array.inputs, entering)
                rings.put(ring, begin, values(sums), at)
                for row in range(0 if before else size):
                    tiles.store_row(self.sums, emit.plus(begin, row), at, [emit.splat(0.0)] * count)

            tiles.in_parts(channels, widen)

        tiles.in_tiles(vectors, 1, tile)
        self._fill_at_rest(ring)

    def _layer(self, array: ArrayLayout, index: Value, activation: Activation, vectors: Value) -> None:
        """Convolve a ring, activate, add to the sums, and write the next ring if there is one."""
        emit, rings = self.emit, self.rings
        ring, following = rings.ring(array, index), emit.plus(index, 1)
        goes_on = self.builder.icmp_signed("<", index, emit.index(array.last_ring))

        def tile(at: Value, count: int) -> None:
            products = self._activate(ring, activation, at, count)
            with self.builder.if_then(goes_on, likely=True):
                self._mix(ring, rings.ring(array, following), products, at, count)

        self.tiles.in_tiles(vectors, tile_vectors(ring.channels), tile)
        with self.builder.if_then(goes_on, likely=True):
            self._fill_at_rest(rings.ring(array, following))

    def _activate(self, ring: Ring, activation: Activation, at: Value, count: int) -> Rows:
        """Return f(convolution + the condition's share), kept in registers or rows; add it to the sums."""
        emit, tiles, channels = self.emit, self.tiles, ring.channels
        heard = self._heard(at, count)(0)
        kept: list[list[Value]] = []

        def part(begin: Value, size: int) -> None:
            first = emit.plus(ring.weights, begin)
            sums = []
            for row in range(size):
                bias, mixin = tiles.weight(first, row), tiles.weight(first, channels + row)
                sums.append([emit.variable(emit.fma(mixin, sound, bias)) for sound in heard])
            self._convolve([sums], ring, emit.plus(first, 2 * channels), channels, at)
            for row, totals in enumerate(values(sums)):
                channel = emit.plus(begin, row)
                products = [activate(emit, activation, total) for total in totals]
                if fits_registers(channels, count):
                    kept.append(products)
                else:
                    tiles.store_row(self.products, channel, 0, products)
                added = tiles.row(self.sums, channel, at, count)
                tiles.store_row(self.sums, channel, at, map(emit.add, added, products))

        tiles.in_parts(channels, part)
        return kept.__getitem__ if kept else lambda channel: tiles.row(self.products, channel, 0, count)

    def _mix(self, ring: Ring, following: Ring, products: Rows, at: Value, count: int) -> None:
        """Next ring = this one + mix·products + bias."""
        emit, tiles, rings, channels = self.emit, self.tiles, self.rings, ring.channels
        here = rings.rows(ring, rings.columns(ring, at, count))
        biases = emit.plus(ring.weights, emit.plus(emit.times(ring.taps, channels * channels), 2 * channels))

        unrolled = channels if fits_registers(channels, count) else UNROLLED

        def part(begin: Value, size: int) -> None:
            first = emit.plus(biases, begin)
            sums = []
            for row in range(size):
                bias = tiles.weight(first, row)
                sums.append([emit.variable(emit.add(bias, value)) for value in here(emit.plus(begin, row))])
            tiles.product([sums], emit.plus(first, channels), channels, channels, products, unrolled)
            rings.put(following, begin, values(sums), at)

        tiles.in_parts(channels, part)

    def _head(self, array: ArrayLayout, vectors: Value) -> None:
        """Convolve the sums. What comes out takes their place: the next array's begin, or the output."""
        emit, tiles, shape = self.emit, self.tiles, array.array
        outputs, head = shape.head_size, emit.index(array.head)
        ring = self._keep_sums(array, vectors) if shape.head_kernel > 1 else None

        def tile(at: Value, count: int) -> None:
            def sums(channel: Value) -> list[Value]:
                return tiles.row(self.sums, channel, at, count)

            sets = [tiles.zeros(outputs, count) for _ in range(_HEAD_SUMS if outputs == 1 else 1)]
            if ring:
                self._convolve(sets, ring, head, outputs, at)
            else:
                tiles.product(sets, head, outputs, shape.channels, sums)
            for row in range(outputs):
                bias = tiles.weight(emit.index(array.head_bias), row)
                totals = (emit.total([each[row][k].get() for each in sets]) for k in range(count))
                tiles.store_row(self.sums, row, at, [emit.add(bias, total) for total in totals])

        tiles.in_tiles(vectors, tile_vectors(outputs), tile)

    def _keep_sums(self, array: ArrayLayout, vectors: Value) -> Ring:
        """Write the sums into the head's ring."""
        ring = self.rings.ring(array, array.head_ring)

        def tile(at: Value, count: int) -> None:
            for channel in range(ring.channels):
                row = self.tiles.row(self.sums, channel, at, count)
                self.rings.put(ring, self.emit.index(channel), [row], at)

        self.tiles.in_tiles(vectors, 1, tile)
        self._fill_at_rest(ring)
        return ring

    def _convolve(self, sets: Sequence[Sums], ring: Ring, weights: Value, outputs: int, at: Value) -> None:
        """Add the convolution of a ring with weights [tap, input channel, output channel] to sums."""
        emit = self.emit
        count = len(sets[0][0])
        with emit.loop(ring.taps) as tap:
            back = emit.times(emit.minus(emit.minus(ring.taps, 1), tap), ring.dilation)
            rows = self.rings.rows(ring, self.rings.columns(ring, at, count, back))
            matrix = emit.plus(weights, emit.times(tap, ring.channels * outputs))
            self.tiles.product(sets, matrix, outputs, ring.channels, rows)

    def _heard(self, at: Value, count: int) -> Rows:
        """The sound, as the only channel."""
        return lambda channel: self.tiles.row(self.heard, 0, at, count)

    def _fill_at_rest(self, ring: Ring) -> None:
        with self.builder.if_then(self.fills, likely=False):
            self.rings.fill(ring)

    def _units(self, size: Value, unit: int) -> Value:
        """How many units hold `size`."""
        return self.builder.sdiv(self.emit.plus(size, unit - 1), self.emit.index(unit))

    def _copy(self, source: Value, target: Value, count: Value) -> None:
        emit = self.emit
        whole = self.builder.sdiv(count, emit.index(LANES))
        with emit.loop(whole) as vector:
            at = emit.times(vector, LANES)
            emit.store(emit.load(source, at), target, at)
        done = emit.times(whole, LANES)
        with emit.loop(emit.minus(count, done)) as i:
            emit.put(emit.number(source, emit.plus(done, i)), target, emit.plus(done, i))
