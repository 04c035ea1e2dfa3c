"""Where a streaming WaveNet keeps its numbers: packed weights, state, and the voice's own integers.

The input of every layer lies in a ring: one row per channel, a column per sample. All rows of an array are
equally long and hold the rings of its layers one after the other, so that the rows of any ring are the same
distance apart. A ring has margins that repeat its other end, for vectors that begin near an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from vastudio.kernels.jit import LANES, MAX_LANES
from vastudio.kernels.wavenet_shape import LayerArray, WaveNetShape

CHUNK = 64
"""Samples that pass a layer before the next one does: its weights stay in the first cache meanwhile."""

FILL, RINGS, TABLE = range(3)
"""The voice's own integers: whether rings are to be filled with their present sample, how many, the table."""

COLUMN, LENGTH, POSITION, TAPS, DILATION, WEIGHTS = range(6)
"""A row of the table. `COLUMN`: where the ring begins in its rows; `POSITION`: where the next sample goes."""

FIELDS = 6

BEFORE, AFTER = LANES, 2 * LANES
"""Columns of a ring's margins."""


@dataclass(frozen=True)
class Ring:
    """One ring as it is laid out, and the convolution that reads it, with weights at `weights`."""

    column: int
    length: int
    taps: int
    dilation: int
    weights: int

    def fields(self) -> tuple[int, ...]:
        """Its row of the table, at the start."""
        return self.column, self.length, 0, self.taps, self.dilation, self.weights


@dataclass(frozen=True)
class ArrayLayout:
    """One array.

    Attributes
    ----------
    inputs:
        Channels that enter.
    first_ring:
        The table's row of the first layer's ring. Those of the other layers follow, then that of the output
        (if an array follows), then that of the sums (if the head has several taps).
    rows, row_length:
        Where the rows begin in the state, and how far they are apart.
    rechannel, head_bias, head:
        Where weights begin.
    """

    array: LayerArray
    inputs: int
    rings: tuple[Ring, ...]
    first_ring: int
    rows: int
    row_length: int
    rechannel: int
    head_bias: int
    head: int
    has_output: bool

    @property
    def output_ring(self) -> int:
        """The table's row of the output's ring."""
        return self.first_ring + self.array.layers

    @property
    def last_ring(self) -> int:
        """The table's row of the last ring that a layer before it writes."""
        return self.output_ring if self.has_output else self.output_ring - 1

    @property
    def head_ring(self) -> int:
        """The table's row of the sums' ring."""
        return self.first_ring + len(self.rings) - 1


@dataclass(frozen=True)
class Layout:
    """All of it. The state begins with `CHUNK` samples of input, then come `sums`, `products` and the rows.

    Attributes
    ----------
    sums:
        Rows of `CHUNK` numbers: what the layers have added up, later the output of the head.
    products:
        The activations of one stretch.
    packed, state:
        Sizes in numbers.
    """

    arrays: tuple[ArrayLayout, ...]
    sums: int
    products: int
    packed: int
    state: int

    def own(self) -> tuple[int, ...]:
        """The voice's own integers, at the start."""
        rings = [ring for array in self.arrays for ring in array.rings]
        return (0, len(rings), *(field for ring in rings for field in ring.fields()))


def layer_size(channels: int, taps: int) -> int:
    """Numbers in a layer's packed weights: two biases, the condition's column, the taps, the mix."""
    return 3 * channels + (taps + 1) * channels * channels


@cache
def layout(shape: WaveNetShape) -> Layout:
    """Lay out a WaveNet."""
    widest = max(array.channels for array in shape.arrays)
    sums = CHUNK
    products = sums + widest * CHUNK
    state = products + widest * CHUNK
    weights = rings = 0
    arrays = []
    for index, (array, inputs) in enumerate(zip(shape.arrays, shape.inputs(), strict=True)):
        has_output = index + 1 < len(shape.arrays)
        placed = _place(array, inputs, has_output, rings, state, weights)
        arrays.append(placed)
        rings += len(placed.rings)
        state += array.channels * placed.row_length
        weights = placed.head + array.head_size * array.channels * array.head_kernel
    return Layout(tuple(arrays), sums, products, _whole(weights, MAX_LANES), _whole(state, MAX_LANES))


def _place(
    array: LayerArray, inputs: int, has_output: bool, first_ring: int, rows: int, weights: int
) -> ArrayLayout:
    """Lay out one array from a place in the table, the state and the packed weights on."""
    rechannel = weights
    weights += inputs * array.channels
    readers = []
    for taps, dilation in zip(array.kernel_sizes, array.dilations, strict=True):
        readers.append((taps, dilation, weights))
        weights += layer_size(array.channels, taps)
    if has_output:
        readers.append((1, 1, 0))
    head_bias, head = weights, weights + array.head_size
    if array.head_kernel > 1:
        readers.append((array.head_kernel, 1, head))
    rings, column = [], 0
    for taps, dilation, at in readers:
        length = _whole((taps - 1) * dilation + CHUNK, LANES)
        rings.append(Ring(column + BEFORE, length, taps, dilation, at))
        column += BEFORE + length + AFTER
    row_length = _odd_lines(column)
    return ArrayLayout(
        array, inputs, tuple(rings), first_ring, rows, row_length, rechannel, head_bias, head, has_output
    )


def _whole(size: int, unit: int) -> int:
    """The next multiple of `unit`."""
    return -(-size // unit) * unit


def _odd_lines(size: int) -> int:
    """The next odd number of cache lines: rows at an even distance would crowd into few sets of the cache."""
    lines = _whole(size, MAX_LANES) // MAX_LANES
    return (lines | 1) * MAX_LANES
