"""Register-blocked building blocks of the training kernels, emitted for numba.

A *panel* is a product of matrices whose result stays in registers until it is complete:

    c[r] (+)= Σ_k a[r, k] · x[k]        r = 0 … rows − 1

where x[k] and c[r] are vectors of `LANES` numbers and a[r, k] is a single number, broadcast. With `rows`
accumulators there is one vector to load for every `rows` multiply-adds; on AVX-512 the broadcast is part of
the instruction. All large sums of a recurrent cell have this form, forward and backward.

*Lane-wise sums* add up products of vectors over a few time steps, lane by lane, for many rows that meet the
same vectors: these stay in registers.

A *transpose* turns `LANES` vectors of one unit each into `LANES` vectors of one sequence each.

As in `simd.py`, arrays are one-dimensional float32, indices count numbers and are not checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from vastudio.kernels.emit import INT32, Emitter, Value
from vastudio.kernels.jit import LANES

_Intrinsic: TypeAlias = Any
_Lowering: TypeAlias = Callable[..., Any]
_ThreeData: TypeAlias = tuple[Value, Value, Value]


def _data(context: Any, builder: Any, sig: Any, args: Any, position: int) -> Value:
    """Pointer to the first number of the array that is the argument at `position`."""
    return context.make_array(sig.args[position])(context, builder, args[position]).data


def _three_data(context: Any, builder: Any, sig: Any, args: Any) -> _ThreeData:
    """Pointers to the numbers of a, x and c."""
    a, x, c = (_data(context, builder, sig, args, position) for position in (0, 3, 6))
    return a, x, c


def _three_arrays(a: Any, x: Any, c: Any) -> Any:
    """The signature f(a, at, a_step, x, x_at, x_step, c, c_at, c_step, count)."""
    index = types.intp
    return types.void(a, index, index, x, index, index, c, index, index, index)


def panel(rows: int, row_step: int, *, accumulate: bool) -> _Intrinsic:
    """Return an intrinsic `f(a, at, a_step, x, x_at, x_step, c, c_at, c_step, count)`.

    For r < rows and k < count it computes, in the terms of the module's text,

        a[r, k] = a[at + r·row_step + k·a_step]
        x[k]    = x[x_at + k·x_step : … + LANES]
        c[r]    = c[c_at + r·c_step : … + LANES]

    and writes c[r] after the whole sum: overwriting it, or adding to it with `accumulate`.
    """

    @intrinsic
    def product(
        typing: Any, a: Any, at: Any, a_step: Any, x: Any, x_at: Any, x_step: Any,
        c: Any, c_at: Any, c_step: Any, count: Any,
    ) -> tuple[Any, _Lowering]:  # fmt: skip
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            emit_product = _Product(rows, row_step, accumulate).emit
            emit_product(Emitter(builder), _three_data(context, builder, sig, args), args)
            return context.get_dummy_value()

        return _three_arrays(a, x, c), lower

    return product


def fetching_panel(rows: int, row_step: int) -> _Intrinsic:
    """Return an intrinsic like an accumulating `panel`, with three more arguments `(…, b, b_at, b_step)`.

    With each k it fetches the line of b[b_at + k·b_step] into the second-level cache, inside the array or
    not. Multiply-adds leave the memory idle; requests in a row, without them, would wait for each other.
    """

    @intrinsic
    def product(  # noqa: PLR0917  # an intrinsic takes no record
        typing: Any, a: Any, at: Any, a_step: Any, x: Any, x_at: Any, x_step: Any,
        c: Any, c_at: Any, c_step: Any, count: Any, b: Any, b_at: Any, b_step: Any,
    ) -> tuple[Any, _Lowering]:  # fmt: skip
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            emit = Emitter(builder)
            wanted, b_at, b_step = _data(context, builder, sig, args, 10), args[11], args[12]

            def fetch(k: Value) -> None:
                _fetch(builder, emit.at(wanted, emit.plus(b_at, emit.times(k, b_step))))

            emit_product = _Product(rows, row_step, accumulate=True).emit
            emit_product(emit, _three_data(context, builder, sig, args), args, fetch)
            return context.get_dummy_value()

        index = types.intp
        return types.void(*_three_arrays(a, x, c).args, b, index, index), lower

    return product


class _Product(NamedTuple):
    """The code of a panel."""

    rows: int
    row_step: int
    accumulate: bool

    def emit(
        self, emit: Emitter, data: _ThreeData, args: Any, beside: Callable[[Value], None] | None = None
    ) -> None:
        """Emit the product for the arguments of `panel`; `beside` emits what goes along with each k."""
        numbers, vectors, results = data
        at, a_step, x_at, x_step, c_at, c_step, count = (args[i] for i in (1, 2, 4, 5, 7, 8, 9))
        places = [emit.plus(c_at, emit.times(c_step, row)) for row in range(self.rows)]
        sums = [
            emit.variable(emit.load(results, place) if self.accumulate else emit.splat(0.0))
            for place in places
        ]
        with emit.loop(count) as k:
            if beside:
                beside(k)
            vector = emit.load(vectors, emit.plus(x_at, emit.times(k, x_step)))
            first = emit.at(numbers, emit.plus(at, emit.times(k, a_step)))
            for row, total in enumerate(sums):
                number = emit.splat(emit.number(first, row * self.row_step))
                total.set(emit.fma(number, vector, total.get()))
        for place, total in zip(places, sums, strict=True):
            emit.store(total.get(), results, place)


def lane_sums(steps: int, *, plain: bool) -> _Intrinsic:
    """Return an intrinsic `f(a, at, a_step, x, x_at, x_step, c, c_at, c_step, count)`.

    For j < count it adds a[j, t]·x[t], summed over t < steps, to the vector c[j], where

        a[j, t] = a[at + j·a_step + t·LANES : … + LANES]
        x[t]    = x[x_at + t·x_step : … + LANES]
        c[j]    = c[c_at + j·c_step : … + LANES]

    With `plain` it also adds the sum of a[j, t] alone to the vector before c[j].
    """

    @intrinsic
    def add(
        typing: Any, a: Any, at: Any, a_step: Any, x: Any, x_at: Any, x_step: Any,
        c: Any, c_at: Any, c_step: Any, count: Any,
    ) -> tuple[Any, _Lowering]:  # fmt: skip
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            emit = Emitter(builder)
            at, a_step, x_at, x_step, c_at, c_step, count = (args[i] for i in (1, 2, 4, 5, 7, 8, 9))
            values, factors, results = (_data(context, builder, sig, args, i) for i in (0, 3, 6))
            kept = [emit.load(factors, emit.plus(x_at, emit.times(x_step, t))) for t in range(steps)]
            with emit.loop(count) as j:
                first = emit.plus(at, emit.times(j, a_step))
                row = [emit.load(values, emit.plus(first, t * LANES)) for t in range(steps)]
                place = emit.plus(c_at, emit.times(j, c_step))
                total = emit.load(results, place)
                for value, factor in zip(row, kept, strict=True):
                    total = emit.fma(value, factor, total)
                emit.store(total, results, place)
                if plain:
                    place = emit.minus(place, LANES)
                    emit.store(emit.total([*row, emit.load(results, place)]), results, place)
            return context.get_dummy_value()

        return _three_arrays(a, x, c), lower

    return add


@intrinsic
def prefetch(typing: Any, array: Any, index: Any) -> tuple[Any, _Lowering]:
    """`prefetch(a, i)`: fetch the line of a[i], inside the array or not, into the second-level cache."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _fetch(builder, Emitter(builder).at(_data(context, builder, sig, args, 0), args[1]))
        return context.get_dummy_value()

    return types.void(array, types.intp), lower


