"""Programs one after the other, and the short filter, against their parts and against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.kernels.filters import RATE, assert_contract, noise
from vastudio.kernels import biquads, fir, recurrent, series
from vastudio.kernels.cells import CellWeights, flat_size
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Program, Voice

TAPS = np.array([0.5, -0.2, 0.1, 0.3, -0.4])


def cell(hidden: int, seed: int) -> Floats:
    numbers = 0.3 * np.random.default_rng(seed).standard_normal(flat_size(hidden))
    return settled(CellWeights.from_flat(numbers.astype(np.float32), hidden)).packed


def stages() -> tuple[Program, ...]:
    return (
        fir.program(TAPS.size),
        recurrent.program("gru", 16),
        biquads.program(),
        recurrent.program("gru", 8),
    )


def parts(seed: int) -> tuple[Floats, ...]:
    bell = biquads.pack([biquads.peaking(1000 / RATE, 1.0, 6.0 * seed)])
    return fir.pack(TAPS / seed), cell(16, seed), bell, cell(8, 10 + seed)


def packed(seed: int) -> Floats:
    return series.pack(stages(), parts(seed))


@pytest.mark.parametrize("taps", [1, 5, 16, 17, 40])
def test_a_short_filter_is_a_convolution(taps: int) -> None:
    numbers, x = np.random.default_rng(taps).standard_normal(taps), noise(4000)
    y = Voice(fir.program(taps), fir.pack(numbers)).process(x, 64)
    np.testing.assert_allclose(y, np.convolve(x.astype(np.float64), numbers)[: x.size], rtol=0, atol=1e-5)


def test_a_unit_impulse_changes_nothing() -> None:
    x = noise(1000)
    np.testing.assert_array_equal(Voice(fir.program(9), fir.pack(np.eye(9)[0])).process(x, 64), x)


@pytest.mark.parametrize("taps", [0, fir.MOST_TAPS + 1])
def test_other_lengths_are_refused(taps: int) -> None:
    with pytest.raises(ValueError, match=f"{taps} taps"):
        fir.program(taps)


def test_a_short_filter_keeps_the_contract() -> None:
    assert_contract(fir.program(21), fir.pack(np.linspace(1, -1, 21)), noise(8500))


def test_stages_play_one_after_the_other() -> None:
    x = noise(3000)
    wanted = x
    for stage, weights in zip(stages(), parts(1), strict=True):
        wanted = Voice(stage, weights).process(wanted, 64)
    np.testing.assert_array_equal(Voice(series.program(stages()), packed(1)).process(x, 64), wanted)


def test_a_series_keeps_the_contract() -> None:
    assert_contract(series.program(stages()), packed(1), noise(8500))


@pytest.mark.parametrize("steps", [1, 50, 240])
def test_a_glide_does_not_depend_on_blocks(steps: int) -> None:
    outputs = []
    for block in (1, 63, 64, 65, 8193):
        voice = Voice(series.program(stages()), packed(1))
        voice.process(noise(100), block)
        voice.glide_to(packed(2), steps)
        outputs.append(voice.process(noise(3000, seed=2), block))
    for other in outputs[1:]:
        np.testing.assert_array_equal(outputs[0], other)


def test_a_glide_arrives_in_every_stage() -> None:
    """Long behind it, the series is one that began with the new weights."""
    gliding, there = (Voice(series.program(stages()), packed(seed)) for seed in (1, 2))
    gliding.glide_to(packed(2), 20)
    x = np.concatenate([np.zeros(RATE // 2, np.float32), noise(2000)])
    late = slice(RATE // 2, None)
    np.testing.assert_allclose(gliding.process(x, 64)[late], there.process(x, 64)[late], rtol=0, atol=1e-5)
    np.testing.assert_array_equal(gliding.weights, there.weights)


def test_a_series_may_stand_in_a_series() -> None:
    inner = series.program(stages()[:2])
    whole = (inner, *stages()[2:])
    weights = series.pack(whole, (series.pack(stages()[:2], parts(1)[:2]), *parts(1)[2:]))
    x = noise(1000)
    wanted = Voice(series.program(stages()), packed(1)).process(x, 64)
    np.testing.assert_array_equal(Voice(series.program(whole), weights).process(x, 64), wanted)


def test_strides_and_latencies_come_together() -> None:
    slow = Program(0, 0, packed=3, state=17, stride=64, latency=5)
    both = series.program((slow, Program(0, 0, packed=16, state=1, stride=8, latency=2)))
    assert (both.packed, both.state, both.stride, both.latency) == (32, 48, 8, 7)


def test_weights_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="packed numbers instead of"):
        series.pack(stages(), (*parts(1)[:3], cell(16, 1)))
