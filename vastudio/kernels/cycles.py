"""A clock that costs nothing to read, for measuring how busy the audio callback is."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from vastudio.kernels.jit import compiled

# On ARM the cycle counter is closed to programs; the steady counter is open.
_X86 = platform.machine().lower() in ("x86_64", "amd64")
_COUNTER = "llvm.readcyclecounter" if _X86 else "llvm.readsteadycounter"


@intrinsic
def ticks(typing: Any) -> tuple[Any, Callable[..., Any]]:
    """`ticks()`: a counter of constant frequency (`ticks_per_second`); only differences mean something."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, _COUNTER), [])

    return types.int64(), lower


@compiled
def _now() -> int:
    return ticks()


_CALIBRATION_SECONDS = 0.02


@cache
def ticks_per_second() -> float:
    """The counter's frequency, measured once against the system's clock (takes 20 ms)."""
    _now()
    begun, from_tick = time.perf_counter(), _now()
    time.sleep(_CALIBRATION_SECONDS)
    return float(_now() - from_tick) / (time.perf_counter() - begun)
