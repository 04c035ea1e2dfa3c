"""Memory that threads and compiled code share without the interpreter.

The audio callback receives one address and finds everything else from there; the two sides tell each
other about new contents with single aligned stores that order what was written before them
(release), and loads that order what is read after them (acquire).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from vastudio.kernels.jit import compiled

ALIGNMENT = 64
"""Bytes of a cache line: a vector that crosses two of them takes twice as long to load."""

_WORD_BYTES = 8

_Number = TypeVar("_Number", np.float32, np.float64, np.int64)


def aligned(size: int, kind: type[_Number]) -> npt.NDArray[_Number]:
    """Return `size` zeros of `kind` that start on a cache line."""
    bytes_needed = size * np.dtype(kind).itemsize
    raw = np.zeros(bytes_needed + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + bytes_needed].view(kind)


def address(array: npt.NDArray[Any]) -> int:
    """Where the array's numbers lie. Keep the array alive for as long as the address is used."""
    return int(array.ctypes.data)


@intrinsic
def pointer(typing: Any, where: Any) -> tuple[Any, Callable[..., Any]]:
    """`carray(pointer(where), size, kind)`: an array over the memory at an integer address."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(where), lower


def _element(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    return builder.gep(data, [args[1]])


@intrinsic
def load_acquire(typing: Any, array: Any, index: Any) -> tuple[Any, Callable[..., Any]]:
    """`load_acquire(a, i)`: a[i] of an int64 array; nothing after it is read earlier."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load_atomic(_element(context, builder, sig, args), "acquire", _WORD_BYTES)

    return types.int64(array, types.intp), lower


@intrinsic
def store_release(typing: Any, array: Any, index: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """`store_release(a, i, value)`: a[i] = value; everything before it is written earlier."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store_atomic(args[2], _element(context, builder, sig, args), "release", _WORD_BYTES)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), lower


@compiled
def publish(array: npt.NDArray[np.int64], index: int, value: int) -> None:
    """`store_release` for the interpreter's side."""
    store_release(array, index, value)


@compiled
def observe(array: npt.NDArray[np.int64], index: int) -> int:
    """`load_acquire` for the interpreter's side."""
    return load_acquire(array, index)
