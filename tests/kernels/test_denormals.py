"""Flush-to-zero holds between the two calls and nowhere else."""

from __future__ import annotations

import platform

import numpy as np
import numpy.typing as npt
import pytest

from vastudio.kernels.denormals import flush_denormals, restore_denormals
from vastudio.kernels.jit import compiled


@compiled
def _halve(numbers: npt.NDArray[np.float32]) -> None:
    for i in range(numbers.size):
        numbers[i] = numbers[i] * np.float32(0.5)


@compiled
def _halve_flushed(numbers: npt.NDArray[np.float32]) -> None:
    previous = flush_denormals()
    _halve(numbers)
    restore_denormals(previous)


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="flushes on x86-64 only")
def test_subnormals_are_zero_in_between_only() -> None:
    smallest = np.finfo(np.float32).tiny
    numbers = np.full(4, smallest, np.float32)
    _halve_flushed(numbers)
    assert not numbers.view(np.int32).any()
    numbers = np.full(4, smallest, np.float32)
    _halve(numbers)
    assert numbers.view(np.int32).all()
