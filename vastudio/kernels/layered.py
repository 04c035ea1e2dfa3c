"""Any network of layers as a program: convolutions, activations, gates and recurrent layers, in any order.

    build = Builder()
    z = build.convolve(build.input, weight, bias, dilation=4)
    build.activate(z, Activation("tanh"))
    build.convolve(z, head, head_bias, into=build.output)
    network = build.finish()
    voice = Voice(network.program, network.packed)

The compiled code is the same for all of them (`layered_code`): nothing is compiled for a new shape. The
kernels that are written for one shape (`recurrent`, `wavenet`) are faster where they fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.kernels import layered_code as code
from vastudio.kernels import layered_recurrent, layered_steps
from vastudio.kernels.cells import Kind
from vastudio.kernels.jit import LANES, MAX_LANES
from vastudio.kernels.layered_steps import PARAMETERS, ROWS_ABREAST
from vastudio.kernels.memory import aligned
from vastudio.kernels.voice import Floats, Program, Voice
from vastudio.modelfile.networks.layers import Activation, Function

Numbers: TypeAlias = npt.NDArray[np.floating]

_FUNCTIONS: dict[Function, int] = {
    "tanh": layered_steps.TANH,
    "sigmoid": layered_steps.SIGMOID,
    "leaky_relu": layered_steps.LEAKY_RELU,
    "hard_tanh": layered_steps.HARD_TANH,
    "fast_tanh": layered_steps.FAST_TANH,
    "silu": layered_steps.SILU,
    "hard_swish": layered_steps.HARD_SWISH,
    "softsign": layered_steps.SOFTSIGN,
    "elu": layered_steps.ELU,
}

STRIDE = 64
"""Samples between two steps of a glide."""

SETTLING, MOST_SETTLING = 4_096, 120
"""Samples of silence after which it is looked whether recurrent layers stand still, and how often at most.

