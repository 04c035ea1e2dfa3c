"""Programs without direct current: the filter, silence from the first sample, blocks, when it is needed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import scipy

from tests.engine.test_quality import playing, wire
from tests.engine.test_rack import RATE, run, sine
from tests.modelfile import generated
from vastudio.engine.dc import DcBlocking
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render_automation
from vastudio.engine.quality import Quality
from vastudio.kernels import dc_blocker, fir
from vastudio.kernels.voice import Voice
from vastudio.modelfile import reading

Floats = npt.NDArray[np.float32]


def model(name: str) -> PlayableModel:
    """An imported model; that of a long filter has a constant under its sound."""
    read = reading.read(json.dumps(generated.ALL[name]).encode(), Path("model.nam")).as_model()
    return PlayableModel.from_file(read)


def noise(frames: int, level: float = 0.3) -> Floats:
    return (level * np.random.default_rng(7).normal(size=frames)).astype(np.float32)


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_filter_is_that_of_scipy(rate: int) -> None:
    taps = np.random.default_rng(2).normal(size=5).astype(np.float32)
    x = noise(20_000) + np.float32(0.2)
    share = -math.expm1(-2 * math.pi * dc_blocker.CORNER_HZ / rate)
    filtered = scipy.signal.lfilter(taps.astype(float), [1.0], x.astype(float))
    wanted = scipy.signal.lfilter([1.0, -1.0], [1.0, share - 1.0], filtered)
    voice = Voice(dc_blocker.program(fir.program(5), rate), fir.pack(taps))
    np.testing.assert_allclose(voice.process(x, 64), wanted, atol=2e-5)
    hertz, response = scipy.signal.freqz([1.0, -1.0], [1.0, share - 1.0], worN=[5.0, 82.4, 10_000.0], fs=rate)
    level = 20 * np.log10(np.abs(response))
    np.testing.assert_allclose(level, [-3.01, -0.016, 0.0], atol=0.01)
    assert hertz.size == 3


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_silence_is_at_zero_from_the_first_sample(quality: Quality, rate: int) -> None:
    own = model("nam long Linear")
    constant = own.voice({}).process(np.zeros(100, np.float32), 64)
    assert abs(constant[-1]) > 1e-3
    playable = own.without_dc("on").at_rate(rate).at_quality(quality)
    voice = playable.voice({})
    np.testing.assert_allclose(voice.process(np.zeros(2_000, np.float32), 64), 0.0, atol=1e-6)
    first = voice.process(noise(2_000), 64)
    voice.reset()
    voice.process(np.zeros(2_000, np.float32), 64)
    np.testing.assert_allclose(voice.process(noise(2_000), 64), first, atol=1e-6)


@pytest.mark.parametrize("block", [1, 63, 65, 8193])
def test_the_block_size_never_changes_a_bit(block: int) -> None:
    playable = model("guitarml with knobs").without_dc("on").at_quality(Quality.HIGH)
    moves = [(0, {}), (700, {knob.name: 0.55 for knob in playable.knobs})]
    x = noise(9_000)
    wanted = render_automation(playable, x, moves, 64)
    np.testing.assert_array_equal(render_automation(playable, x, moves, block), wanted)


def test_blocked_where_it_is_needed_and_as_it_is_set() -> None:
    clean, constant = wire(), model("nam long Linear")
    assert not clean.has_dc
    assert constant.has_dc
    assert constant.at_rate(96_000).at_quality(Quality.HIGH).has_dc
    wanted: dict[DcBlocking, tuple[bool, bool]] = {
        "auto": (False, True), "on": (True, True), "off": (False, False),
    }  # fmt: skip
    for blocking, blocked in wanted.items():
        models = clean.without_dc(blocking), constant.without_dc(blocking)
        assert tuple(model.dc_blocked for model in models) == blocked
    blocked_once = constant.without_dc("on")
    assert blocked_once.without_dc("on") is blocked_once
    assert blocked_once.at_rate(44_100).without_dc("off").at_rate(48_000).plays_as(constant)
    assert not blocked_once.plays_as(constant)


def test_the_player_blocks_where_it_is_needed() -> None:
    constant = model("nam long Linear")
    player = playing(constant, Quality.NORMAL, np.zeros(RATE, np.float32), None)
    assert np.abs(run(player._rack, 4_800)).max() < 1e-6
    player.set_dc_blocking("off")
    assert np.abs(run(player._rack, 4_800)[-100:]).min() > 1e-3
    player.set_dc_blocking("auto")
    run(player._rack, 4_800)
    assert np.abs(run(player._rack, 4_800)).max() < 1e-6
    untouched = playing(wire(), Quality.NORMAL, sine(RATE), None)
    assert untouched.model is not None
    assert not untouched.model.dc_blocked
