"""The SIMD value against numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from vastudio.kernels.jit import LANES, compiled
from vastudio.kernels.simd import (
    sigmoid,
    sload,
    tanh,
    vfma,
    vfma_scalar,
    vload,
    vmax,
    vmin,
    vselect_less,
    vsplat,
    vstore,
    vsum,
)

Floats = npt.NDArray[np.float32]


@compiled
def _arithmetic(a: Floats, b: Floats, c: Floats, out: Floats) -> None:
    va, vb, vc = vload(a, 0), vload(b, 0), vload(c, 0)
    vstore(out, 0, va + vb)
    vstore(out, LANES, va - vb)
    vstore(out, 2 * LANES, va * vb)
    vstore(out, 3 * LANES, va / vb)
    vstore(out, 4 * LANES, -va)
    vstore(out, 5 * LANES, vfma(va, vb, vc))
    vstore(out, 6 * LANES, vfma_scalar(sload(a, 1), vb, vc))
    vstore(out, 7 * LANES, vmin(va, vb))
    vstore(out, 8 * LANES, vmax(va, vb))
    vstore(out, 9 * LANES, vselect_less(va, vb, vc, vsplat(sload(c, 2))))
    vstore(out, 10 * LANES, vsplat(vsum(va)))


@compiled
def _tanh_of(x: Floats, out: Floats) -> None:
    for i in range(0, x.size, LANES):
        vstore(out, i, tanh(vload(x, i)))


@compiled
def _sigmoid_of(x: Floats, out: Floats) -> None:
    for i in range(0, x.size, LANES):
        vstore(out, i, sigmoid(vload(x, i)))


def _every_size() -> Floats:
    """Numbers of both signs from 1e-30 to 1e6, densely between ±20."""
    sizes = np.concatenate([np.logspace(-30, 6, 50_000), np.linspace(0, 20, 450_000)])
    return np.concatenate([-sizes, sizes]).astype(np.float32)


def test_arithmetic_agrees_with_numpy() -> None:
    rng = np.random.default_rng(1)
    a, b, c = rng.normal(size=(3, LANES)).astype(np.float32)
    out = np.zeros((11, LANES), np.float32)
    _arithmetic(a, b, c, out.reshape(-1))
    exact = [a + b, a - b, a * b, a / b, -a, a * b + c, a[1] * b + c, np.minimum(a, b), np.maximum(a, b)]
    exact += [np.where(a < b, c, c[2]), np.full(LANES, a.sum())]
    np.testing.assert_allclose(out, exact, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize(
    ("kernel", "exact"),
    [(_tanh_of, np.tanh), (_sigmoid_of, lambda x: 0.5 + 0.5 * np.tanh(0.5 * x))],
    ids=["tanh", "sigmoid"],
)
def test_gate_functions_are_accurate_over_all_inputs(
    kernel: Callable[[Floats, Floats], None], exact: Callable[[npt.NDArray[np.float64]], object]
) -> None:
    x = _every_size()
    out = np.empty_like(x)
    kernel(x, out)
    assert np.max(np.abs(out - exact(x.astype(np.float64)))) <= 3e-7


def test_tanh_of_zero_is_exactly_zero() -> None:
    out = np.ones(LANES, np.float32)
    _tanh_of(np.zeros(LANES, np.float32), out)
    assert not out.any()


@pytest.mark.parametrize("kernel", [_tanh_of, _sigmoid_of])
def test_not_a_number_stays_visible(kernel: Callable[[Floats, Floats], None]) -> None:
    x = np.full(LANES, np.nan, np.float32)
    out = np.zeros_like(x)
    kernel(x, out)
    assert np.isnan(out).all()
