"""Programs at another rate than their surroundings: tones, aliases, latency, blocks, gliding."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.modelfile import generated
from vastudio.audio.resample import resample
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import ModelFileError
from vastudio.kernels import fir, resampled
from vastudio.kernels.voice import Voice
from vastudio.modelfile import reading

RATES = [(44_100, 48_000), (48_000, 44_100), (48_000, 96_000), (96_000, 48_000), (44_100, 192_000)]
ALIAS_DB = -90.0

Floats = npt.NDArray[np.float32]


def wire(model_rate: int, rate: int) -> Voice:
    """A program that changes nothing but the rates."""
    program = resampled.program(fir.program(1), model_rate, rate)
    return Voice(program, fir.pack(np.ones(1, np.float32)))


def model(name: str, rate: int) -> PlayableModel:
    """An imported model, made at `rate`."""
    read = reading.read(json.dumps(generated.ALL[name]).encode(), Path("model.nam")).as_model()
    playable = PlayableModel.from_file(read)
    assert playable.sample_rate == rate
    return playable


@pytest.mark.parametrize(("model_rate", "rate"), RATES)
def test_tones_pass_as_they_are_and_leave_nothing_else(model_rate: int, rate: int) -> None:
    voice = wire(model_rate, rate)
    t = np.arange(rate // 4) / rate
    edge = min(model_rate, rate) / 2 * resampled.PASSED
    for frequency in (100.0, 5_000.0, 15_000.0, edge):
        voice.reset()
        y = voice.process(np.sin(2 * np.pi * frequency * t).astype(np.float32), 64)
        late = t - voice.program.latency / rate
        wanted = np.stack([np.sin(2 * np.pi * frequency * late), np.cos(2 * np.pi * frequency * late)])
        part, heard = wanted[:, 4096:], y[4096:]
        (gain, turned), *_ = np.linalg.lstsq(part.T, heard, rcond=None)
        assert abs(gain - 1) < 2e-5
        assert abs(turned) < 1e-5
        window = np.blackman(heard.size)
        rest = np.abs(np.fft.rfft((heard - gain * part[0] - turned * part[1]) * window)) * 2 / window.sum()
        assert 20 * np.log10(rest.max()) < ALIAS_DB


@pytest.mark.parametrize(("model_rate", "rate"), RATES)
def test_the_block_size_never_changes_a_bit(model_rate: int, rate: int) -> None:
    x = np.random.default_rng(0).normal(size=6000).astype(np.float32)
    responses = []
    for block in (64, 1, 63, 65, 8193):
        responses.append(wire(model_rate, rate).process(x, block))
    for response in responses[1:]:
        np.testing.assert_array_equal(response, responses[0])


def test_a_model_sounds_as_between_offline_conversions() -> None:
    own = model("guitarml LSTM", 44_100)
    played = own.at_rate(48_000)
    t = np.arange(24_000) / 48_000
    x = (0.5 * np.sin(2 * np.pi * 220 * t) * np.exp(-4 * t)).astype(np.float32)
    offline = resample(render(own, resample(x, 48_000, 44_100)), 44_100, 48_000)
    heard = render(played, x)
    # The very begin differs: soxr does not know what was at rest before, nor what comes after.
    np.testing.assert_allclose(heard[2000:-2000], offline[2000 : x.size - 2000], atol=3e-4)


@pytest.mark.parametrize("name", ["guitarml with knobs", "guitarml two layers, a knob"])
def test_knobs_glide_and_silence_stays_where_it_is(name: str) -> None:
    own = model(name, 44_100)
    for playable in (own, own.at_rate(48_000)):
        low, high = ({knob.name: value for knob in own.knobs} for value in (0.0, 1.0))
        voice, silence = playable.voice(low), np.zeros(12_000, np.float32)
        begin = voice.process(silence, 64)
        assert np.ptp(begin) < 1e-5
        voice.glide_to(playable.packed(high), playable.glide_steps)
        turned = voice.process(silence, 64)
        there = playable.voice(high).process(silence, 64)[-1]
        np.testing.assert_allclose(turned[-1000:], there, atol=2e-5)
        bounds = sorted((float(begin[-1]), float(there)))
        if name == "guitarml with knobs":
            assert turned.min() > bounds[0] - 2e-3
            assert turned.max() < bounds[1] + 2e-3


def test_rates_without_a_common_divisor_are_refused() -> None:
    own = model("nam LSTM", 48_000)
    assert own.at_rate(48_000) is own
    assert own.at_rate(96_000).at_rate(48_000).plays_as(own)
    for rate in (44_101, 8_000):
        with pytest.raises(ModelFileError, match="cannot play"):
            own.at_rate(rate)
    with pytest.raises(ValueError, match="44101"):
        resampled.program(fir.program(1), 48_000, 44_101)
