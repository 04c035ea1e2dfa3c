"""Truncated back-propagation through time, many sequences in lockstep: what every cell shares.

Lanes are sequences: every SIMD value holds one quantity (one unit of the state, say) of `LANES`
sequences that share one weight set, so that a time step of a block is nothing but multiply-adds of
vectors with broadcast weights. Blocks are independent and run on separate threads. The cells are in
`training_gru.py` and `training_lstm.py`.

A group of S sequences (S a multiple of L = LANES) shares a weight set and consists of S / L blocks. For G
groups, B blocks, T steps, H units and I inputs, every array is float32 and passed flat:

    x (G, T, I, S)   y, dy (G, T, S)       in torch's order: a block reads its lanes with stride S
    columns (B, T + 1, H + 1 + I, L)       what a step multiplies with weights: state, 1, inputs
    gates (B, T, H, 4, L)                  the four gate values of each unit
    rates (B, 4H, TILE, L)             gradients of the gates' sums, for one tile of time steps

The forward pass keeps columns and gates. The backward pass goes through the time axis in tiles of `TILE`
steps: step by step it turns gates into rates and carries the state's gradient on, then it adds the tile
to the weight gradients. The working set of a tile stays in the second-level cache; only columns and gates
come from memory, each once and in order.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import config, set_num_threads

from vastudio.kernels.jit import LANES, MAX_LANES, inlined
from vastudio.kernels.simd import sload, vfma, vfma_scalar, vload, vsplat, vstore, vsum
from vastudio.kernels.training_panels import fetching_panel, lane_sums, panel, prefetch, transpose

Floats: TypeAlias = npt.NDArray[np.float32]

TILE = 8
"""Time steps per tile of the backward pass."""

GATES = 4
"""Gate sums of a unit: n, r, z, m of the GRU, i, f, g, o of the LSTM."""

UNIT_MULTIPLE = 8
"""Hidden sizes must be multiples of it."""

ROW = TILE * LANES
"""Numbers per row of rates."""

AHEAD = 2
"""Time steps by which the backward pass asks for its memory in advance."""

STATE_ROWS = 8
"""Units whose state gradient is computed together."""

HAS_WIDE_REGISTERS = LANES == MAX_LANES
"""AVX-512 has 32 registers, room for panels of 24 rows; other processors have 16."""

MANY_ROWS, SOME_ROWS = (24, 16) if HAS_WIDE_REGISTERS else (12, 8)
"""Rates whose weight gradients are computed together: the first where it divides their number."""

_ZERO = np.float32(0)

_add_state_gradient = fetching_panel(STATE_ROWS, 1)
_add_many_weights = panel(MANY_ROWS, ROW, accumulate=True)
_add_some_weights = panel(SOME_ROWS, ROW, accumulate=True)
_add_tile_with_bias = lane_sums(TILE, plain=True)
_add_step_with_bias = lane_sums(1, plain=True)
_add_step = lane_sums(1, plain=False)


class Extent(NamedTuple):
    """Numbers of groups, blocks per group, time steps, units and inputs."""

    groups: int
    per_group: int
    steps: int
    hidden: int
    inputs: int


class Gradients(NamedTuple):
    """The gradients of every block. Rows are in the order of the rates.

    w_state:
        (B, R, W): R of the 4H rows depend on the state; W is H rounded up to whole vectors.
    w_input:
        (B, 4H, 1 + I): for the bias and each input.
    w_out:
        (B, H).
    x:
        (G, T, I, S), or empty when it is not wanted.
    """

    w_state: Floats
    w_input: Floats
    w_out: Floats
    x: Floats


class Scratch(NamedTuple):
    """Working memory of the backward pass.

    rates:
        (B, 4H, TILE, L).
    turned:
        (B, TILE, L, W): the states of a tile with the units side by side.
    sums:
        (B, 4H·(1 + I) + H, L): lane-wise sums of the gradients of w_input and w_out.
    """

    rates: Floats
    turned: Floats
    sums: Floats


class Tile(NamedTuple):
    """The time steps start … stop − 1 of a block."""

    block: int
    start: int
    stop: int


def use_threads(count: int) -> None:
    """Let the parallel kernels use `count` threads, as far as the machine has them."""
    set_num_threads(max(1, min(count, config.NUMBA_NUM_THREADS)))


def whole_vectors(hidden: int) -> int:
    """Return `hidden` rounded up to whole vectors: the row length W of `Gradients.w_state`."""
    return -(-hidden // LANES) * LANES


@inlined
def signal_index(extent: Extent, block: int, t: int, channels: int, channel: int) -> int:
    """Where the lanes of a block lie in an array (G, T, channels, S)."""
    group, lane = block // extent.per_group, block % extent.per_group * LANES
    sequences = extent.per_group * LANES
    return ((group * extent.steps + t) * channels + channel) * sequences + lane


@inlined
def fill_inputs(columns: Floats, at: int, x: Floats, extent: Extent, block: int, t: int) -> None:
    """Write the rows 1 and x of a step's column."""
    vstore(columns, at + extent.hidden * LANES, vsplat(np.float32(1)))
    for i in range(extent.inputs):
        values = vload(x, signal_index(extent, block, t, extent.inputs, i))
        vstore(columns, at + (extent.hidden + 1 + i) * LANES, values)


