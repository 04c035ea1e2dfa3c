"""Filters of infinite response in training: many sequences in lockstep, forward and backward.

    y[t] = Σ_i b_i·x[t − i] − Σ_j a_j·y[t − j]        i = 0 … N, j = 1 … N

With λ the gradient of the loss by y[t], counting what y[t] does to later outputs, the backward pass is the
same filter run from the end:

    λ[t] = ∂y[t] − Σ_j a_j·λ[t + j]
    ∂x[t] = Σ_i b_i·λ[t + i]      ∂b_i = Σ_t λ[t]·x[t − i]      ∂a_j = −Σ_t λ[t]·y[t − j]

All in double precision: in this form the coefficients of a filter at 10 Hz differ from those of an unstable
one in their seventh digit. Arrays have the axes groups G, time, sequences S; x and y begin with N samples of
the past; the groups run on separate threads.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import prange

from vastudio.kernels.jit import compiled, compiled_parallel

Doubles: TypeAlias = npt.NDArray[np.float64]


@compiled
def _forward_group(b: Doubles, a: Doubles, x: Doubles, y: Doubles) -> None:
    """One group: b (N + 1,), a (N,), x and y (N + T, S)."""
    order, lanes = a.size, x.shape[1]
    for t in range(order, x.shape[0]):
        now, newest = y[t], x[t]
        for s in range(lanes):
            now[s] = b[0] * newest[s]
        for i in range(1, order + 1):
            feed, back, x_then, y_then = b[i], a[i - 1], x[t - i], y[t - i]
            for s in range(lanes):
                now[s] += feed * x_then[s] - back * y_then[s]


@compiled_parallel
def filter_forward(b: Doubles, a: Doubles, x: Doubles, y: Doubles) -> None:
    """Fill y[:, N:] from x (G, N + T, S) and the past y[:, :N]; b (G, N + 1), a (G, N)."""
    for group in prange(a.shape[0]):
        _forward_group(b[group], a[group], x[group], y[group])


@compiled
def _sum_up(rate: Doubles, x: Doubles, y: Doubles, t: int, sums: Doubles) -> None:
    """Add what the samples at t and before give to the gradients of b and a."""
    order = sums.shape[0] // 2
    for i in range(order + 1):
        then, by_b = x[t - i], sums[i]
        for s in range(rate.size):
            by_b[s] += rate[s] * then[s]
    for j in range(1, order + 1):
        then, by_a = y[t - j], sums[order + j]
        for s in range(rate.size):
            by_a[s] -= rate[s] * then[s]


@compiled
def _backward_group(
    b: Doubles, a: Doubles, x: Doubles, y: Doubles, rates: Doubles, dx: Doubles, past: Doubles, sums: Doubles
) -> None:
    """One group; `rates` (N + T + N, S) holds ∂y in the middle and turns into λ there."""
    order, lanes = a.size, x.shape[1]
    for t in range(x.shape[0] - 1, order - 1, -1):
        rate = rates[t]
        for j in range(1, order + 1):
            back, later = a[j - 1], rates[t + j]
            for s in range(lanes):
                rate[s] -= back * later[s]
        _sum_up(rate, x, y, t, sums)
    for t in range(x.shape[0]):
        now = dx[t]
        for i in range(order + 1):
            feed, later = b[i], rates[t + i]
            for s in range(lanes):
                now[s] += feed * later[s]
    for t in range(order):
        for j in range(order - t, order + 1):
            for s in range(lanes):
                past[t, s] -= a[j - 1] * rates[t + j, s]


@compiled_parallel
def filter_backward(
    b: Doubles, a: Doubles, x: Doubles, y: Doubles, rates: Doubles, dx: Doubles, past: Doubles, sums: Doubles
) -> None:
    """Go back through `filter_forward`.

    Parameters
    ----------
    rates:
        (G, N + T + N, S): the gradient of y[:, N:] between zeros. Overwritten.
    dx, past, sums:
        Added to: the gradients of x (G, N + T, S), of the past y[:, :N], and of b and then a by sequence,
        (G, 2N + 1, S).
    """
    for group in prange(a.shape[0]):
        _backward_group(
            b[group], a[group], x[group], y[group], rates[group], dx[group], past[group], sums[group]
        )
