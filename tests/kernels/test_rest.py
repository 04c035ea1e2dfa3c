"""The rest state is found exactly, for lively and for slow cells, and a trembling cell is still silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from tests.models import random_cell
from vastudio.kernels.cells import CellWeights, Kind
from vastudio.kernels.recurrent import layout, program
from vastudio.kernels.rest import rest_state, settled
from vastudio.kernels.voice import Voice

QUIET = 1e-6
"""−120 dBFS."""


def silence_through(cell: CellWeights, seconds: float = 1.0) -> npt.NDArray[np.float32]:
    packed, converged = settled(cell)
    assert converged
    voice = Voice(program(cell.kind, cell.hidden), packed)
    return voice.process(np.zeros(int(48_000 * seconds), np.float32), 512)


def lively_cell(hidden: int, seed: int, kind: Kind = "gru") -> CellWeights:
    """Stronger recurrence than at the start of training, as trained cells have it."""
    cell = CellWeights.from_flat(random_cell(hidden, np.random.default_rng(seed), kind), hidden, kind)
    return replace(cell, w_hh=1.5 * cell.w_hh, bias=1.5 * cell.bias)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
@pytest.mark.parametrize("hidden", [8, 16, 32, 96])
def test_silence_is_silent_though_the_state_trembles(hidden: int, kind: Kind) -> None:
    for seed in range(8):
        assert np.abs(silence_through(lively_cell(hidden, seed, kind), 0.2)).max() < QUIET


def test_a_unit_that_needs_seconds_to_settle_rests_at_once() -> None:
    cell = lively_cell(16, 0)
    bias = cell.bias.copy()
    bias[16:20] += 10.0  # update gates of four units almost closed: time constants of half a second and more
    assert np.abs(silence_through(replace(cell, bias=bias), seconds=4.0)).max() < QUIET


def test_the_rest_state_is_the_fixed_point_in_double_precision() -> None:
    hidden = 8
    cell = lively_cell(hidden, 3)
    h = np.zeros(hidden)
    w_r, w_z, w_n = cell.w_hh.astype(np.float64).reshape(3, hidden, hidden)
    b_r, b_z, b_n, b_m = cell.bias.astype(np.float64).reshape(4, hidden)
    for _ in range(20_000):
        r, z = 1 / (1 + np.exp(-(w_r @ h + b_r))), 1 / (1 + np.exp(-(w_z @ h + b_z)))
        n = np.tanh(b_n + r * (w_n @ h + b_m))
        h = (1 - z) * n + z * h
    rest = settled(cell).packed[layout("gru", hidden).section("rest") :][:hidden]
    np.testing.assert_allclose(rest, h, atol=2e-6)


def test_a_unit_with_a_time_constant_of_a_minute_rests_at_once() -> None:
    cell = lively_cell(32, 5)
    bias = cell.bias.copy()
    bias[32:36] += 15.0
    assert np.abs(silence_through(replace(cell, bias=bias), seconds=2.0)).max() < QUIET


def test_an_lstm_whose_cell_needs_a_second_to_settle_rests_at_once() -> None:
    cell = lively_cell(32, 6, "lstm")
    bias = cell.bias.copy()
    bias[32:36] += 8.0  # forget gates of four units almost open: time constants of some 3000 samples
    bias[:4] -= 8.0
    assert np.abs(silence_through(replace(cell, bias=bias), seconds=2.0)).max() < QUIET


def test_the_rest_state_of_an_lstm_is_the_fixed_point_in_double_precision() -> None:
    hidden = 8
    cell = lively_cell(hidden, 3, "lstm")
    h, c = np.zeros((2, hidden))
    for _ in range(20_000):
        sums = cell.w_hh.astype(np.float64) @ h + cell.bias
        i, f, _, o = 1 / (1 + np.exp(-sums.reshape(4, hidden)))
        c = f * c + i * np.tanh(sums[2 * hidden : 3 * hidden])
        h = o * np.tanh(c)
    np.testing.assert_allclose(rest_state(cell), np.concatenate([h, c]), atol=1e-9)
