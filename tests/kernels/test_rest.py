"""The rest state is found exactly, for lively and for slow cells, and a trembling cell is still silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from tests.models import random_cell
from vastudio.kernels.cells import CellWeights
from vastudio.kernels.gru import REST, gru_render, new_voice, padded, rest_voice
from vastudio.kernels.memory import aligned
from vastudio.kernels.rest import settled

QUIET = 1e-6
"""−120 dBFS."""


def silence_through(cell: CellWeights, seconds: float = 1.0) -> npt.NDArray[np.float32]:
    packed, converged = settled(cell)
    assert converged
    state, voice = aligned(2 * padded(cell.hidden), np.float32), new_voice(cell.hidden)
    rest_voice(packed, state, voice)
    silence = np.zeros(int(48_000 * seconds), np.float32)
    out = np.empty_like(silence)
    gru_render(silence, out, 512, packed, packed.copy(), state, voice)
    return out


def lively_cell(hidden: int, seed: int) -> CellWeights:
    """Stronger recurrence than at the start of training, as trained cells have it."""
    cell = CellWeights.from_flat(random_cell(hidden, np.random.default_rng(seed)), hidden)
    return replace(cell, w_hh=1.5 * cell.w_hh, bias=1.5 * cell.bias)


@pytest.mark.parametrize("hidden", [8, 16, 32, 96])
def test_silence_is_silent_though_the_state_trembles(hidden: int) -> None:
    for seed in range(8):
        assert np.abs(silence_through(lively_cell(hidden, seed))).max() < QUIET


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
    rest = settled(cell).packed[REST * padded(hidden) :][:hidden]
    np.testing.assert_allclose(rest, h, atol=2e-6)


def test_a_unit_with_a_time_constant_of_a_minute_rests_at_once() -> None:
    cell = lively_cell(32, 5)
    bias = cell.bias.copy()
    bias[32:36] += 15.0
    assert np.abs(silence_through(replace(cell, bias=bias), seconds=2.0)).max() < QUIET
