"""Programs at twice their rate: filters, aliases, latency, blocks, gliding, resets, other rates."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import scipy

from tests.modelfile import generated
from vastudio.app.probe.measures import aliasing
from vastudio.app.probe.subject import Subject
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render, render_automation
from vastudio.engine.quality import Quality
from vastudio.kernels import doubled, fir, resampled
from vastudio.kernels.voice import LOUDEST, Program, Voice
from vastudio.modelfile import reading

Floats = npt.NDArray[np.float32]

BLOCKS = (1, 63, 65, 8193)
KINDS = ["guitarml with knobs", "nam LSTM", "nam A1", "guitarml two layers, a knob"]


def wire() -> Voice:
    """A program that changes nothing but the rate."""
    return Voice(doubled.program(fir.program(1)), fir.pack(np.ones(1, np.float32)))


def model(name: str) -> PlayableModel:
    """An imported model."""
    read = reading.read(json.dumps(generated.ALL[name]).encode(), Path("model.nam")).as_model()
    return PlayableModel.from_file(read)


def noise(frames: int, level: float = 0.3) -> Floats:
    """White noise, the same every time."""
    return (level * np.random.default_rng(3).normal(size=frames)).astype(np.float32)


def at_double_rate(x: Floats) -> npt.NDArray[np.float64]:
    """`x` on its way up, by scipy."""
    return np.asarray(scipy.signal.upfirdn(doubled.half_band().astype(float), x.astype(float), 2))


def test_the_filters_stop_and_pass_what_they_promise() -> None:
    top = 48_000.0  # half the double rate, for models of 48 kHz
    for taps, gain, stopped in (
        (doubled.half_band(), 2.0, doubled.STOPPED_UP),
        (doubled.low_pass(), 1.0, 1.0),
    ):
        hertz, response = scipy.signal.freqz(taps.astype(float) / gain, worN=1 << 14, fs=2 * top)
        level = 20 * np.log10(np.abs(response) + 1e-30)
        assert np.abs(level[hertz <= 18_000]).max() < 1e-3
        assert level[hertz >= stopped * 24_000].max() < -110
        np.testing.assert_array_equal(taps, taps[::-1])


def test_filters_are_those_of_scipy() -> None:
    x = noise(5000, 1.0)
    wanted = scipy.signal.lfilter(doubled.low_pass().astype(float), [1.0], at_double_rate(x))[::2][: x.size]
    np.testing.assert_allclose(wire().process(x, 64), wanted, atol=2e-6)


def test_a_network_at_twice_its_rate_has_twice_the_delays() -> None:
    """A filter with memory, doubled, against scipy's of z² at the double rate."""
    taps = np.random.default_rng(1).normal(size=9).astype(np.float32)
    voice = Voice(doubled.program(fir.program(9)), fir.pack(taps))
    x = noise(3000)
    stretched = np.zeros(17)
    stretched[::2] = taps
    filtered = scipy.signal.lfilter(stretched, [1.0], at_double_rate(x))
    wanted = scipy.signal.lfilter(doubled.low_pass().astype(float), [1.0], filtered)[::2][: x.size]
    np.testing.assert_allclose(voice.process(x, 64), wanted, atol=3e-6)


def test_sound_is_late_by_the_latency_and_unchanged() -> None:
    t = np.arange(12_000) / 48_000
    for hertz in (100.0, 5_000.0, 18_000.0):
        voice = wire()
        heard = voice.process(np.sin(2 * np.pi * hertz * t).astype(np.float32), 64)
        wanted = np.sin(2 * np.pi * hertz * (t - voice.program.latency / 48_000))
        np.testing.assert_allclose(heard[1000:], wanted[1000:], atol=1e-4)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("rate", [None, 96_000])
def test_the_block_size_never_changes_a_bit(name: str, rate: int | None) -> None:
    playable = model(name).at_quality(Quality.HIGH)
    playable = playable if rate is None else playable.at_rate(rate)
    x = noise(9000)
    turned = {knob.name: knob.maximum for knob in playable.knobs}
    moves = [(0, {}), (1000, {name: 0.95 * value for name, value in turned.items()}), (4001, turned)]
    wanted = render_automation(playable, x, moves, 64)
    assert wanted.size == x.size
    assert np.isfinite(wanted).all()
    for block in BLOCKS:
        np.testing.assert_array_equal(render_automation(playable, x, moves, block), wanted)


