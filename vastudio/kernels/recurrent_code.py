"""The code of a streaming GRU or LSTM, written for one size as vector instructions.

One sample is: the sums of all gates (the columns of the recurrent matrix, each multiplied by one number of
the state), the gate functions, the new state, the output. What makes it fast:

* Sums stay in registers while columns go by; several *sets* of sums, added at the end, hide the latency of
  the multiply-add.
* The gate functions are a long chain of dependent operations, during which nothing else is left to do if all
  columns came first. So the *last* columns are taken chunk by chunk, each chunk's gate functions right behind
  its columns: they run while the next chunk's columns do. The following sample begins with the columns whose
  state is ready first.
* Where the matrix is larger than the fastest cache, every second sample walks through the columns backwards
  and finds there what the sample before used last.

The state's two halves change places every sample; which is which, is kept in the voice. It also says the
direction, so that the sums are added in the same order whatever the size of the blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from vastudio.kernels.emit import INT64, Emitter, Value
from vastudio.kernels.recurrent_layout import (
    GATES,
    OFFSET,
    SKIP,
    TANH_SCALE,
    Chunk,
    Layout,
    Panel,
)
from vastudio.kernels.recurrent_plan import Plan
from vastudio.kernels.voice import OWN, STATE_AT, WEIGHTS_AT

NOW = OWN
"""The voice's own number: 0 or 1, which half of the state is the present one."""

Row = tuple[Panel, int]
Sums = dict[tuple[str, Chunk], list[Value]]


@dataclass(frozen=True)
class Tile:
    """Rows to be multiplied with the columns start … stop − 1, and the chunks that are complete after it."""

    rows: tuple[Row, ...]
    start: int
    stop: int
    finished: tuple[Chunk, ...] = ()


def tiles(layout: Layout, plan: Plan, backwards: bool) -> Iterator[Tile]:
    """The order of work in one sample."""
    rows = [(panel, i) for panel in layout.panels for i in range(len(panel.rows))]
    if len(layout.panels) > 1 and plan.sweeps:
        for panel in reversed(layout.panels) if backwards else layout.panels:
            own = tuple((panel, i) for i in range(len(panel.rows)))
            finished = tuple(dict.fromkeys(chunk for _, chunk in panel.rows))
            yield Tile(own, 0, layout.hidden, finished)
        return
    chunks = layout.chunks[::-1] if backwards else layout.chunks
    if len(chunks) == 1:
        for gate in plan.order:
            picked = tuple(row for row in rows if row[0].rows[row[1]][0] in gate)
            yield Tile(picked, 0, layout.hidden, chunks if gate == plan.order[-1] else ())
        return
    last = chunks[-1]
    first, stop = last.start, min(last.start + last.lanes, layout.hidden)
    yield Tile(tuple(rows), *((stop, layout.hidden) if backwards else (0, first)))
    for chunk in chunks:
        own = tuple(row for row in rows if row[0].rows[row[1]][1] == chunk)
        yield Tile(own, first, stop, (chunk,))


