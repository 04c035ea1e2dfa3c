"""The kernels that measure the core's limits do the work that they are said to do."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.app.bench import limits
from vastudio.kernels.jit import LANES


def numbers(*values: float) -> limits.Floats:
    return np.repeat(np.array(values, np.float32), LANES)


def test_every_multiply_add_is_done() -> None:
    x, y, rounds = 0.5, 0.25, 3
    sums = np.array([y] * 6 + [x] * 6)
    for _ in range(rounds):
        sums = sums * x + y
    assert limits._multiply_add_compiled(numbers(x, y), rounds) == pytest.approx(LANES * sums.sum())


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_a_step_of_the_chain_is_a_step_of_the_cell(kind: str) -> None:
    w, b, steps = 0.5, 0.3, 4

    def sigmoid(value: float) -> float:
        return float(1.0 / (1.0 + np.exp(-value)))

    h, c = 0.1, b
    for _ in range(steps):
        if kind == "gru":
            r, z = sigmoid(h * w + b), sigmoid(h * b + w)
            n = np.tanh(r * (h * w + b) + b)
            h = z * (h - n) + n
        else:
            i, f, o = sigmoid(h * w + b), sigmoid(h * b + w), sigmoid(h * b + b)
            c = f * c + i * np.tanh(h * w + w)
            h = o * np.tanh(c)
    assert limits._STEPS[kind](numbers(w, b, 0.1), steps) == pytest.approx(h, abs=1e-6)


def test_limits_are_plausible() -> None:
    assert 1e9 < limits.multiply_adds_per_second() < 1e13
    assert 1e-9 < limits.recurrence_seconds("gru") < 1e-5
