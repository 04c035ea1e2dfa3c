"""The finer steps of a recurrent cell's weights while knobs turn.

`voice.play` moves all weights in steps of a stride. The ear meets the stairs of biases, input and output
weights first, and these are few: a copy of them in the state, which is what plays, moves every `FINE_STRIDE`
samples, in straight lines that pass through the middles of the stairs, so that it does not part from the
matrix. The stride of a program that does so is a multiple of `FINE_STRIDE`.

The rest state moves with them, and takes the present state along; the offset is that of the weights and the
rest state as they stand. So a silent cell stays silent while knobs turn. Otherwise each step would leave the
state beside its new rest, and the offset, a product of two moving numbers, beside its straight line: a thump.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from vastudio.kernels.emit import FLOAT, Emitter, Value
from vastudio.kernels.recurrent_layout import KEPT, OFFSET, Layout
from vastudio.kernels.voice import OWN, STATE_AT, STEPS_LEFT, STRIDE, TARGET_AT, TO_STEP, WEIGHTS_AT

NOW, TO_MOVE = OWN, OWN + 1
"""The voice's own numbers: which half of the state is the present one, 0 or 1; samples for which the moving
weights still move."""

FINE_STRIDE = 2
"""Samples between two steps of the moving weights."""


class Glide:
    """Writes the steps of the moving weights; made where `process` stands before its loop."""

    def __init__(self, emit: Emitter, layout: Layout, voice: Value, frames: Value) -> None:
        self._emit, self._layout, self._size, self._voice = emit, layout, layout.moving, voice
        state = emit.pointer(emit.number(voice, STATE_AT))
        self._moving = emit.at(state, layout.moving_at)
        self._increments = emit.at(state, layout.moving_at + layout.moving)
        self._weights = emit.pointer(emit.number(voice, WEIGHTS_AT))
        self._target = emit.pointer(emit.number(voice, TARGET_AT))
        self._stride = emit.number(voice, STRIDE)
        self._steps_left = emit.number(voice, STEPS_LEFT)
        self._to_move = emit.variable(emit.number(voice, TO_MOVE))
        builder = emit.builder
        begins = builder.icmp_signed("==", emit.plus(emit.number(voice, TO_STEP), frames), self._stride)
        with builder.if_then(builder.and_(begins, self._is(0)), likely=False):
            self._begin()

    def _is(self, number: int) -> Value:
        """Whether that many samples are left to move."""
        return self._emit.builder.icmp_signed("==", self._to_move.get(), self._emit.index(number))

    def _begin(self) -> None:
        """The weights have just stepped: aim at the middle between where they stand and their next step."""
        emit, builder = self._emit, self._emit.builder
        left = builder.sitofp(self._steps_left, FLOAT)
        last = builder.fcmp_ordered("==", left, ir.Constant(FLOAT, 0.0))
        half = builder.select(last, ir.Constant(FLOAT, 0.0), builder.fdiv(ir.Constant(FLOAT, 0.5), left))
        steps = builder.fdiv(builder.sitofp(self._stride, FLOAT), ir.Constant(FLOAT, float(FINE_STRIDE)))
        share = emit.splat(builder.fdiv(ir.Constant(FLOAT, 1.0), steps))
        with emit.loop(self._size // emit.lanes) as i:
            at = emit.times(i, emit.lanes)
            here, there = emit.load(self._weights, at), emit.load(self._target, at)
            aim = emit.fma(emit.splat(half), emit.sub(there, here), here)
            emit.store(emit.mul(share, emit.sub(aim, emit.load(self._moving, at))), self._increments, at)
        self._to_move.set(self._stride)

    def advance(self, move_state: Callable[[Value], None]) -> None:
        """Write what precedes a sample. `move_state` writes the addition of the rest state's increment."""
        emit, builder = self._emit, self._emit.builder
        moves = builder.icmp_signed(">", self._to_move.get(), emit.index(0))
        with builder.if_then(moves, likely=False):
            due = builder.icmp_signed(
                "==", builder.srem(self._to_move.get(), emit.index(FINE_STRIDE)), emit.index(0)
            )
            with builder.if_then(due):
                self._step()
                move_state(self._increments)
            self._to_move.set(emit.minus(self._to_move.get(), 1))

    def _step(self) -> None:
        """Move by the increments; the last step of a glide arrives exactly."""
        emit, builder = self._emit, self._emit.builder
        arrives = builder.and_(
            self._is(FINE_STRIDE), builder.icmp_signed("==", self._steps_left, emit.index(0))
        )
        with builder.if_else(arrives) as (exactly, nearer):
            with exactly, emit.loop(self._size // emit.lanes) as i:
                at = emit.times(i, emit.lanes)
                there = emit.load(self._weights, at)
                emit.store(emit.sub(there, emit.load(self._moving, at)), self._increments, at)
                emit.store(there, self._moving, at)
            with nearer:
                for at in range(0, self._size, emit.lanes):  # a loop's end would be guessed wrong each time
                    moved = emit.add(emit.load(self._moving, at), emit.load(self._increments, at))
                    emit.store(moved, self._moving, at)
                self._set_offset()

    def _set_offset(self) -> None:
        """Take away what the output weights make of the rest state, as both are now, but for what is kept."""
        emit, output = self._emit, self._layout.section("output")
        products = [
            emit.mul(emit.load(self._moving, at), emit.load(self._moving, output + at))
            for at in range(0, self._layout.width, emit.lanes)
        ]
        kept = emit.number(self._moving, self._layout.numbers + KEPT)
        offset = emit.builder.fsub(kept, emit.sum(emit.total(products)))
        emit.put(offset, self._moving, self._layout.numbers + OFFSET)

    def finish(self) -> None:
        """Write what follows the loop."""
        self._emit.put(self._to_move.get(), self._voice, TO_MOVE)
