"""The code of a streaming GRU or LSTM, written for one size as vector instructions.

One sample is: the sums of all gates (the columns of the recurrent matrix, each multiplied by one number of
the state), the gate functions, the new state, the output. What makes it fast:

* Sums stay in registers while columns go by; several *sets* of sums, added at the end, hide the latency of
  the multiply-add.
* The gate functions are a long chain of dependent operations, during which nothing would be left to do if all
  columns came first. So the *last* columns are taken chunk by chunk, each chunk's gate functions right behind
  its columns: they run while the next chunk's columns do. The following sample begins with the columns whose
  state is ready first.
* Where the matrix is larger than the fastest cache, every second sample walks through the columns backwards
  and finds there what the sample before used last.
* What a dynamic cell scales the sums by depends on the state before alone: it is ready before the sums are.

The state's two halves change places every sample; which is which, is kept in the voice. It also says the
direction, so that sums are added in the same order whatever the size of the blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from vastudio.kernels.emit import INT64, Emitter, Value, Variable
from vastudio.kernels.recurrent_gates import Gru, Lstm
from vastudio.kernels.recurrent_glide import NOW, Glide
from vastudio.kernels.recurrent_layout import OFFSET, SKIP, Chunk, Layout, Panel
from vastudio.kernels.recurrent_plan import Plan
from vastudio.kernels.voice import STATE_AT, WEIGHTS_AT

FENCE = 4
"""Columns between two fences of unrolled code."""

Row = tuple[Panel, int]
Key = tuple[str, Chunk]
Sums = dict[Key, list[Value]]


@dataclass(frozen=True)
class Tile:
    """Rows to be multiplied with the columns start … stop − 1; `last` if their sums are complete then."""

    rows: tuple[Row, ...]
    start: int
    stop: int
    last: bool

    @property
    def keys(self) -> list[Key]:
        """The gates and chunks of the rows."""
        return [panel.rows[i] for panel, i in self.rows]


def tiles(layout: Layout, plan: Plan, backwards: bool) -> Iterator[Tile]:
    """The order of work in one sample."""
    hidden, step = layout.hidden, -1 if backwards else 1

    def rows(gates: str, chunks: Sequence[Chunk]) -> tuple[Row, ...]:
        every = ((panel, i, *panel.rows[i]) for panel in layout.panels for i in range(len(panel.rows)))
        return tuple((panel, i) for panel, i, gate, chunk in every if gate in gates and chunk in chunks)

    if plan.sweeps:
        for panel in layout.panels[::step]:
            yield Tile(rows(plan.order[0], panel.chunks), 0, hidden, last=True)
        return
    tail = min(plan.tail, hidden)
    if tail < hidden:
        columns = (tail, hidden) if backwards else (0, hidden - tail)
        yield Tile(rows("".join(plan.order), layout.chunks), *columns, last=False)
    columns = (0, tail) if backwards else (hidden - tail, hidden)
    for chunk in layout.chunks[::step]:
        for gates in plan.order:
            yield Tile(rows(gates, [chunk]), *columns, last=True)


class Code:
    """Writes `process` for one layout where the builder stands."""

    def __init__(self, builder: Any, layout: Layout, plan: Plan) -> None:
        self._layout, self._plan = layout, plan
        self._emit = Emitter(builder, layout.lanes)
        self._wide = {chunk.lanes: Emitter(builder, chunk.lanes) for chunk in layout.chunks}

    def process(self, numbers: Value, source: Value, out: Value, frames: Value) -> None:
        """Write the loop over the samples."""
        emit, builder, layout = self._emit, self._emit.builder, self._layout
        voice = emit.pointer(numbers, INT64)
        self._weights = emit.pointer(emit.number(voice, WEIGHTS_AT))
        self._state = emit.pointer(emit.number(voice, STATE_AT))
        samples, results = emit.pointer(source), emit.pointer(out)
        halves = self._state, emit.at(self._state, layout.resting)
        now = emit.variable(emit.number(voice, NOW))
        self._moving = emit.at(self._state, layout.moving_at)
        glide = Glide(emit, layout, voice, frames)
        self._present = self._present_state(emit.at(self._state, emit.times(now.get(), layout.resting)))
        with emit.loop(frames) as t:
            here = emit.at(self._state, emit.times(now.get(), layout.resting))
            glide.advance(lambda increments, here=here: self._move_state(here, increments))  # type: ignore[misc]
            x = emit.number(samples, t)
            odd = builder.trunc(now.get(), ir.IntType(1))
            now.set(builder.xor(now.get(), emit.index(1)))
            if self._plan.zigzag:
                with builder.if_else(odd) as (backwards, forwards):
                    with backwards:
                        emit.put(self._sample(x, halves[1], halves[0], backwards=True), results, t)
                    with forwards:
                        emit.put(self._sample(x, halves[0], halves[1], backwards=False), results, t)
            else:
                here, there = builder.select(odd, *halves[::-1]), builder.select(odd, *halves)
                emit.put(self._sample(x, here, there, backwards=False), results, t)
        emit.put(now.get(), voice, NOW)
        glide.finish()

    def _present_state(self, half: Value) -> dict[Chunk, Variable]:
        """The state in registers: what the gate functions and the first columns take."""
        return {
            chunk: self._emit.variable(self._wide[chunk.lanes].load(half, chunk.start, 4 * chunk.lanes))
            for chunk in self._layout.chunks
        }

    def _move_state(self, here: Value, increments: Value) -> None:
        """Write the addition of what the rest state has just moved by to h, and to c."""
        for chunk, present in self._present.items():
            wide, at = self._wide[chunk.lanes], chunk.start
            present.set(wide.add(present.get(), wide.load(increments, at)))
            wide.store(present.get(), here, at)
            if self._layout.kind == "lstm":
                at += self._layout.width
                wide.store(wide.add(wide.load(self._state, at), wide.load(increments, at)), self._state, at)

    def _sample(self, x: Value, here: Value, there: Value, backwards: bool) -> Value:
        """Write one sample: from the state `here` to the one `there`; return the output."""
        self._here = here
        self._before = {chunk: state.get() for chunk, state in self._present.items()}
        self._held: dict[tuple[int, int], Value] = {}
        self._scales: dict[Key, Value] = {}
        self._inputs = {lanes: wide.splat(x) for lanes, wide in self._wide.items()}
        gates = {chunk: self._gates(chunk) for chunk in self._layout.chunks}
        sums: Sums = {}
        output: dict[int, Value] = {}
        for tile in tiles(self._layout, self._plan, backwards):
            self._columns(sums, tile, backwards)
            for gate, chunk in tile.keys if tile.last else ():
                wide = self._wide[chunk.lanes]
                state = gates[chunk].add(gate, self._scaled(gate, chunk, wide.total(sums[gate, chunk])))
                if state is not None:
                    wide.store(state, there, chunk.start, 4 * chunk.lanes)
                    self._present[chunk].set(state)
                    so_far = output.get(chunk.lanes, wide.splat(0.0))
                    output[chunk.lanes] = wide.fma(state, self._section(chunk, "output"), so_far)
        return self._output(x, output)

    def _gates(self, chunk: Chunk) -> Gru | Lstm:
        """What turns the sums of a chunk into its new state."""
        emit = self._wide[chunk.lanes]
        if self._layout.kind == "gru":
            return Gru(
                emit,
                self._before[chunk],
                lambda: self._scaled("n", chunk, self._from_input("x", chunk)),
            )
        return Lstm(emit, emit.at(self._state, self._layout.width + chunk.start))

    def _output(self, x: Value, parts: dict[int, Value]) -> Value:
        """The output: products of output weights and state by lanes, offset and direct path."""
        emit, fadd = self._emit, self._emit.builder.fadd
        at = self._layout.numbers
        skip = emit.number(self._moving, at + SKIP)
        y = fadd(emit.number(self._moving, at + OFFSET), emit.builder.fmul(skip, x))
        for lanes, part in parts.items():
            y = fadd(y, self._wide[lanes].sum(part))
        return y

    # --- sums -----------------------------------------------------------------------------------------------

    def _section(self, chunk: Chunk, name: str) -> Value:
        """A chunk's part of a section of the moving weights."""
        at = self._layout.section(name) + chunk.start
        return self._wide[chunk.lanes].load(self._moving, at, 4 * chunk.lanes)

    def _from_input(self, gate: str, chunk: Chunk) -> Value:
        """Bias and input of a gate."""
        bias = self._section(chunk, f"bias {gate}")
        if self._layout.kind == "gru" and gate == "n":
            return bias
        wide = self._wide[chunk.lanes]
        return wide.fma(self._inputs[chunk.lanes], self._section(chunk, f"input {gate}"), bias)

    def _scaled(self, gate: str, chunk: Chunk, total: Value) -> Value:
        """A sum of a gate, in a dynamic cell multiplied with what the scalers make of it."""
        layout, wide = self._layout, self._wide[chunk.lanes]
        if not layout.scalers:
            return total
        if (gate, chunk) not in self._scales:
            if not self._plan.hold:
                self._held.clear()
            scale = wide.splat(1.0)
            for i in range(layout.scalers):
                by_row = wide.load(self._weights, layout.scale(gate, i) + chunk.start, 4 * chunk.lanes)
                scaler = self._broadcast(layout.hidden - layout.scalers + i, chunk.lanes, None)
                scale = wide.fma(scaler, by_row, scale)
            self._scales[gate, chunk] = scale
        return wide.mul(self._scales[gate, chunk], total)

    def _columns(self, sums: Sums, tile: Tile, backwards: bool) -> None:
        """Write the multiply-adds of a tile."""
        for gate, chunk in tile.keys:
            if (gate, chunk) not in sums:
                sums[gate, chunk] = [self._from_input(gate, chunk)]
        unroll = self._plan.unroll
        rounds = (tile.stop - tile.start) // unroll if unroll else 0
        if rounds:
            self._rolled(sums, tile, rounds, backwards)
        numbers = range(tile.stop - 1, tile.start - 1, -1) if backwards else range(tile.start, tile.stop)
        for step, j in enumerate(numbers[rounds * unroll :]):
            if step and step % FENCE == 0:
                self._emit.fence()
            self._column(sums, tile.rows, j, step)

    def _rolled(self, sums: Sums, tile: Tile, rounds: int, backwards: bool) -> None:
        """Write a loop over the tile's columns, several in every round."""
        emit, unroll = self._emit, self._plan.unroll
        running = {}
        for key in tile.keys:
            rest = [self._wide[key[1].lanes].splat(0.0)] * (self._plan.sets - len(sums[key]))
            running[key] = [emit.variable(part) for part in sums[key] + rest]
        with emit.loop(rounds) as i:
            moved = emit.times(i, -unroll if backwards else unroll)
            inner: Sums = {key: [part.get() for part in parts] for key, parts in running.items()}
            for step in range(unroll):
                j = tile.stop - 1 - step if backwards else tile.start + step
                self._column(inner, tile.rows, j, step, moved)
            for key, parts in running.items():
                for part, value in zip(parts, inner[key], strict=True):
                    part.set(value)
        sums.update({key: [part.get() for part in parts] for key, parts in running.items()})

    def _column(self, sums: Sums, rows: Sequence[Row], j: int, step: int, moved: Value | None = None) -> None:
        """Write the multiply-adds of column j, or j + `moved` in a loop."""
        emit = self._emit
        if not self._plan.hold:
            self._held.clear()
        for panel, i in rows:
            gate, chunk = panel.rows[i]
            wide = self._wide[chunk.lanes]
            at: Value = panel.at + j * panel.column + i * panel.lanes
            if moved is not None:
                at = emit.plus(emit.times(moved, panel.column), at)
            weight = wide.load(self._weights, at, 4 * panel.lanes)
            state = self._broadcast(j, chunk.lanes, moved)
            sets, which = sums[gate, chunk], step % self._plan.sets
            if which < len(sets):
                sets[which] = wide.fma(state, weight, sets[which])
            else:
                sets.append(wide.mul(state, weight))

    def _broadcast(self, j: int, lanes: int, moved: Value | None) -> Value:
        """Number j, or j + `moved` in a loop, of the state in every lane."""
        if (j, lanes) not in self._held:
            if moved is None and j < self._plan.head:
                chunk, lane = divmod(j, self._layout.lanes)
                state = self._before[self._layout.chunks[chunk]]
                self._held[j, lanes] = self._emit.pick(state, [lane] * lanes)
            else:
                number = self._emit.number(self._here, j if moved is None else self._emit.plus(moved, j))
                self._held[j, lanes] = self._wide[lanes].splat(number)
        return self._held[j, lanes]