That is ten seconds; some have units that would take hours."""

STILL = 1e-6
"""A state that moves no further meanwhile stands still."""

_AHEAD = 16 * code.CHUNK
"""Columns, at least, that a history moves before it is copied to the front."""


@dataclass(frozen=True)
class Rows:
    """Some neighbouring rows of a buffer: `count` channels from `first` on."""

    buffer: int
    first: int
    count: int

    def part(self, first: int, count: int) -> Rows:
        """`count` of these rows, from the `first` on."""
        return Rows(self.buffer, self.first + first, count)


@dataclass
class _Buffer:
    rows: int
    history: int = 0
    scratch: int | None = None


@dataclass(frozen=True)
class Layered:
    """A network ready to play: the program of its shape, and its weights (program.packed,)."""

    program: Program
    packed: Floats


class Builder:
    """Writes a network down, step by step.

    Attributes
    ----------
    input, output:
        One row each: the sound, and what the last step has to write.
    """

    def __init__(self) -> None:
        self._buffers: list[_Buffer] = [_Buffer(1), _Buffer(1)]
        self._steps: list[list[int]] = []
        self._weights: list[Floats] = []
        self._size = 0
        self._memories: list[int] = []
        self._scratch: int | None = None
        self._layers = 0
        self.input, self.output = Rows(code.INPUT, 0, 1), Rows(code.OUTPUT, 0, 1)

    # --- rows -----------------------------------------------------------------------------------------------

    def rows(self, count: int) -> Rows:
        """New rows, for one stretch of samples."""
        self._buffers.append(_Buffer(count, scratch=self._scratch))
        return Rows(len(self._buffers) - 1, 0, count)

    @contextmanager
    def layer(self) -> Iterator[None]:
        """Rows that are made within are forgotten behind it; several layers share the memory."""
        self._scratch, self._layers = self._layers, self._layers + 1
        yield
        self._scratch = None

    # --- steps ----------------------------------------------------------------------------------------------

    def convolve(
        self,
        source: Rows,
        weight: Numbers,
        bias: Numbers | None = None,
        *,
        dilation: int = 1,
        groups: int = 1,
        onto: Rows | None = None,
        into: Rows | None = None,
    ) -> Rows:
        """Convolve causally; return what was written.

        Parameters
        ----------
        weight:
            Shape (outputs, inputs / groups, taps), tap 0 for the oldest sample; or without taps.
        bias:
            Shape (outputs,).
        onto:
            Rows to add to.
        into:
            Rows to write, other ones than `source`; new ones where not given.
        """
        weight = weight[:, :, None] if weight.ndim == 2 else weight
        outputs, inputs, taps = weight.shape
        target = self.rows(outputs) if into is None else into
        biases = np.zeros(outputs) if bias is None else bias
        held = self._buffers[source.buffer]
        held.history = max(held.history, (taps - 1) * dilation)
        for group in range(groups):
            part = slice(group * outputs // groups, (group + 1) * outputs // groups)
            first, count = part.start, part.stop - part.start
            self._step(
                code.CONVOLVE,
                source.part(group * inputs, inputs),
                target.part(first, count),
                None if onto is None else onto.part(first, count),
                taps, dilation, self._put(biases[part]), self._put(_by_rows(weight[part])),
            )  # fmt: skip
        return target

    def activate(self, rows: Rows, activation: Activation) -> None:
        """Pass rows through an activation function, in place."""
        kind = _FUNCTIONS[activation.function]
        self._step(code.ACTIVATE, rows, rows, None, kind, self._put(_by_row(activation, rows.count)))

    def multiply(self, rows: Rows, by: Rows) -> None:
        """rows *= by."""
        self._step(code.MULTIPLY, by, rows)

    def add(self, rows: Rows, what: Rows) -> None:
        """rows += what."""
        self._step(code.ADD, what, rows)

    def copy(self, rows: Rows, into: Rows) -> None:
        """into = rows."""
        self._step(code.COPY, rows, into)

    def blend(self, rows: Rows, raw: Rows, by: Rows) -> None:
        """rows = by·rows + (1 − by)·raw."""
        self._step(code.BLEND, by, rows, raw)

    def recur(
        self, source: Rows, kind: Kind, w_ih: Numbers, w_hh: Numbers, b_ih: Numbers, b_hh: Numbers
    ) -> Rows:
        """Run a GRU or LSTM layer in torch's notation; return its state h.

        Shapes (G·H, inputs), (G·H, H), (G·H,), (G·H,) with G gates: r, z, n or i, f, g, o.
        """
        hidden, inputs = w_hh.shape[1], w_ih.shape[1]
        padded = -(-hidden // LANES) * LANES
        target = self.rows(hidden)
        matrix = _gates(kind, np.concatenate([_bias_column(kind, b_ih, b_hh), w_ih, w_hh], axis=1), inputs)
        packed = np.zeros((matrix.shape[2], layered_recurrent.GATES, padded), np.float32)
        packed[:, :, :hidden] = matrix.transpose(2, 0, 1)
        number = layered_recurrent.LSTM if kind == "lstm" else layered_recurrent.GRU
        at, rest = self._put(packed), self._put(np.zeros(2 * padded))
        self._memories.append(padded)
        self._step(code.RECUR, source, target, None, number, len(self._memories) - 1, at, rest, padded)
        return target

    def finish(self) -> Layered:
        """Lay everything out; recurrent layers are settled in silence."""
        at, table = 0, []
        scratch_at, scratch = self._scratch_places()
        at += scratch
        for buffer, place in zip(self._buffers, scratch_at, strict=True):
            apart = code.CHUNK
            if buffer.history:
                span = max(buffer.history, _AHEAD)
                apart = _odd_lines(buffer.history + span + code.CHUNK)
            begin = at if place is None else place
            table += [begin, apart, buffer.rows, buffer.history, buffer.history]
            at += buffer.rows * apart if place is None else 0
        memories = []
        for padded in self._memories:
            memories.append(at)
            at += (2 + layered_recurrent.GATES) * padded
        for step in self._steps:
            if step[0] == code.RECUR:
                step[code.SECOND] = memories[step[code.SECOND]]
        own = [0, len(self._buffers), len(self._steps), *table, *(n for step in self._steps for n in step)]
        process, rest = code.compiled_code()
        packed = aligned(_whole(self._size), np.float32)
        for part, begin in self._placed():
            packed[begin : begin + part.size] = part.ravel()
        program = Program(
            process.address,
            rest.address,
            packed.size,
            _whole(at + 1),
            tuple(own),
            STRIDE,
            keep=(process, rest),
        )
        if self._memories:
            self._settle(program, packed)
        return Layered(program, packed)

    # --- inside ---------------------------------------------------------------------------------------------

    def _step(self, kind: int, source: Rows, target: Rows, other: Rows | None = None, *own: int) -> None:
        further = (-1, 0) if other is None else (other.buffer, other.first)
        numbers = [
            kind, source.buffer, source.first, source.count, target.buffer, target.first, target.count,
            *further, *own,
        ]  # fmt: skip
        self._steps.append(numbers + [0] * (code.STEP - len(numbers)))

    def _put(self, numbers: Numbers) -> int:
        """Keep packed numbers; return where they will lie."""
        at = self._size
        self._weights.append(np.ascontiguousarray(numbers, np.float32))
        self._size += _whole(numbers.size)
        return at

    def _placed(self) -> Iterator[tuple[Floats, int]]:
        at = 0
        for part in self._weights:
            yield part, at
            at += _whole(part.size)

    def _scratch_places(self) -> tuple[list[int | None], int]:
        """Where rows that layers forget lie, at the front of the state, and how much they need."""
        used: dict[int, int] = {}
        places: list[int | None] = []
        for buffer in self._buffers:
            if buffer.scratch is None or buffer.history:
                places.append(None)
                continue
            places.append(used.get(buffer.scratch, 0))
            used[buffer.scratch] = used.get(buffer.scratch, 0) + buffer.rows * code.CHUNK
        return places, max(used.values(), default=0)

    def _settle(self, program: Program, packed: Floats) -> None:
        """Run in silence until recurrent layers stand still; write where they do into the packed weights."""
        voice, silence = Voice(program, packed), np.zeros(SETTLING, np.float32)
        recurrent = [step for step in self._steps if step[0] == code.RECUR]
        before = [np.zeros(0, np.float32)] * len(recurrent)
        for _ in range(MOST_SETTLING):
            voice.process(silence, SETTLING)
            places = ((step[code.SECOND], 2 * step[code.FIFTH]) for step in recurrent)
            now = [voice.state[at : at + size].copy() for at, size in places]
            moved = max(np.abs(b - a).max() if a.size else 1.0 for a, b in zip(before, now, strict=True))
            before = now
            if moved <= STILL:
                break
        for step, state in zip(recurrent, before, strict=True):
            packed[step[code.FOURTH] : step[code.FOURTH] + state.size] = state


def _by_row(activation: Activation, rows: int) -> Floats:
    """The parameters of an activation for every row, (rows, PARAMETERS)."""
    given = np.atleast_2d(activation.parameters)
    table = np.zeros((rows, PARAMETERS), np.float32)
    table[:, : given.shape[1]] = given
    return table


def _by_rows(weight: Numbers) -> Numbers:
    """A matrix (outputs, inputs, taps) as `convolve` reads it: abreast, then tap, input, output."""
    outputs = weight.shape[0]
    together = outputs // ROWS_ABREAST * ROWS_ABREAST
    groups = weight[:together].reshape(-1, ROWS_ABREAST, *weight.shape[1:]).transpose(0, 3, 2, 1)
    single = weight[together:].transpose(0, 2, 1)
    return np.concatenate([groups.ravel(), single.ravel()])


def _bias_column(kind: Kind, b_ih: Numbers, b_hh: Numbers) -> Numbers:
    """The biases as a column (G·H, 1). Those of a GRU's state side of n stand elsewhere, see `_gates`."""
    if kind == "lstm":
        return (b_ih + b_hh)[:, None]
    hidden = b_ih.size // 3
    both = np.array(b_ih, np.float64)
    both[: 2 * hidden] += b_hh[: 2 * hidden]
    return np.stack([both, b_hh], axis=1)


def _gates(kind: Kind, columns: Numbers, inputs: int) -> Numbers:
    """Columns as four gates, (4, H, 1 + inputs + H)."""
    if kind == "lstm":
        return columns.reshape(4, -1, columns.shape[1])
    r, z, n = columns.reshape(3, -1, columns.shape[1])
    state_bias, both = np.s_[:, 1], [np.delete(gate, 1, axis=1) for gate in (r, z, n)]
    of_input, of_state = both[2].copy(), both[2].copy()
    of_input[:, 1 + inputs :] = 0
    of_state[:, : 1 + inputs] = 0
    of_state[:, 0] = n[state_bias]
    return np.stack([both[0], both[1], of_input, of_state])


def _whole(size: int) -> int:
    """The next multiple of a cache line."""
    return -(-size // MAX_LANES) * MAX_LANES


def _odd_lines(size: int) -> int:
    """The next odd number of cache lines: rows at an even distance would crowd into few sets of the cache."""
    return (_whole(size) // MAX_LANES | 1) * MAX_LANES
