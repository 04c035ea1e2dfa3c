"""What the emitter writes, compiled and run: loops, memory, lanes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import types
from numba.extending import intrinsic

from vastudio.kernels.emit import Emitter
from vastudio.kernels.jit import compiled

WIDTHS = (4, 8, 16)


def _dot(lanes: int) -> Callable[[int, int, int, int], None]:
    """`dot(a, b, out, count)`: the dot product of `count` vectors at addresses, then its last four lanes."""

    @intrinsic
    def emitted(typing: Any, a: Any, b: Any, out: Any, count: Any) -> Any:
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            emit = Emitter(builder, lanes)
            first, second, result = (emit.pointer(address) for address in args[:3])
            total = emit.variable(emit.splat(0.0))
            with emit.loop(args[3]) as i:
                at = emit.times(i, lanes)
                total.set(emit.fma(emit.load(first, at), emit.load(second, at), total.get()))
                emit.fence()
            emit.put(emit.sum(total.get()), result)
            Emitter(builder, 4).store(emit.pick(total.get(), range(lanes - 4, lanes)), result, 1)
            return context.get_dummy_value()

        return types.void(types.uintp, types.uintp, types.uintp, types.intp), lower

    @compiled
    def dot(a: int, b: int, out: int, count: int) -> None:
        emitted(a, b, out, count)

    return dot


@pytest.mark.parametrize("lanes", WIDTHS)
@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_loop_over_vectors_of_any_width(lanes: int, count: int) -> None:
    a, b = np.random.default_rng(count).normal(size=(2, count, lanes)).astype(np.float32)
    out = np.zeros(5, np.float32)
    _dot(lanes)(a.ctypes.data, b.ctypes.data, out.ctypes.data, count)
    products = (a.astype(np.float64) * b).sum(axis=0)
    np.testing.assert_allclose(out, [products.sum(), *products[-4:]], atol=1e-5)
