"""Vector code for kernels that are generated for one shape: a thin layer over llvmlite's IR builder.

    emit = Emitter(builder)
    total = emit.variable(emit.splat(0.0))
    with emit.loop(count) as i:                      # i counts 0 … count − 1
        at = emit.times(i, emit.lanes)
        total.set(emit.fma(emit.load(a, at), emit.load(b, at), total.get()))
    emit.store(total.get(), out)

A vector is `<lanes x float>`; LLVM keeps it in a register of that width, or in several. Memory is reached
through pointers to float32; an index counts numbers, is a Python integer or an IR value (i64), and is **not
checked**. Arithmetic is IEEE without reordering; a multiply-add is fused where the processor can.

Exponential functions. 2^u is split into 2^n · 2^f. Where one vector can pick the lanes of another, n is the
nearest multiple of 1/8, 2^n comes from a table of eight numbers and 2^f from a polynomial of degree 3;
elsewhere n is the nearest integer and the polynomial's degree 6. Its constant term is exactly 1, so that
tanh(0) is exactly 0. Rounding to n is adding and subtracting a number so large that no digit below n's step
has a place in it. Not-a-number in gives not-a-number out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba.core import cgutils

from vastudio.kernels.jit import LANES

Value: TypeAlias = Any
"""An IR value; llvmlite has no types."""

Index: TypeAlias = Any
"""A Python integer or an i64 value."""

FLOAT = ir.FloatType()
INT32 = ir.IntType(32)
INT64 = ir.IntType(64)

LOG2_E = 1.4426950408889634

_LARGEST_EXPONENT = 60.0
"""2^±60 counts as infinite or nothing, and products of two such numbers are still numbers."""

_EXP2 = (0.693147203, 0.240226479, 0.0555033247, 0.00961843736, 0.00133988744, 0.00015353362)
"""(2^f − 1)/f on ±1/2 as a polynomial, lowest power first: least relative error of 2^f, 4e-8."""

_EXP2_NEAR = (0.693147182, 0.240257636, 0.0555114746)
"""The same on ±1/16: 3e-8."""

_TABLE = 8
_PERMUTE = {8: "llvm.x86.avx2.permps", 16: "llvm.x86.avx512.permvar.sf.512"}
"""By lanes: LLVM's name of the instruction that picks lanes of one vector by the low bits of another."""


@dataclass(frozen=True)
class Variable:
    """A value that changes inside loops. LLVM keeps it in a register."""

    builder: Any
    slot: Value

    def get(self) -> Value:
        """Return the present value."""
        return self.builder.load(self.slot)

    def set(self, value: Value) -> None:
        """Assign a value."""
        self.builder.store(value, self.slot)