def _fetch(builder: Any, place: Value) -> None:
    """Emit the request for the line at a pointer."""
    place = builder.bitcast(place, ir.IntType(8).as_pointer())
    to_read, second_level, data = (ir.Constant(INT32, number) for number in (0, 2, 1))
    kind = ir.FunctionType(ir.VoidType(), [place.type, INT32, INT32, INT32])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    builder.call(function, [place, to_read, second_level, data])


@intrinsic
def transpose(
    typing: Any, source: Any, at: Any, step: Any, target: Any, target_at: Any, target_step: Any
) -> tuple[Any, _Lowering]:
    """`transpose(a, p, s, b, q, u)`: b[q + l·u + i] = a[p + i·s + l] for i and l below LANES."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        emit = Emitter(builder)
        at, step, target_at, target_step = (args[i] for i in (1, 2, 4, 5))
        base, target_base = (_data(context, builder, sig, args, i) for i in (0, 3))
        vectors = [emit.load(base, emit.plus(at, emit.times(step, i))) for i in range(LANES)]
        for i, vector in enumerate(_transposed(builder, vectors)):
            emit.store(vector, target_base, emit.plus(target_at, emit.times(target_step, i)))
        return context.get_dummy_value()

    index = types.intp
    return types.void(source, index, index, target, index, index), lower


def _transposed(builder: Any, rows: list[Value]) -> list[Value]:
    """Transpose a square of vectors: each round exchanges the off-diagonal quarters of blocks of one size."""
    rows, width = list(rows), LANES // 2
    while width:
        upper = [lane + LANES - width if lane & width else lane for lane in range(LANES)]
        lower = [lane + LANES if lane & width else lane + width for lane in range(LANES)]
        orders = [ir.Constant(ir.VectorType(INT32, LANES), lanes) for lanes in (upper, lower)]
        for i in (i for i in range(LANES) if not i & width):
            pair = rows[i], rows[i + width]
            rows[i], rows[i + width] = (builder.shuffle_vector(*pair, order) for order in orders)
        width //= 2
    return rows
