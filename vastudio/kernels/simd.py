"""An explicit SIMD value for kernels: a vector of `LANES` float32.

LLVM keeps it in one AVX-512 register, one AVX2 register or one NEON register. Written with it, a kernel
is as fast as it reads; nothing depends on the loop vectoriser.

    acc = vsplat(np.float32(0))
    for i in range(0, n, LANES):
        acc = vfma(vload(a, i), vload(b, i), acc)
    return vsum(acc)

Arrays are one-dimensional, contiguous float32. An index counts numbers, not vectors, needs no
alignment, and is **not checked**: `vload(a, i)` reads `a[i : i + LANES]`.

Values of type `F32x` support `+ − × ÷` and unary minus among themselves. All arithmetic is IEEE: no
reordering, no assumptions about not-a-number.

Exponential functions: 2^u is split into 2^n · 2^f, n the nearest integer (by adding and subtracting
1.5·2²³), f in ±½. 2^f is a polynomial of degree 6 with the constant term exactly 1, so that tanh(0) is
exactly 0; 2^n is put together from bits. Not-a-number in gives not-a-number out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from vastudio.kernels.jit import LANES, inlined

Vector: TypeAlias = Any
"""What the type checker knows of an `F32x`: it exists inside compiled kernels only."""

_FLOAT = ir.FloatType()
_INT = ir.IntType(32)
_VECTOR = ir.VectorType(_FLOAT, LANES)
_INTS = ir.VectorType(_INT, LANES)
_ELEMENT_BYTES = 4

_Lowering: TypeAlias = Callable[..., Any]


class F32x(types.Type):  # type: ignore[misc]
    """Numba's type of the SIMD value."""

    def __init__(self) -> None:
        super().__init__(name=f"f32x{LANES}")


f32x = F32x()


@register_model(F32x)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, _VECTOR)


