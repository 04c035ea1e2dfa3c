"""Convolution against scipy in double precision, for lengths on all levels, and how evenly it works."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import fftconvolve

from tests.kernels.filters import assert_contract, noise
from vastudio.kernels import fft
from vastudio.kernels.convolution import pack, program
from vastudio.kernels.partitions import MAX_TAPS, SLOT, Level, levels
from vastudio.kernels.voice import Voice

Floats = npt.NDArray[np.float32]

LENGTHS = [1, 2, 63, 64, 65, 128, 129, 512, 960, 2000, 2048, 8192, 20_416, 24_000]
"""Taps: up to the direct sum's, one level, two, three."""


def response(taps: int) -> Floats:
    """A decaying impulse response of energy 1."""
    h = noise(taps, 1.0, seed=taps) * np.exp(-4.0 * np.arange(taps) / taps)
    return np.asarray(h / np.sqrt(np.sum(h**2)), np.float32)


def exact(x: Floats, h: Floats) -> npt.NDArray[np.float64]:
    return np.asarray(fftconvolve(x.astype(np.float64), h.astype(np.float64))[: x.size])


def voice_of(h: Floats) -> Voice:
    return Voice(program(h.size), pack(h))


@pytest.mark.parametrize("taps", LENGTHS)
def test_agrees_with_scipy(taps: int) -> None:
    h, x = response(taps), noise(30_000)
    y = voice_of(h).process(x, 64)
    np.testing.assert_allclose(y, exact(x, h), rtol=0, atol=2e-6)


@pytest.mark.parametrize("taps", [1, 100, 2048, 21_000])
def test_returns_its_response_to_an_impulse_without_latency(taps: int) -> None:
    """At any distance from the slots' borders."""
    h = response(taps)
    for at in (0, 1, 63, 64, 700):
        x = np.zeros(taps + 1000, np.float32)
        x[at] = 1.0
        y = voice_of(h).process(x, 64)
        assert not y[:at].any()
        np.testing.assert_allclose(y[at : at + taps], h, rtol=0, atol=1e-6)
        assert np.abs(y[at + taps :]).max() < 1e-6


@pytest.mark.parametrize("taps", [40, 500, 3000, 21_000])
def test_keeps_the_contract_in_any_blocks(taps: int) -> None:
    h = response(taps)
    assert_contract(program(taps), pack(h), noise(26_000))


def test_the_longest_response_fits_and_longer_ones_are_refused() -> None:
    h = np.zeros(MAX_TAPS, np.float32)
    h[[0, -1]] = 1.0, 0.5
    x = np.zeros(MAX_TAPS + 5000, np.float32)
    x[3000] = 1.0
    y = voice_of(h).process(x, 480)
    at = np.flatnonzero(np.abs(y) > 1e-6)
    np.testing.assert_array_equal(at, [3000, 3000 + MAX_TAPS - 1])
    np.testing.assert_allclose(y[at], [1.0, 0.5], atol=1e-6)
    for taps in (0, MAX_TAPS + 1):
        with pytest.raises(ValueError, match=f"{taps} taps"):
            program(taps)


def test_silence_follows_on_sound() -> None:
    x = np.concatenate([noise(20_000), np.zeros(40_000, np.float32)])
    y = voice_of(response(21_000)).process(x, 64)
    assert y[20_000:40_000].any()
    assert not y[-8000:].any()


def test_another_response_of_the_same_length_takes_its_place() -> None:
    first, second = response(3000), response(3000)[::-1].copy()
    x = noise(8000)
    voice = voice_of(first)
    voice.process(x[:1234], 64)
    voice.jump_to(pack(second))
    np.testing.assert_array_equal(voice.process(x, 64), voice_of(second).process(x, 64))


def test_responses_of_the_same_partitions_share_a_program() -> None:
    assert program(2000) is program(1999)
    assert program(2000) is not program(5000)


@pytest.mark.parametrize("taps", [65, 512, 2048, 8192, 48_000, MAX_TAPS])
def test_levels_follow_on_each_other_and_their_work_is_even(taps: int) -> None:
    layout = levels(taps)
    end = SLOT
    for level in layout:
        assert level.first_tap == end
        end = level.end_tap
        per_slot = level.units / (level.points / SLOT)
        assert level.points == SLOT or per_slot < 3.0
    assert end - layout[-1].points < taps <= end


def test_a_level_with_a_single_partition_works() -> None:
    level = Level(SLOT, 1)
    assert (level.first_tap, level.end_tap, level.group) == (64, 128, 1)
    assert level.units == 3 + 2 * fft.steps(SLOT)
