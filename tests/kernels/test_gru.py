"""The streaming GRU against torch, over block sizes, at rest, gliding, and with broken input."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.models import parameter_count, random_cell
from vastudio.kernels.cells import CellWeights, flat_size
from vastudio.kernels.gru import (
    FAULTS,
    NOW,
    OUT,
    glide,
    glide_steps,
    gru_process,
    gru_render,
    new_voice,
    packed_size,
    padded,
    rest_voice,
)
from vastudio.kernels.memory import aligned
from vastudio.kernels.rest import settled

RATE = 48_000
BLOCKS = (1, 63, 64, 65, 8193)
SIZES = (8, 16, 24, 32, 40, 64, 96)

Floats = npt.NDArray[np.float32]


def cell(hidden: int, seed: int = 0) -> CellWeights:
    return CellWeights.from_flat(random_cell(hidden, np.random.default_rng(seed)), hidden)


def guitar_like(seconds: float, seed: int = 1) -> Floats:
    """Decaying chords and noise, peaks near full scale."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (82.4, 123.5, 164.8, 207.7))
    return (0.2 * chord * np.exp(-3 * (t % 0.5)) + 0.02 * rng.normal(size=t.size)).astype(np.float32)


class Voice:
    """The arrays that one playing GRU needs."""

    def __init__(self, packed: Floats, hidden: int) -> None:
        self.numbers = new_voice(hidden)
        self.state = aligned(2 * padded(hidden), np.float32)
        self.weights, self.target = aligned(packed.size, np.float32), aligned(packed.size, np.float32)
        self.weights[:] = packed
        rest_voice(self.weights, self.state, self.numbers)

    def render(self, x: Floats, block: int = 64) -> Floats:
        y = np.empty_like(x)
        gru_render(x, y, block, self.weights, self.target, self.state, self.numbers)
        return y


def torch_render(weights: CellWeights, x: Floats) -> npt.NDArray[np.float64]:
    """torch's own GRU in double precision, started in the rest state that it finds by itself."""
    hidden = weights.hidden
    gru = torch.nn.GRU(1, hidden, batch_first=True).double()
    bias = torch.from_numpy(weights.bias).double()
    with torch.no_grad():
        gru.weight_ih_l0.copy_(torch.from_numpy(weights.w_ih)[:, None])
        gru.weight_hh_l0.copy_(torch.from_numpy(weights.w_hh))
        gru.bias_ih_l0.copy_(bias[: 3 * hidden])
        gru.bias_hh_l0.zero_()
        gru.bias_hh_l0[2 * hidden :] = bias[3 * hidden :]
        _, rest = gru(torch.zeros(1, 4000, 1, dtype=torch.float64))
        states, _ = gru(torch.from_numpy(x).double()[None, :, None], rest)
        out = (states[0] - rest[0, 0]) @ torch.from_numpy(weights.w_out).double()
    return out.numpy() + weights.skip * x.astype(np.float64)


def check_against_torch(hidden: int, seconds: float) -> None:
    weights, x = cell(hidden, hidden), guitar_like(seconds)
    packed, converged = settled(weights)
    assert converged
    outputs = [Voice(packed, hidden).render(x, block) for block in BLOCKS]
    for other in outputs[1:]:
        assert np.array_equal(outputs[0], other)
    assert np.max(np.abs(outputs[0] - torch_render(weights, x))) < 1e-5


@pytest.mark.parametrize("hidden", [4, 5, 13, *SIZES])
def test_equals_torch_at_any_size_and_block_size(hidden: int) -> None:
    check_against_torch(hidden, 0.4)


def test_equals_torch_over_ten_seconds() -> None:
    check_against_torch(32, 10.0)


@pytest.mark.slow
@pytest.mark.parametrize("hidden", SIZES)
def test_equals_torch_over_ten_seconds_at_every_size(hidden: int) -> None:
    check_against_torch(hidden, 10.0)


def test_the_flat_size_is_the_sum_of_its_parts() -> None:
    assert flat_size(24) == parameter_count(24)


