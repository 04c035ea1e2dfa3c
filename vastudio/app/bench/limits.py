"""What this core can do at best: multiply-adds per second, and the shortest time from one sample to the next.

Two floors for a kernel. *Arithmetic*: its multiply-adds over the rate that the core reaches when nothing
else is asked of it. *Latency*: a recurrent cell cannot begin a sample before it has ended the one before;
a cell of a single unit shows how long that takes, whatever its size. Both are measured, with the vectors
and the gate functions that the kernels use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from vastudio.app.bench.timing import clock
from vastudio.kernels.jit import LANES, compiled
from vastudio.kernels.memory import aligned
from vastudio.kernels.simd import sigmoid, sload, tanh, vfma, vload, vsplat, vstore, vsum

Floats = npt.NDArray[np.float32]

_CHAINS = 12
"""Sums that do not wait for each other: more than enough to hide the latency of a multiply-add."""

_REPEATS = 100
_SECONDS = 0.0003


def _multiply_add(numbers: Floats, rounds: int) -> Any:
    """`rounds` times `_CHAINS` multiply-adds of whole vectors, all in registers."""
    x, y = vload(numbers, 0), vload(numbers, LANES)
    a, b, c, d, e, f = y, y, y, y, y, y
    g, h, i, j, k, m = x, x, x, x, x, x
    for _ in range(rounds):
        a, b, c = vfma(a, x, y), vfma(b, x, y), vfma(c, x, y)
        d, e, f = vfma(d, x, y), vfma(e, x, y), vfma(f, x, y)
        g, h, i = vfma(g, x, y), vfma(h, x, y), vfma(i, x, y)
        j, k, m = vfma(j, x, y), vfma(k, x, y), vfma(m, x, y)
    return vsum(((a + b) + (c + d)) + ((e + f) + (g + h)) + ((i + j) + (k + m)))


def _gru_steps(numbers: Floats, steps: int) -> Any:
    """`steps` steps of a GRU with one unit: what lies between a state and the next, and nothing else."""
    w, b = vload(numbers, 0), vload(numbers, LANES)
    for _ in range(steps):
        h = vsplat(sload(numbers, 2 * LANES))
        r, z = sigmoid(vfma(h, w, b)), sigmoid(vfma(h, b, w))
        n = tanh(vfma(r, vfma(h, w, b), b))
        vstore(numbers, 2 * LANES, vfma(z, vload(numbers, 2 * LANES) - n, n))
    return sload(numbers, 2 * LANES)


def _lstm_steps(numbers: Floats, steps: int) -> Any:
    """The same for an LSTM with one unit."""
    w, b = vload(numbers, 0), vload(numbers, LANES)
    c = b
    for _ in range(steps):
        h = vsplat(sload(numbers, 2 * LANES))
        i, f, o = sigmoid(vfma(h, w, b)), sigmoid(vfma(h, b, w)), sigmoid(vfma(h, b, b))
        c = vfma(f, c, i * tanh(vfma(h, w, w)))
        vstore(numbers, 2 * LANES, o * tanh(c))
    return sload(numbers, 2 * LANES)


_multiply_add_compiled = compiled(_multiply_add)
_STEPS: dict[str, Any] = {"gru": compiled(_gru_steps), "lstm": compiled(_lstm_steps)}


@cache
def multiply_adds_per_second() -> float:
    """The most float32 multiply-adds per second that one core does. Takes some 50 ms, once."""
    return _CHAINS * LANES / _least_seconds(_multiply_add_compiled)


@cache
def recurrence_seconds(kind: str) -> float:
    """The shortest time of one step of a recurrent cell, `gru` or `lstm`. Takes some 50 ms, once."""
    return _least_seconds(_STEPS[kind])


def _least_seconds(work: Callable[[Floats, int], Any]) -> float:
    """Seconds of one of many rounds of `work`, in the turn that was disturbed least."""
    numbers = aligned(3 * LANES, np.float32)
    numbers[:] = 0.5
    rounds = 1000
    work(numbers, rounds)  # the first call compiles, or reads from disk
    while (taken := _seconds(work, numbers, rounds)) < _SECONDS:
        rounds *= 2
    return min(taken, *(_seconds(work, numbers, rounds) for _ in range(_REPEATS))) / rounds


def _seconds(work: Callable[[Floats, int], Any], numbers: Floats, rounds: int) -> float:
    begun = clock()
    work(numbers, rounds)
    return 1e-9 * (clock() - begun)
