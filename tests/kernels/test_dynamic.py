"""The streaming dynamic cells: against numpy in double precision, at rest, gliding, on other processors."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from tests.models import random_cell
from vastudio.kernels.cells import GATE_COUNT, CellWeights, Kind, flat_size
from vastudio.kernels.recurrent import layout, program
from vastudio.kernels.rest import rest_state, settled
from vastudio.kernels.voice import Floats, Voice

Doubles = npt.NDArray[np.float64]

RATE = 48_000

every_kind = pytest.mark.parametrize("kind", ["gru", "lstm"])


def cell(kind: Kind, hidden: int, scalers: int = 4, seed: int = 0) -> CellWeights:
    """A random cell whose scales are large: factors wander between about 0 and 2."""
    rng = np.random.default_rng(seed)
    rows = GATE_COUNT[kind] * hidden
    scales = rng.normal(size=rows * scalers) * scalers**-0.5
    flat = np.insert(random_cell(hidden, rng, kind), rows * (1 + hidden), scales)
    return CellWeights.from_flat(flat.astype(np.float32), hidden, kind, scalers)


def voice(weights: CellWeights) -> Voice:
    packed, converged = settled(weights)
    assert converged
    return Voice(program(weights.kind, weights.hidden, weights.scalers), packed)


def noise(frames: int, seed: int = 1) -> Floats:
    return (0.3 * np.random.default_rng(seed).normal(size=frames)).astype(np.float32)


def sigmoid(x: Doubles) -> Doubles:
    return 1 / (1 + np.exp(-x))


def step(weights: CellWeights, h: Doubles, c: Doubles, x: float) -> tuple[Doubles, Doubles]:
    """One sample by the equations of the file format."""
    gates, hidden = GATE_COUNT[weights.kind], weights.hidden
    assert weights.scales is not None
    d = (1 + weights.scales.astype(np.float64) @ h[hidden - weights.scalers :]).reshape(gates, hidden)
    u = (weights.w_hh.astype(np.float64) @ h).reshape(gates, hidden)
    w = (weights.w_ih.astype(np.float64) * x).reshape(gates, hidden)
    b = weights.bias.astype(np.float64).reshape(4, hidden)
    if weights.kind == "lstm":
        i, f, g, o = d * (w + u + b)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    r, z = sigmoid(d[:2] * (w[:2] + u[:2] + b[:2]))
    n = np.tanh(d[2] * (w[2] + b[2] + r * (u[2] + b[3])))
    return (1 - z) * n + z * h, c


def settle(weights: CellWeights, steps: int = 6000) -> tuple[Doubles, Doubles]:
    h, c = np.zeros((2, weights.hidden))
    for _ in range(steps):
        h, c = step(weights, h, c, 0.0)
    return h, c


def render(weights: CellWeights, x: Floats) -> Doubles:
    h, c = settle(weights)
    rest, out = h, np.empty(x.size)
    for t, sample in enumerate(x):
        h, c = step(weights, h, c, float(sample))
        out[t] = weights.w_out.astype(np.float64) @ (h - rest) + weights.skip * sample
    return out


def check_against_numpy(kind: Kind, hidden: int, scalers: int, blocks: tuple[int, ...] = (1, 65)) -> None:
    weights, x = cell(kind, hidden, scalers, seed=hidden), noise(700)
    played = voice(weights)
    out = played.process(x, 64)
    for block in blocks:
        played.reset()
        assert np.array_equal(out, played.process(x, block))
    np.testing.assert_allclose(out, render(weights, x), atol=1e-5)


@every_kind
@pytest.mark.parametrize(
    ("hidden", "scalers"), [(1, 1), (8, 4), (13, 5), (16, 16), (24, 4), (40, 8), (96, 4)]
)
def test_equals_numpy_at_any_size_and_block_size(kind: Kind, hidden: int, scalers: int) -> None:
    check_against_numpy(kind, hidden, scalers)


@pytest.mark.parametrize(("processor", "lanes"), [("haswell", "8 lanes"), ("generic", "4 lanes")])
def test_equals_numpy_on_smaller_processors(processor: str, lanes: str) -> None:
    """In a process of its own: the width of vectors is fixed when the kernels are imported."""
    code = """