@pytest.mark.parametrize("hidden", SIZES)
def test_silence_stays_silence(hidden: int) -> None:
    for seed in range(5):
        packed, converged = settled(cell(hidden, seed))
        out = Voice(packed, hidden).render(np.zeros(RATE // 4, np.float32))
        assert converged
        assert np.max(np.abs(out)) < 1e-6  # −120 dBFS


def test_a_cell_that_never_settles_rests_at_its_mean() -> None:
    """Two units that push each other round: a rotation with gain oscillates for ever."""
    zeros = np.zeros((2, 2))
    turn = 4.0 * np.sqrt(0.5) * np.array([[1.0, -1.0], [1.0, 1.0]])
    weights = CellWeights(
        "gru",
        np.full(6, 0.1, np.float32),
        np.concatenate([zeros, zeros, turn]).astype(np.float32),
        np.array([6, 6, 2, 2, 0.01, 0, 0, 0], np.float32),
        np.array([0.5, 0.2], np.float32),
        0.0,
    )
    packed, converged = settled(weights)
    out = Voice(packed, 2).render(np.zeros(RATE, np.float32))
    assert not converged
    assert np.isfinite(out).all()
    assert abs(out[-32_768:].mean()) < 0.01


def glide_through(block: int) -> Floats:
    """Render a second in which the knobs turn at three fixed samples, in blocks of `block`."""
    hidden = 24
    sets = [settled(cell(hidden, seed))[0] for seed in range(4)]
    voice, x = Voice(sets[0], hidden), guitar_like(1.0)
    turns = [0, 1_111, 1_500, 20_007, x.size]
    parts = []
    for i, (start, stop) in enumerate(itertools.pairwise(turns)):
        if i:
            glide(voice.target, sets[i], voice.numbers, glide_steps(RATE))
        parts.append(voice.render(x[start:stop], block))
    assert np.array_equal(voice.weights, sets[-1])
    return np.concatenate(parts)


def test_block_size_does_not_change_a_glide() -> None:
    reference = glide_through(64)
    for block in (1, 7, 63, 65, 8193):
        assert np.array_equal(reference, glide_through(block))


def test_a_glide_is_linear_and_takes_twenty_milliseconds() -> None:
    hidden = 8
    (first, _), (last, _) = settled(cell(hidden, 1)), settled(cell(hidden, 2))
    voice = Voice(first, hidden)
    glide(voice.target, last, voice.numbers, glide_steps(RATE))
    voice.render(np.zeros(480, np.float32))
    np.testing.assert_allclose(voice.weights, 0.5 * (first + last), atol=1e-5)
    voice.render(np.zeros(480, np.float32))
    assert np.array_equal(voice.weights, last)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_broken_sample_is_a_fault_and_is_over_at_once(bad: float) -> None:
    hidden = 16
    packed, _ = settled(cell(hidden))
    x = guitar_like(0.2)
    x[1000] = bad
    voice = Voice(packed, hidden)
    out = voice.render(x)
    assert voice.numbers[FAULTS] == 1
    assert np.isfinite(out).all()
    assert out[1000] == 0
    assert np.array_equal(out[1001:], Voice(packed, hidden).render(x[1001:]))


def test_padding_never_takes_part() -> None:
    hidden = 5
    packed, _ = settled(cell(hidden))
    width = padded(hidden)
    assert packed.size == packed_size(hidden)
    voice = Voice(packed, hidden)
    voice.render(guitar_like(0.1))
    now = voice.numbers[NOW]
    assert not voice.state[now + hidden : now + width].any()
    assert not packed[OUT * width + hidden : (OUT + 1) * width].any()


def test_input_and_output_may_be_one_array() -> None:
    packed, _ = settled(cell(8))
    x = guitar_like(0.05)
    expected = Voice(packed, 8).render(x)
    voice = Voice(packed, 8)
    gru_process(x, x, x.size, voice.weights, voice.target, voice.state, voice.numbers)
    assert np.array_equal(x, expected)