class Emitter:
    """Appends vector code where an IR builder stands.

    Attributes
    ----------
    builder:
        llvmlite's IR builder, for everything that needs no short form here.
    lanes:
        Numbers in a vector.
    vector, integers:
        The IR types of a vector of floats and of one of 32-bit integers.
    """

    def __init__(self, builder: Any, lanes: int = LANES) -> None:
        self.builder = builder
        self.lanes = lanes
        self.vector = ir.VectorType(FLOAT, lanes)
        self.integers = ir.VectorType(INT32, lanes)

    # --- integers and control -------------------------------------------------------------------------------

    def index(self, number: Index) -> Value:
        """Return a Python integer as i64; IR values pass."""
        return ir.Constant(INT64, number) if isinstance(number, int) else number

    def plus(self, a: Index, b: Index) -> Value:
        """Sum of two indices."""
        return self.builder.add(self.index(a), self.index(b))

    def minus(self, a: Index, b: Index) -> Value:
        """Difference of two indices."""
        return self.builder.sub(self.index(a), self.index(b))

    def times(self, a: Index, b: Index) -> Value:
        """Product of two indices."""
        return self.builder.mul(self.index(a), self.index(b))

    def variable(self, start: Value) -> Variable:
        """Return a new variable that holds `start`."""
        slot = cgutils.alloca_once(self.builder, start.type)
        self.builder.store(start, slot)
        return Variable(self.builder, slot)

    @contextmanager
    def loop(self, count: Index) -> Iterator[Value]:
        """Repeat the body for an index 0 … count − 1. The loop stays a loop: it is not unrolled."""
        with cgutils.for_range(self.builder, self.index(count)) as running:
            yield running.index
            body = self.builder.block
        self._keep_rolled(body)

    def _keep_rolled(self, body: Any) -> None:
        """Mark the jump back from the end of a loop's body."""
        module = self.builder.module
        hint = module.add_metadata([ir.MetaDataString(module, "llvm.loop.unroll.disable")])
        # A loop's name is a node whose first operand is itself; two equal nodes would be one loop.
        number = ir.Constant(INT32, len(module.metadata))
        loop = module.add_metadata([hint, number])
        loop.operands = (loop, *loop.operands)
        body.terminator.set_metadata("llvm.loop", loop)

    def fence(self) -> None:
        """Emit nothing, but keep the compiler from moving memory accesses across this point.

        LLVM's scheduler gathers the loads of a long unrolled body at its front and runs out of registers.
        """
        nothing = ir.FunctionType(ir.VoidType(), [])
        self.builder.call(ir.InlineAsm(nothing, "", "~{memory}", side_effect=True), [])

    # --- memory ---------------------------------------------------------------------------------------------

    def pointer(self, address: Value, kind: Any = FLOAT) -> Value:
        """Return the integer `address` as a pointer to `kind`."""
        return self.builder.inttoptr(address, kind.as_pointer())

    def at(self, pointer: Value, index: Index) -> Value:
        """Pointer to element `index`."""
        return self.builder.gep(pointer, [self.index(index)])

    def load(self, pointer: Value, index: Index = 0, align: int = 4) -> Value:
        """The vector pointer[index : index + lanes]; `align` in bytes must hold."""
        where = self.builder.bitcast(self.at(pointer, index), self.vector.as_pointer())
        return self.builder.load(where, align=align)

    def store(self, vector: Value, pointer: Value, index: Index = 0, align: int = 4) -> None:
        """pointer[index : index + lanes] = vector; `align` in bytes must hold."""
        where = self.builder.bitcast(self.at(pointer, index), self.vector.as_pointer())
        self.builder.store(vector, where, align=align)

    def number(self, pointer: Value, index: Index = 0) -> Value:
        """The single element pointer[index]."""
        return self.builder.load(self.at(pointer, index))

    def put(self, number: Value, pointer: Value, index: Index = 0) -> None:
        """pointer[index] = number."""
        self.builder.store(number, self.at(pointer, index))

    # --- vectors --------------------------------------------------------------------------------------------

    def splat(self, number: Value) -> Value:
        """A float, Python's or IR's, in every lane."""
        if isinstance(number, float):
            return ir.Constant(self.vector, [number] * self.lanes)
        undefined = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(undefined, number, ir.Constant(INT32, 0))
        return self.pick(first, [0] * self.lanes)

    def integer(self, number: int) -> Value:
        """A 32-bit integer in every lane."""
        return ir.Constant(self.integers, [number] * self.lanes)

    def pick(self, vector: Value, lanes: Sequence[int]) -> Value:
        """The vector of the given lanes of `vector`; as long as `lanes`."""
        order = ir.Constant(ir.VectorType(INT32, len(lanes)), list(lanes))
        return self.builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), order)

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        """a·b + c."""
        return self.call("llvm.fmuladd", a, b, c)

    def add(self, a: Value, b: Value) -> Value:
        """a + b."""
        return self.builder.fadd(a, b)

    def sub(self, a: Value, b: Value) -> Value:
        """a − b."""
        return self.builder.fsub(a, b)

    def mul(self, a: Value, b: Value) -> Value:
        """a·b."""
        return self.builder.fmul(a, b)

    def div(self, a: Value, b: Value) -> Value:
        """a / b."""
        return self.builder.fdiv(a, b)

    def min(self, a: Value, b: Value) -> Value:
        """The smaller per lane; b where either is not a number."""
        return self.select_less(a, b, a, b)

    def max(self, a: Value, b: Value) -> Value:
        """The larger per lane; b where either is not a number."""
        return self.builder.select(self.builder.fcmp_ordered(">", a, b), a, b)

    def select_less(self, a: Value, b: Value, yes: Value, no: Value) -> Value:
        """`yes` in the lanes where a < b, else `no`."""
        return self.builder.select(self.builder.fcmp_ordered("<", a, b), yes, no)

    def call(self, name: str, *vectors: Value) -> Value:
        """Call LLVM's intrinsic `name` (without the type in its name) for vectors of this width."""
        kind = ir.FunctionType(self.vector, [vector.type for vector in vectors])
        full_name = f"{name}.v{self.lanes}f32"
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, kind, full_name), vectors
        )

    def total(self, vectors: Sequence[Value]) -> Value:
        """The sum of vectors, added pairwise."""
        values = list(vectors)
        while len(values) > 1:
            pairs = [self.add(a, b) for a, b in zip(values[::2], values[1::2], strict=False)]
            values = pairs + values[2 * len(pairs) :]
        return values[0]

    def sum(self, vector: Value) -> Value:
        """The sum of the lanes, added pairwise."""
        width = self.lanes
        while width > 1:
            width //= 2
            low, high = self.pick(vector, range(width)), self.pick(vector, range(width, 2 * width))
            vector = self.builder.fadd(low, high)
        return self.builder.extract_element(vector, ir.Constant(INT32, 0))

    # --- gate functions -------------------------------------------------------------------------------------

    def one_plus_exp2(self, u: Value) -> Value:
        """1 + 2^u, the denominator of both gate functions; saturates at 2^±60. |u| up to 3e6.

        The scale 2^n enters in the last operations, which keeps the chain of dependent ones short.
        """
        if self.lanes <= LANES and self.lanes in _PERMUTE:
            scale, f = self._split(u, _TABLE)
            first, second, third = (self.splat(c) for c in _EXP2_NEAR)
            slope = self.fma(f, self.fma(third, f, second), first)
            return self.fma(self.mul(scale, f), slope, self.add(self.splat(1.0), scale))
        scale, f = self._split(u, 1)
        c = [self.splat(coefficient) for coefficient in _EXP2]
        one, f2 = self.splat(1.0), self.mul(f, f)
        low = self.fma(scale, self.fma(c[0], f, one), one)
        top = self.fma(f2, c[5], self.fma(c[4], f, c[3]))
        high = self.fma(f2, top, self.fma(c[2], f, c[1]))
        return self.fma(self.mul(scale, f2), high, low)

    def _split(self, u: Value, parts: int) -> tuple[Value, Value]:
        """2^n and f = u − n, n the multiple of 1/`parts` next to u, held to ±60 in 2^n."""
        mantissa_bits = 23 - (parts.bit_length() - 1)
        shift = 1.5 * 2.0**mantissa_bits
        shifted = self.add(u, self.splat(shift))
        f = self.sub(u, self.sub(shifted, self.splat(shift)))
        lowest, highest = self.splat(shift - _LARGEST_EXPONENT), self.splat(shift + _LARGEST_EXPONENT)
        held = self.min(self.max(shifted, lowest), highest)
        steps = self.builder.bitcast(held, self.integers)
        moved = self.builder.shl(steps, self.integer(mantissa_bits))
        bits = self.builder.add(moved, self._fractions(steps, parts, mantissa_bits))
        return self.builder.bitcast(bits, self.vector), f

    def _fractions(self, steps: Value, parts: int, mantissa_bits: int) -> Value:
        """The bits of 2^(k/parts), k = steps mod parts, less the k that stands in the moved steps."""
        whole = [
            int(np.float32(2.0 ** (k / parts)).view(np.int32)) - (k << mantissa_bits) for k in range(parts)
        ]
        table = ir.Constant(self.integers, [whole[k % parts] for k in range(self.lanes)])
        if parts == 1:
            return table
        kind = ir.FunctionType(self.vector, [self.vector, self.integers])
        permute = cgutils.get_or_insert_function(self.builder.module, kind, _PERMUTE[self.lanes])
        picked = self.builder.call(permute, [self.builder.bitcast(table, self.vector), steps])
        return self.builder.bitcast(picked, self.integers)

    def sigmoid(self, x: Value) -> Value:
        """1 / (1 + e^−x), absolute error below 2e-7 for |x| up to 1e6."""
        return self.div(self.splat(1.0), self.one_plus_exp2(self.mul(x, self.splat(-LOG2_E))))

    def tanh(self, x: Value) -> Value:
        """Hyperbolic tangent as 1 − 2 / (1 + e^2x), absolute error below 3e-7 for |x| ≤ 1e6, exact at 0."""
        one = self.splat(1.0)
        inverse = self.div(one, self.one_plus_exp2(self.mul(x, self.splat(2.0 * LOG2_E))))
        return self.fma(self.splat(-2.0), inverse, one)