@inlined
def add_state_gradient(
    w_back: Floats, w_at: int, rates: Floats, at: int, count: int, dh: Floats, d: int, extent: Extent,
    gates: Floats, g: int, columns: Floats, c: int,
) -> None:  # fmt: skip
    """Add Uᵀ · (rates of one step) to dh (H, L), and ask for the gates and states of an earlier step.

    `rates[at:]` is the step's first row that depends on the state; `w_back` holds the weights of
    STATE_ROWS units after another: (H / STATE_ROWS, count, STATE_ROWS). `g` and `c` are the places of the
    step's gates and column. The processor does not see for itself that the steps are read backwards but
    each step forwards.
    """
    hidden = extent.hidden
    earlier_gates = g - AHEAD * GATES * hidden * LANES
    earlier_states = c - AHEAD * (hidden + 1 + extent.inputs) * LANES
    pace = (STATE_ROWS * GATES * LANES + count - 1) // count
    for k in range(0, hidden, STATE_ROWS):
        for j in range(k, k + STATE_ROWS):
            prefetch(columns, earlier_states + j * LANES)
        _add_state_gradient(
            w_back, w_at + k * count, STATE_ROWS, rates, at, ROW, dh, d + k * LANES, LANES, count,
            gates, earlier_gates + k * GATES * LANES, pace,
        )  # fmt: skip


@inlined
def _turn_states(
    columns: Floats, at: int, step: int, turned: Floats, into: int, width: int, count: int
) -> None:
    """Write the states of `count` steps with the units side by side.

    Where the units end inside a vector, the last one also holds numbers that follow in `columns`.
    """
    for t in range(count):
        for k in range(0, width, LANES):
            transpose(columns, at + t * step + k * LANES, LANES, turned, into + t * LANES * width + k, width)


@inlined
def add_weight_gradients(
    scratch: Scratch, columns: Floats, dy: Floats, gradients: Gradients, first_row: int, tile: Tile,
    extent: Extent,
) -> None:  # fmt: skip
    """Add a tile, whose rates are complete, to the gradients of all weights."""
    _add_state_weights(scratch, columns, gradients, first_row, tile, extent)
    _add_input_weights(scratch, columns, tile, extent)
    _add_output_weights(scratch, columns, dy, tile, extent)


@inlined
def _add_state_weights(
    scratch: Scratch, columns: Floats, gradients: Gradients, first_row: int, tile: Tile, extent: Extent
) -> None:
    """Add Σ (rate j)·(state k) over steps and lanes: the rates are the numbers, the states the vectors."""
    hidden, count = extent.hidden, tile.stop - tile.start
    width = (hidden + LANES - 1) // LANES * LANES
    step = (hidden + 1 + extent.inputs) * LANES
    at = (tile.block * (extent.steps + 1) + tile.start) * step
    into = tile.block * TILE * LANES * width
    _turn_states(columns, at, step, scratch.turned, into, width, count)
    rates = tile.block * GATES * hidden * ROW
    rows = GATES * hidden - first_row
    many = rows % MANY_ROWS == 0
    for j in range(0, rows, MANY_ROWS if many else SOME_ROWS):
        p = rates + (first_row + j) * ROW
        for k in range(0, width, LANES):
            c = (tile.block * rows + j) * width + k
            if many:
                _add_many_weights(
                    scratch.rates, p, 1, scratch.turned, into + k, width, gradients.w_state, c, width,
                    count * LANES,
                )  # fmt: skip
            else:
                _add_some_weights(
                    scratch.rates, p, 1, scratch.turned, into + k, width, gradients.w_state, c, width,
                    count * LANES,
                )  # fmt: skip