class Code:
    """Writes `process` for one layout where the builder stands."""

    def __init__(self, builder: Any, layout: Layout, plan: Plan) -> None:
        self.layout, self.plan = layout, plan
        self.emit = Emitter(builder, layout.lanes)
        self.wide = {chunk.lanes: Emitter(builder, chunk.lanes) for chunk in layout.chunks}

    def process(self, numbers: Value, source: Value, out: Value, frames: Value) -> None:
        """Write the loop over the samples."""
        emit, builder = self.emit, self.emit.builder
        voice = emit.pointer(numbers, INT64)
        self.weights = emit.pointer(emit.number(voice, WEIGHTS_AT))
        self.state = emit.pointer(emit.number(voice, STATE_AT))
        samples, results = emit.pointer(source), emit.pointer(out)
        halves = [self.state, emit.at(self.state, self.layout.resting)]
        now = emit.variable(emit.number(voice, NOW))
        with emit.loop(frames) as t:
            x = emit.number(samples, t)
            odd = builder.trunc(now.get(), ir.IntType(1))
            now.set(builder.xor(now.get(), emit.index(1)))
            if self.plan.zigzag:
                with builder.if_else(odd) as (then, otherwise):
                    with then:
                        emit.put(self.sample(x, halves[1], halves[0], backwards=True), results, t)
                    with otherwise:
                        emit.put(self.sample(x, halves[0], halves[1], backwards=False), results, t)
            else:
                here, there = builder.select(odd, *halves[::-1]), builder.select(odd, *halves)
                emit.put(self.sample(x, here, there, backwards=False), results, t)
        emit.put(now.get(), voice, NOW)

    def sample(self, x: Value, here: Value, there: Value, backwards: bool) -> Value:
        """Write one sample: from the state `here` to the one `there`; return the output."""
        emit = self.emit
        self.here, self.there = here, there
        self.held: dict[tuple[int, int], Value] = {}
        self.inputs = {lanes: wide.splat(x) for lanes, wide in self.wide.items()}
        sums: Sums = {}
        output: dict[int, Value] = {}
        for tile in tiles(self.layout, self.plan, backwards):
            self.columns(sums, tile, backwards)
            for chunk in tile.finished:
                wide = self.wide[chunk.lanes]
                state = self.finish(
                    chunk, {gate: self.total(sums, gate, chunk) for gate in GATES[self.layout.kind]}
                )
                wide.store(state, there, chunk.start, align=4 * chunk.lanes)
                weight = self.section(chunk, "output")
                so_far = output.get(chunk.lanes)
                output[chunk.lanes] = (
                    wide.mul(state, weight) if so_far is None else wide.fma(state, weight, so_far)
                )
        y = emit.number(self.weights, self.layout.numbers + OFFSET)
        skip = emit.number(self.weights, self.layout.numbers + SKIP)
        y = emit.builder.fadd(y, emit.builder.fmul(skip, x))
        for lanes, part in output.items():
            y = emit.builder.fadd(y, self.wide[lanes].sum(part))
        return y

    # --- sums -----------------------------------------------------------------------------------------------

    def section(self, chunk: Chunk, name: str) -> Value:
        """A chunk's part of a section of the weights."""
        at = self.layout.section(name) + chunk.start
        return self.wide[chunk.lanes].load(self.weights, at, align=4 * chunk.lanes)

    def from_input(self, gate: str, chunk: Chunk) -> Value:
        """Bias and input of a gate."""
        bias = self.section(chunk, f"bias {gate}")
        if self.layout.kind == "gru" and gate == "n":
            return bias
        return self.wide[chunk.lanes].fma(
            self.inputs[chunk.lanes], self.section(chunk, f"input {gate}"), bias
        )

    def total(self, sums: Sums, gate: str, chunk: Chunk) -> Value:
        """The sum over all sets."""
        return self.wide[chunk.lanes].total(sums[gate, chunk])

    def columns(self, sums: Sums, tile: Tile, backwards: bool) -> None:
        """Write the multiply-adds of a tile."""
        keys = [panel.rows[i] for panel, i in tile.rows]
        for gate, chunk in keys:
            if (gate, chunk) not in sums:
                sums[gate, chunk] = [self.from_input(gate, chunk)]
        count, unroll = tile.stop - tile.start, self.plan.unroll
        rounds = count // unroll if unroll and count >= 2 * unroll else 0
        numbers = [range(tile.start, tile.stop), range(tile.stop - 1, tile.start - 1, -1)][backwards]
        if rounds:
            self.rolled(sums, tile, rounds, backwards)
        for step, j in enumerate(numbers[rounds * unroll :]):
            if self.plan.fence and step and step % self.plan.fence == 0:
                self.emit.fence()
            self.column(sums, tile.rows, j, step, self.emit.index(0))

    def rolled(self, sums: Sums, tile: Tile, rounds: int, backwards: bool) -> None:
        """Write a loop over the tile's columns, several in every round."""
        emit, unroll = self.emit, self.plan.unroll
        keys = [panel.rows[i] for panel, i in tile.rows]
        running = {}
        for gate, chunk in keys:
            sets = sums[gate, chunk]
            sets += [self.wide[chunk.lanes].splat(0.0)] * (self.plan.sets - len(sets))
            running[gate, chunk] = [emit.variable(part) for part in sets]
        with emit.loop(rounds) as i:
            moved = emit.times(i, -unroll if backwards else unroll)
            inner: Sums = {key: [part.get() for part in parts] for key, parts in running.items()}
            for step in range(unroll):
                j = tile.stop - 1 - step if backwards else tile.start + step
                self.column(inner, tile.rows, j, step, moved)
            for key, parts in running.items():
                for part, value in zip(parts, inner[key], strict=True):
                    part.set(value)
        for key, parts in running.items():
            sums[key] = [part.get() for part in parts]

    def column(self, sums: Sums, rows: Sequence[Row], j: int, step: int, moved: Value) -> None:
        """Write the multiply-adds of column j (+ moved)."""
        emit = self.emit
        for panel, i in rows:
            gate, chunk = panel.rows[i]
            wide = self.wide[chunk.lanes]
            at = emit.plus(emit.times(moved, panel.column), panel.at + j * panel.column + i * panel.lanes)
            weight = wide.load(self.weights, at, align=4 * panel.lanes)
            state = self.broadcast(j, moved, chunk.lanes)
            sets, which = sums[gate, chunk], step % self.plan.sets
            if which < len(sets):
                sets[which] = wide.fma(state, weight, sets[which])
            else:
                sets.append(wide.mul(state, weight))
        if not self.plan.hold:
            self.held.clear()

    def broadcast(self, j: int, moved: Value, lanes: int) -> Value:
        """Number j (+ moved) of the state in every lane."""
        if (j, lanes) not in self.held:
            number = self.emit.number(self.here, self.emit.plus(moved, j))
            self.held[j, lanes] = self.wide[lanes].splat(number)
        return self.held[j, lanes]

    # --- gate functions -------------------------------------------------------------------------------------

    def finish(self, chunk: Chunk, sums: dict[str, Value]) -> Value:
        """Return the new state of a chunk."""
        return (
            self.finish_gru(chunk, **sums) if self.layout.kind == "gru" else self.finish_lstm(chunk, **sums)
        )

    def finish_gru(self, chunk: Chunk, r: Value, z: Value, n: Value) -> Value:
        """h' = z·h + (1 − z)·tanh(x + r·n), from the scaled sums of the three gates' state sides."""
        emit = self.wide[chunk.lanes]
        one = emit.splat(1.0)
        h = emit.load(self.here, chunk.start, align=4 * chunk.lanes)
        through_r = emit.div(n, emit.one_plus_exp2(r))
        q = emit.one_plus_exp2(emit.add(self.from_input("x", chunk), through_r))
        gate = emit.div(one, emit.one_plus_exp2(z))
        rest = emit.sub(one, gate)
        kept = emit.fma(gate, h, rest)
        return emit.add(kept, emit.div(emit.mul(rest, emit.splat(-2.0)), q))

    def finish_lstm(self, chunk: Chunk, i: Value, f: Value, g: Value, o: Value) -> Value:
        """h' = o·tanh(c'), c' = f·c + i·g; the cell is kept scaled."""
        emit = self.wide[chunk.lanes]
        one = emit.splat(1.0)
        at = self.layout.width + chunk.start
        d_i, d_f, d_g, d_o = (emit.one_plus_exp2(u) for u in (i, f, g, o))
        scaled = emit.splat(TANH_SCALE)
        turned = emit.fma(emit.splat(-2.0 * TANH_SCALE), emit.div(one, d_g), scaled)
        kept = emit.div(emit.load(self.state, at, align=4 * chunk.lanes), d_f)
        cell = emit.fma(emit.div(one, d_i), turned, kept)
        emit.store(cell, self.state, at, align=4 * chunk.lanes)
        gate = emit.div(one, d_o)
        return emit.add(gate, emit.div(emit.mul(gate, emit.splat(-2.0)), emit.one_plus_exp2(cell)))