from vastudio.kernels.jit import LANES
from tests.kernels.test_dynamic import check_against_numpy
for kind in ("gru", "lstm"):
    for hidden in (8, 20, 64):
        check_against_numpy(kind, hidden, 4, blocks=(65,))
print(LANES, "lanes")
"""
    environment = {**os.environ, "NUMBA_CPU_NAME": processor}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout.strip() == lanes, done.stderr


@every_kind
def test_scales_of_zero_are_those_of_a_static_cell(kind: Kind) -> None:
    weights, x = cell(kind, 24), noise(2000)
    assert weights.scales is not None
    still = replace(weights, scales=np.zeros_like(weights.scales))
    static = replace(weights, scales=None)
    np.testing.assert_array_equal(voice(still).process(x, 64), voice(static).process(x, 64))
    assert np.abs(voice(weights).process(x, 64) - voice(static).process(x, 64)).max() > 1e-3


@every_kind
@pytest.mark.parametrize("hidden", [8, 32, 96])
def test_silence_stays_silence(kind: Kind, hidden: int) -> None:
    for seed in range(4):
        out = voice(cell(kind, hidden, seed=seed)).process(np.zeros(RATE // 4, np.float32), 512)
        assert np.abs(out).max() < 1e-6  # −120 dBFS


@every_kind
def test_the_rest_state_is_the_fixed_point_in_double_precision(kind: Kind) -> None:
    weights = cell(kind, 8, seed=3)
    h, c = settle(weights, 20_000)
    wanted = h if kind == "gru" else np.concatenate([h, c])
    np.testing.assert_allclose(rest_state(weights), wanted, atol=1e-9)


def test_a_unit_with_a_time_constant_of_seconds_rests_at_once() -> None:
    weights = cell("gru", 16)
    assert weights.scales is not None
    bias, scales = weights.bias.copy(), 0.2 * weights.scales
    bias[16:20] += 12.0
    slow = replace(weights, bias=bias, scales=scales)
    assert np.abs(voice(slow).process(np.zeros(2 * RATE, np.float32), 512)).max() < 1e-6


@every_kind
def test_a_glide_does_not_depend_on_the_blocks_and_arrives_exactly(kind: Kind) -> None:
    shape, x = program(kind, 24, 4), noise(4000)
    first, last = (settled(cell(kind, 24, seed=seed)).packed for seed in (1, 2))
    outputs = []
    for block in (64, 1, 65, 8193):
        played = Voice(shape, first)
        head = played.process(x[:111], block)
        played.glide_to(last, shape.glide_steps(RATE))
        outputs.append(np.concatenate([head, played.process(x[111:], block)]))
        assert np.array_equal(played.weights, last)
    for other in outputs[1:]:
        np.testing.assert_array_equal(outputs[0], other)


@every_kind
def test_a_broken_sample_plays_as_silence_and_far_too_loud_ones_do_no_harm(kind: Kind) -> None:
    x = noise(3000)
    x[1000] = 0.0
    expected = voice(cell(kind, 16)).process(x, 64)
    x[1000] = np.nan
    played = voice(cell(kind, 16))
    assert np.array_equal(played.process(x, 64), expected)
    assert played.faults == 1
    played.process(np.full(64, 999_999.0, np.float32), 64)
    assert played.faults == 1
    assert np.abs(played.process(np.zeros(RATE, np.float32), 64)[RATE // 2 :]).max() < 1e-6


@every_kind
def test_the_flat_size_is_the_sum_of_its_parts(kind: Kind) -> None:
    weights = cell(kind, 24, 8)
    assert weights.scales is not None
    parts = (weights.w_ih, weights.w_hh, weights.scales, weights.bias, weights.w_out)
    assert flat_size(24, kind, 8) == sum(part.size for part in parts) + 1


@pytest.mark.parametrize("scalers", [-1, 9])
def test_more_scalers_than_units_are_refused(scalers: int) -> None:
    with pytest.raises(ValueError, match="scale"):
        layout("gru", 8, scalers)
