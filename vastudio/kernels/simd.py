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
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from vastudio.kernels.emit import FLOAT, LOG2_E, Emitter
from vastudio.kernels.jit import LANES, inlined

Vector: TypeAlias = Any
"""What the type checker knows of an `F32x`: it exists inside compiled kernels only."""

_Lowering: TypeAlias = Callable[..., Any]


__all__ = [
    "LOG2_E",
    "F32x",
    "Vector",
    "f32x",
    "one_plus_exp2",
    "sigmoid",
    "sload",
    "tanh",
    "vfma",
    "vfma_scalar",
    "vload",
    "vmax",
    "vmin",
    "vselect_less",
    "vsplat",
    "vstore",
    "vsum",
]


class F32x(types.Type):  # type: ignore[misc]
    """Numba's type of the SIMD value."""

    def __init__(self) -> None:
        super().__init__(name=f"f32x{LANES}")


f32x = F32x()


@register_model(F32x)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, ir.VectorType(FLOAT, LANES))


def _data(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    """Pointer to the numbers of the array that is the first argument."""
    return context.make_array(sig.args[0])(context, builder, args[0]).data


def _operation(name: str) -> _Lowering:
    """The lowering that is the emitter's method `name`, applied to all arguments."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(Emitter(builder), name)(*args)

    return lower


@intrinsic
def vload(typing: Any, array: Any, index: Any) -> tuple[Any, _Lowering]:
    """`vload(a, i)`: the vector a[i : i + LANES]."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return Emitter(builder).load(_data(context, builder, sig, args), args[1])

    return f32x(array, types.intp), lower


@intrinsic
def vstore(typing: Any, array: Any, index: Any, vector: Any) -> tuple[Any, _Lowering]:
    """`vstore(a, i, v)`: a[i : i + LANES] = v."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        Emitter(builder).store(args[2], _data(context, builder, sig, args), args[1])
        return context.get_dummy_value()

    return types.void(array, types.intp, f32x), lower


@intrinsic
def sload(typing: Any, array: Any, index: Any) -> tuple[Any, _Lowering]:
    """`sload(a, i)`: the number a[i], without numba's treatment of negative indices."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return Emitter(builder).number(_data(context, builder, sig, args), args[1])

    return types.float32(array, types.intp), lower


@intrinsic
def vsplat(typing: Any, scalar: Any) -> tuple[Any, _Lowering]:
    """`vsplat(x)`: the float32 x in every lane."""
    return f32x(types.float32), _operation("splat")


@intrinsic
def vfma(typing: Any, a: Any, b: Any, c: Any) -> tuple[Any, _Lowering]:
    """`vfma(a, b, c)`: a·b + c, fused where the processor can."""
    return f32x(f32x, f32x, f32x), _operation("fma")


@inlined
def vfma_scalar(x: np.float32, b: Vector, c: Vector) -> Vector:
    """`vfma_scalar(x, b, c)`: x·b + c with a float32 x for all lanes."""
    return vfma(vsplat(x), b, c)


@intrinsic
def vmin(typing: Any, a: Any, b: Any) -> tuple[Any, _Lowering]:
    """`vmin(a, b)`: the smaller per lane; b where either is not a number."""
    return f32x(f32x, f32x), _operation("min")


@intrinsic
def vmax(typing: Any, a: Any, b: Any) -> tuple[Any, _Lowering]:
    """`vmax(a, b)`: the larger per lane; b where either is not a number."""
    return f32x(f32x, f32x), _operation("max")


@intrinsic
def vselect_less(typing: Any, a: Any, b: Any, yes: Any, no: Any) -> tuple[Any, _Lowering]:
    """`vselect_less(a, b, yes, no)`: `yes` in the lanes where a < b, else `no`."""
    return f32x(f32x, f32x, f32x, f32x), _operation("select_less")


@intrinsic
def vsum(typing: Any, vector: Any) -> tuple[Any, _Lowering]:
    """`vsum(v)`: the sum of the lanes, added pairwise."""
    return types.float32(f32x), _operation("sum")


@intrinsic
def one_plus_exp2(typing: Any, u: Any) -> tuple[Any, _Lowering]:
    """`one_plus_exp2(u)`: 1 + 2^u, the denominator of both gate functions; saturates at 2^±100."""
    return f32x(f32x), _operation("one_plus_exp2")


@intrinsic
def sigmoid(typing: Any, x: Any) -> tuple[Any, _Lowering]:
    """`sigmoid(x)`: 1 / (1 + e^−x), absolute error below 2e-7 for |x| up to 1e6."""
    return f32x(f32x), _operation("sigmoid")


@intrinsic
def tanh(typing: Any, x: Any) -> tuple[Any, _Lowering]:
    """`tanh(x)`: hyperbolic tangent, absolute error below 3e-7 for |x| up to 1e6, exact at 0."""
    return f32x(f32x), _operation("tanh")


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
