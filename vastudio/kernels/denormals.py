"""Flush-to-zero: subnormal numbers slow arithmetic down by up to a hundredfold and cannot be heard.

    previous = flush_denormals()
    …
    restore_denormals(previous)

On x86-64 both subnormal results (FTZ) and subnormal operands (DAZ) count as zero in between, for the
calling thread only. On other processors both calls do nothing.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_X86 = platform.machine().lower() in ("x86_64", "amd64")
_FTZ_AND_DAZ = 0x8040
_WORD = ir.IntType(32)
_POINTER = ir.IntType(8).as_pointer()


def _control_register(builder: Any, instruction: str, slot: Any) -> None:
    """Emit `stmxcsr` (register to slot) or `ldmxcsr` (slot to register)."""
    kind = ir.FunctionType(ir.VoidType(), [_POINTER])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{instruction}")
    builder.call(function, [builder.bitcast(slot, _POINTER)])


@intrinsic
def flush_denormals(typing: Any) -> tuple[Any, Callable[..., Any]]:
    """`flush_denormals()`: switch flushing on; return the previous setting."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if not _X86:
            return ir.Constant(_WORD, 0)
        slot = cgutils.alloca_once(builder, _WORD)
        _control_register(builder, "stmxcsr", slot)
        previous = builder.load(slot)
        builder.store(builder.or_(previous, ir.Constant(_WORD, _FTZ_AND_DAZ)), slot)
        _control_register(builder, "ldmxcsr", slot)
        return previous

    return types.uint32(), lower


@intrinsic
def restore_denormals(typing: Any, previous: Any) -> tuple[Any, Callable[..., Any]]:
    """`restore_denormals(previous)`: put the setting back."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if _X86:
            slot = cgutils.alloca_once(builder, _WORD)
            builder.store(args[0], slot)
            _control_register(builder, "ldmxcsr", slot)
        return context.get_dummy_value()

    return types.void(types.uint32), lower
