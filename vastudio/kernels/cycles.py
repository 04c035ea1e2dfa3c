"""A clock that costs nothing to read, for measuring how busy the audio callback is."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# On ARM the cycle counter is closed to programs; the steady counter is open.
_X86 = platform.machine().lower() in ("x86_64", "amd64")
_COUNTER = "llvm.readcyclecounter" if _X86 else "llvm.readsteadycounter"


@intrinsic
def ticks(typing: Any) -> tuple[Any, Callable[..., Any]]:
    """`ticks()`: a counter of constant, unknown frequency; only ratios of differences mean something."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, _COUNTER), [])

    return types.int64(), lower