@pytest.mark.parametrize("name", KINDS)
def test_a_model_that_bends_little_sounds_as_at_its_own_rate(name: str) -> None:
    """As far as it makes no harmonics beyond the band, both qualities are the same device."""
    own = model(name)
    low = scipy.signal.firwin(255, 4_000, fs=own.sample_rate)
    x = np.convolve(noise(12_000), low, "same").astype(np.float32)
    normal, high = render(own, x), render(own.at_quality(Quality.HIGH), x)
    error, power = np.mean((high - normal)[500:] ** 2), np.var(normal)
    assert 10 * np.log10(error / power) < -60


def test_worst_note_of_a_model_of_high_gain_is_thirty_decibels_cleaner() -> None:
    own = PlayableModel.from_file(reading.load(Path("models/overdrive.vamodel")))
    values = {knob.name: knob.default for knob in own.knobs}
    tones = aliasing.sweep(own.sample_rate, aliasing.HIGHEST_NOTE_HZ)[-12:]
    worst = []
    for quality in Quality:
        subject = Subject.of(own.at_quality(quality))
        worst.append(max(aliasing.measured(subject, values, tone).alias_to_signal_db for tone in tones))
    assert worst[1] < worst[0] - 30


def test_knobs_reset_rest_and_trouble_are_those_of_the_model() -> None:
    own = model("guitarml with knobs")
    playable = own.at_quality(Quality.HIGH)
    low, high = ({knob.name: value for knob in own.knobs} for value in (0.0, 1.0))
    voice, silence = playable.voice(low), np.zeros(6000, np.float32)
    begin = voice.process(silence, 64)
    assert np.ptp(begin) < 1e-5
    voice.glide_to(playable.packed(high), playable.glide_steps)
    there = own.voice(high).process(silence, 64)[-1]
    np.testing.assert_allclose(voice.process(silence, 64)[-1000:], there, atol=2e-5)
    x = noise(4000)
    fresh = playable.voice(high).process(x, 64)
    voice.process(x, 64)
    voice.reset()
    np.testing.assert_array_equal(voice.process(x, 64), fresh)
    x[100:103] = np.nan, np.inf, LOUDEST * 2
    assert np.isfinite(voice.process(x, 64)).all()
    assert voice.faults == 3


def test_a_voice_that_follows_another_goes_on_as_it() -> None:
    playable = model("guitarml two layers, a knob").at_quality(Quality.HIGH)
    first, second, x = playable.voice({}), playable.voice({}), noise(3000)
    first.process(x, 64)
    second.follow(first)
    np.testing.assert_array_equal(second.process(x, 64), first.process(x, 64))


@pytest.mark.parametrize("rates", [(44_100, 48_000), (48_000, 44_100), (48_000, 96_000), (44_100, 192_000)])
def test_latency_at_another_rate_is_whole(rates: tuple[int, int]) -> None:
    inner: Program = doubled.program(fir.program(1))
    voice = Voice(resampled.program(inner, *rates), fir.pack(np.ones(1, np.float32)))
    rate = rates[1]
    t = np.arange(rate // 10) / rate
    heard = voice.process(np.sin(2 * np.pi * 1000.0 * t).astype(np.float32), 64)
    wanted = np.sin(2 * np.pi * 1000.0 * (t - voice.program.latency / rate))
    np.testing.assert_allclose(heard[t.size // 2 :], wanted[t.size // 2 :], atol=1e-4)


def test_qualities_and_rates_of_one_model_are_known_apart() -> None:
    own = model("nam LSTM")
    high = own.at_quality(Quality.HIGH)
    assert own.latency == 0
    assert high.latency == doubled.LATENCY
    assert high.at_quality(Quality.NORMAL).plays_as(own)
    assert not high.plays_as(own)
    assert high.at_rate(96_000).at_rate(48_000).plays_as(high)
    assert high.at_rate(96_000).at_quality(Quality.NORMAL).plays_as(own.at_rate(96_000))