@inlined
def _add_input_weights(scratch: Scratch, columns: Floats, tile: Tile, extent: Extent) -> None:
    """Add Σ_t (rate j)·(1 or input) to the lane-wise sums; a short tile goes step by step."""
    hidden, count = extent.hidden, tile.stop - tile.start
    rows, ends = GATES * hidden, 1 + extent.inputs
    step = (hidden + ends) * LANES
    at = (tile.block * (extent.steps + 1) + tile.start) * step + (hidden + 1) * LANES
    p = tile.block * rows * ROW
    sums = (tile.block * (rows * ends + hidden) + 1) * LANES
    if count == TILE:
        _add_tile_with_bias(scratch.rates, p, ROW, columns, at, step, scratch.sums, sums, ends * LANES, rows)
    else:
        for t in range(count):
            q, x = p + t * LANES, at + t * step
            _add_step_with_bias(scratch.rates, q, ROW, columns, x, 0, scratch.sums, sums, ends * LANES, rows)
    for i in range(1, extent.inputs):
        for t in range(count):
            q, x, s = p + t * LANES, at + t * step + i * LANES, sums + i * LANES
            _add_step(scratch.rates, q, ROW, columns, x, 0, scratch.sums, s, ends * LANES, rows)


@inlined
def _add_output_weights(scratch: Scratch, columns: Floats, dy: Floats, tile: Tile, extent: Extent) -> None:
    """Add Σ_t dy·(new state) to the lane-wise sums."""
    hidden = extent.hidden
    ends = 1 + extent.inputs
    step = (hidden + ends) * LANES
    sums = (tile.block * (GATES * hidden * ends + hidden) + GATES * hidden * ends) * LANES
    for j in range(hidden):
        total = vload(scratch.sums, sums + j * LANES)
        for t in range(tile.start, tile.stop):
            h = (tile.block * (extent.steps + 1) + t + 1) * step + j * LANES
            total = vfma(vload(dy, signal_index(extent, tile.block, t, 1, 0)), vload(columns, h), total)
        vstore(scratch.sums, sums + j * LANES, total)


@inlined
def input_gradient(
    w_input: Floats, w_at: int, rows: int, rates: Floats, dx: Floats, tile: Tile, extent: Extent
) -> None:
    """Write dx = Wᵀ · (rates of the first `rows` rows) for a tile; `w_input` is (rows, I) from `w_at`."""
    base = tile.block * GATES * extent.hidden * ROW
    for t in range(tile.start, tile.stop):
        for i in range(extent.inputs):
            total = vsplat(_ZERO)
            for j in range(rows):
                rate = vload(rates, base + j * ROW + (t - tile.start) * LANES)
                total = vfma_scalar(sload(w_input, w_at + j * extent.inputs + i), rate, total)
            vstore(dx, signal_index(extent, tile.block, t, extent.inputs, i), total)


@inlined
def clear_sums(scratch: Scratch, gradients: Gradients, block: int, rows: int, extent: Extent) -> None:
    """Set what a block adds to, to zero; `rows` of its rates depend on the state."""
    hidden = extent.hidden
    width = (hidden + LANES - 1) // LANES * LANES
    size = (GATES * hidden * (1 + extent.inputs) + hidden) * LANES
    for i in range(block * size, (block + 1) * size, LANES):
        vstore(scratch.sums, i, vsplat(_ZERO))
    for i in range(block * rows * width, (block + 1) * rows * width, LANES):
        vstore(gradients.w_state, i, vsplat(_ZERO))


@inlined
def collect_sums(scratch: Scratch, gradients: Gradients, block: int, extent: Extent) -> None:
    """Add up the lanes of the gradients of w_input and w_out."""
    hidden = extent.hidden
    rows = GATES * hidden * (1 + extent.inputs)
    at = block * (rows + hidden) * LANES
    for i in range(rows):
        gradients.w_input[block * rows + i] = vsum(vload(scratch.sums, at + i * LANES))
    for j in range(hidden):
        gradients.w_out[block * hidden + j] = vsum(vload(scratch.sums, at + (rows + j) * LANES))