def _element(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """Pointer to one float of an array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index])


def _vector_at(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    pointer = _element(context, builder, array_type, array, index)
    return builder.bitcast(pointer, _VECTOR.as_pointer())


def _splat(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_INT, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(_INTS, [0] * LANES))


def _call(builder: Any, name: str, result: Any, args: Sequence[Any]) -> Any:
    """Call LLVM's intrinsic `name` for this vector width."""
    function_type = ir.FunctionType(result, [arg.type for arg in args])
    function = cgutils.get_or_insert_function(builder.module, function_type, f"{name}.v{LANES}f32")
    return builder.call(function, args)


@intrinsic
def vload(typing: Any, array: Any, index: Any) -> tuple[Any, _Lowering]:
    """`vload(a, i)`: the vector a[i : i + LANES]."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_vector_at(context, builder, sig.args[0], args[0], args[1]), align=_ELEMENT_BYTES)

    return f32x(array, types.intp), lower


@intrinsic
def vstore(typing: Any, array: Any, index: Any, vector: Any) -> tuple[Any, _Lowering]:
    """`vstore(a, i, v)`: a[i : i + LANES] = v."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = _vector_at(context, builder, sig.args[0], args[0], args[1])
        builder.store(args[2], pointer, align=_ELEMENT_BYTES)
        return context.get_dummy_value()

    return types.void(array, types.intp, f32x), lower


@intrinsic
def sload(typing: Any, array: Any, index: Any) -> tuple[Any, _Lowering]:
    """`sload(a, i)`: the number a[i], without numba's treatment of negative indices."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_element(context, builder, sig.args[0], args[0], args[1]))

    return types.float32(array, types.intp), lower


@intrinsic
def vsplat(typing: Any, scalar: Any) -> tuple[Any, _Lowering]:
    """`vsplat(x)`: the float32 x in every lane."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _splat(builder, args[0])

    return f32x(types.float32), lower


@intrinsic
def vfma(typing: Any, a: Any, b: Any, c: Any) -> tuple[Any, _Lowering]:
    """`vfma(a, b, c)`: a·b + c, fused where the processor can."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _call(builder, "llvm.fmuladd", _VECTOR, args)

    return f32x(f32x, f32x, f32x), lower


@intrinsic
def vfma_scalar(typing: Any, x: Any, b: Any, c: Any) -> tuple[Any, _Lowering]:
    """`vfma_scalar(x, b, c)`: x·b + c with a float32 x for all lanes."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _call(builder, "llvm.fmuladd", _VECTOR, [_splat(builder, args[0]), args[1], args[2]])

    return f32x(types.float32, f32x, f32x), lower


@intrinsic
def vmin(typing: Any, a: Any, b: Any) -> tuple[Any, _Lowering]:
    """`vmin(a, b)`: the smaller per lane; b where either is not a number."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", *args), *args)

    return f32x(f32x, f32x), lower


@intrinsic
def vmax(typing: Any, a: Any, b: Any) -> tuple[Any, _Lowering]:
    """`vmax(a, b)`: the larger per lane; b where either is not a number."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return f32x(f32x, f32x), lower


@intrinsic
def vselect_less(typing: Any, a: Any, b: Any, yes: Any, no: Any) -> tuple[Any, _Lowering]:
    """`vselect_less(a, b, yes, no)`: `yes` in the lanes where a < b, else `no`."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[2], args[3])

    return f32x(f32x, f32x, f32x, f32x), lower


@intrinsic
def vsum(typing: Any, vector: Any) -> tuple[Any, _Lowering]:
    """`vsum(v)`: the sum of the lanes, added pairwise."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        total, width = args[0], LANES
        while width > 1:
            width //= 2
            lanes = [i + width if i < width else i for i in range(LANES)]
            other = builder.shuffle_vector(total, total, ir.Constant(_INTS, lanes))
            total = builder.fadd(total, other)
        return builder.extract_element(total, ir.Constant(_INT, 0))

    return types.float32(f32x), lower


@intrinsic
def _two_to(typing: Any, shifted: Any) -> tuple[Any, _Lowering]:
    """2^n for the integer n in the low bits of `shifted` = n + 1.5·2²³, n in −126..127."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _INTS)
        biased = builder.add(bits, ir.Constant(_INTS, [127] * LANES))
        return builder.bitcast(builder.shl(biased, ir.Constant(_INTS, [23] * LANES)), _VECTOR)

    return f32x(f32x), lower


def _define_operator(python_operator: Any, instruction: str) -> None:
    """Give `F32x` a binary operator that is one LLVM instruction."""

    class Typing(ConcreteTemplate):  # type: ignore[misc]
        cases = (signature(f32x, f32x, f32x),)

    infer_global(python_operator)(Typing)

    @lower_builtin(python_operator, f32x, f32x)
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


_define_operator(operator.add, "fadd")
_define_operator(operator.sub, "fsub")
_define_operator(operator.mul, "fmul")
_define_operator(operator.truediv, "fdiv")


@infer_global(operator.neg)
class _NegTyping(ConcreteTemplate):  # type: ignore[misc]
    cases = (signature(f32x, f32x),)


@lower_builtin(operator.neg, f32x)
def _lower_neg(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.fneg(args[0])


LOG2_E = np.float32(1.4426950408889634)

_ONE = np.float32(1.0)
_MINUS_TWO = np.float32(-2.0)
_SHIFT = np.float32(12582912.0)  # 1.5·2²³: adding it rounds to an integer
_LOWEST = np.float32(12582912.0 - 100.0)
_HIGHEST = np.float32(12582912.0 + 100.0)
_TANH_SCALE = np.float32(2.0 * 1.4426950408889634)

# 2^f = 1 + C1·f + … + C6·f⁶ on ±½, least relative error with the constant term fixed.
_C1 = np.float32(0.693147203)
_C2 = np.float32(0.240226479)
_C3 = np.float32(0.0555033247)
_C4 = np.float32(0.00961843736)
_C5 = np.float32(0.00133988744)
_C6 = np.float32(0.00015353362)


@inlined
def one_plus_exp2(u: Vector) -> Vector:
    """1 + 2^u, the denominator of both gate functions; saturates at 2^±100.

    The scale 2^n enters in the last multiply-add, which keeps the chain of dependent operations short.
    """
    shifted = u + vsplat(_SHIFT)
    f = u - (shifted - vsplat(_SHIFT))
    scale = _two_to(vmin(vmax(shifted, vsplat(_LOWEST)), vsplat(_HIGHEST)))
    f2 = f * f
    low = vfma(vsplat(_C1), f, vsplat(_ONE))
    high = vfma(vsplat(_C3), f, vsplat(_C2))
    top = vfma(f2, vsplat(_C6), vfma(vsplat(_C5), f, vsplat(_C4)))
    high = vfma(f2, top, high)
    return vfma(scale * f2, high, vfma(scale, low, vsplat(_ONE)))


@inlined
def sigmoid(x: Vector) -> Vector:
    """1 / (1 + e^−x), absolute error below 2e-7 for |x| up to 1e6."""
    return vsplat(_ONE) / one_plus_exp2(x * vsplat(-LOG2_E))


@inlined
def tanh(x: Vector) -> Vector:
    """Hyperbolic tangent as 1 − 2 / (1 + e^2x), absolute error below 3e-7 for |x| up to 1e6, exact at 0."""
    return vfma(vsplat(_MINUS_TWO), vsplat(_ONE) / one_plus_exp2(x * vsplat(_TANH_SCALE)), vsplat(_ONE))
