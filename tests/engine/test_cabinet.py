"""From an impulse response in a file to what is played: every step, and every way a file can be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from scipy.signal import fftconvolve, lfilter

from vastudio.audio import io
from vastudio.audio.level import integrated_loudness
from vastudio.engine.cabinet import Cabinet, load, of_minimum_phase, taps
from vastudio.errors import AudioFileError, KnobError
from vastudio.kernels.partitions import MAX_TAPS
from vastudio.kernels.voice import Voice

Floats = npt.NDArray[np.float32]
RATE = 48_000
AS_IT_IS: dict[str, Any] = {"trimmed": False, "levelled": False}


def speaker(seconds: float = 0.1, rate: int = RATE) -> Floats:
    """A response like a loudspeaker's: some resonances, nothing above 5 kHz."""
    t = np.arange(round(seconds * rate)) / rate
    tones = [(110.0, 40.0, 0.3), (900.0, 300.0, 0.5), (2600.0, 700.0, 1.0), (4200.0, 900.0, 0.5)]
    h = sum(gain * np.sin(2.0 * np.pi * hertz * t) * np.exp(-decay * t) for hertz, decay, gain in tones)
    return np.asarray(h, np.float32)


def response_db(h: npt.NDArray[Any], hertz: list[float], rate: int) -> npt.NDArray[np.float64]:
    turns = np.exp(-2j * np.pi * np.outer(hertz, np.arange(h.size)) / rate)
    return np.asarray(20.0 * np.log10(np.abs(turns @ h.astype(np.float64))))


def test_plays_the_response_of_a_file(tmp_path: Path) -> None:
    h = speaker()
    io.write(tmp_path / "cab.wav", h, RATE)
    cabinet = load(tmp_path / "cab.wav", **AS_IT_IS)
    assert not cabinet.glides
    x = np.random.default_rng(1).uniform(-0.5, 0.5, 10_000).astype(np.float32)
    y = Voice(cabinet.program(RATE), cabinet.packed(RATE)).process(x, 64)
    np.testing.assert_allclose(y, fftconvolve(x, h)[: x.size], rtol=0, atol=1e-4 * np.abs(y).max())


def test_channels_are_mixed(tmp_path: Path) -> None:
    h = speaker()
    soundfile.write(tmp_path / "cab.wav", np.stack([h, 0.5 * h], axis=1), RATE, subtype="FLOAT")
    mixed = taps(load(tmp_path / "cab.wav", **AS_IT_IS), RATE)
    np.testing.assert_allclose(mixed, 0.75 * h[: mixed.size], rtol=0, atol=1e-6)


@pytest.mark.parametrize("to_rate", [44_100, 88_200, 96_000, 192_000])
@pytest.mark.parametrize("from_rate", [44_100, 48_000])
def test_sounds_the_same_at_every_rate(from_rate: int, to_rate: int) -> None:
    h = speaker(rate=from_rate)
    converted = taps(Cabinet(h, from_rate, levelled=False), to_rate)
    hertz = [60.0, 110.0, 500.0, 2600.0, 5000.0, 10_000.0]
    before = response_db(h, hertz, from_rate)
    np.testing.assert_allclose(response_db(converted, hertz, to_rate), before, atol=0.2)
    delay = np.argmax(np.abs(converted)) / to_rate - np.argmax(np.abs(h)) / from_rate
    assert delay < 0.00015


@pytest.mark.parametrize("to_rate", [44_100, 88_200, 192_000])
def test_untrimmed_it_arrives_at_its_time_at_every_rate(to_rate: int) -> None:
    h = np.concatenate([np.zeros(333, np.float32), speaker()])
    converted = taps(Cabinet(h, RATE, **AS_IT_IS), to_rate)
    peaks = np.argmax(np.abs(converted)) / to_rate, np.argmax(np.abs(h)) / RATE
    assert peaks[0] == pytest.approx(peaks[1], abs=1.0 / RATE)


def test_silence_before_the_response_is_left_out_only_when_asked_for() -> None:
    h = np.concatenate([np.zeros(500, np.float32), speaker()])
    kept = taps(Cabinet(h, RATE, trimmed=False), RATE)
    assert not kept[:500].any()
    trimmed = taps(Cabinet(h, RATE, levelled=False), RATE)
    np.testing.assert_array_equal(trimmed, h[501:][: trimmed.size])


def test_an_inaudible_tail_is_cut() -> None:
    h = np.concatenate([speaker(), np.full(RATE // 2, 1e-7, np.float32)])
    ready = taps(Cabinet(h, RATE, **AS_IT_IS), RATE)
    assert ready.size < 0.1 * RATE
    left_out = np.sum(h[ready.size :].astype(np.float64) ** 2) / np.sum(h.astype(np.float64) ** 2)
    assert 10.0 * np.log10(left_out) == pytest.approx(-91.5, abs=1.5)


def test_a_long_response_fades_out_at_the_limit() -> None:
    h = np.ones(RATE, np.float32)
    ready = taps(Cabinet(h, RATE, limit_seconds=0.2, **AS_IT_IS), RATE)
    assert ready.size == RATE // 5
    np.testing.assert_array_equal(ready[: RATE // 5 - 240], 1.0)
    assert np.all(np.diff(ready[-240:]) < 0.0)
    assert ready[-1] < 1e-4


def test_the_longest_response_is_what_the_kernel_can_play() -> None:
    h = np.random.default_rng(1).standard_normal(9 * RATE).astype(np.float32)
    assert taps(Cabinet(h, RATE, limit_seconds=10.0), 2 * RATE).size == MAX_TAPS


@pytest.mark.parametrize("delay", [0, 700])
def test_minimum_phase_keeps_the_sound_and_comes_sooner(delay: int) -> None:
    h = np.concatenate([np.zeros(delay), speaker(0.05), np.zeros(4000)])
    soonest = of_minimum_phase(h)
    hertz = [30.0, 110.0, 500.0, 2600.0, 5000.0, 12_000.0]
    np.testing.assert_allclose(response_db(soonest, hertz, RATE), response_db(h, hertz, RATE), atol=0.05)
    assert np.all(np.cumsum(soonest**2) >= np.cumsum(h**2) - 1e-3 * np.sum(h**2))


def test_minimum_phase_of_a_known_filter() -> None:
    """A recursive filter has minimum phase; turned round in time it has not, and sounds the same."""
    impulse = np.zeros(2000)
    impulse[0] = 1.0
    h = lfilter([1.0, 0.5], [1.0, -1.6, 0.8], impulse)
    np.testing.assert_allclose(of_minimum_phase(h[::-1].copy()), h, atol=1e-4)
    np.testing.assert_allclose(of_minimum_phase(h), h, atol=1e-4)


def test_minimum_phase_survives_a_response_with_a_gap_in_its_spectrum() -> None:
    h = np.zeros(600)
    h[[100, 101]] = 1.0, -1.0  # nothing at 0 Hz
    soonest = of_minimum_phase(h)
    assert np.isfinite(soonest).all()
    np.testing.assert_allclose(soonest[:2], [1.0, -1.0], atol=0.01)


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("gain", [0.01, 30.0])
def test_the_loudness_of_a_guitar_stays(gain: float, rate: int) -> None:
    """Of pink noise in the guitar's band, measured after ITU-R BS.1770."""
    rng = np.random.default_rng(2)
    frames = 4 * rate
    hertz = np.fft.rfftfreq(frames, 1.0 / rate)
    spectrum = np.zeros(hertz.size, complex)
    band = (hertz > 80.0) & (hertz < 8000.0)
    spectrum[band] = np.exp(2j * np.pi * rng.uniform(size=band.sum())) / np.sqrt(hertz[band])
    noise = np.fft.irfft(spectrum, frames)
    x = (0.1 * noise / np.std(noise)).astype(np.float32)
    cabinet = Cabinet(np.float32(gain) * speaker(rate=rate), rate)
    y = Voice(cabinet.program(rate), cabinet.packed(rate)).process(x, 64)
    assert integrated_loudness(y, rate) == pytest.approx(integrated_loudness(x, rate), abs=0.2)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (np.zeros(0, np.float32), "The impulse response holds no samples."),
        (np.zeros(100, np.float32), "The impulse response is silent."),
        (np.array([1.0, np.nan], np.float32), "The impulse response holds samples that are not numbers."),
        (np.array([[1.0, -1.0]], np.float32), "The impulse response is silent."),
        (np.ones(11 * RATE, np.float32), "The impulse response is 11.0 s long: no impulse response of a"),
    ],
)
def test_refuses_what_is_no_response(response: Floats, message: str) -> None:
    with pytest.raises(AudioFileError) as refused:
        Cabinet(response, RATE)
    assert refused.value.message.startswith(message)
    assert refused.value.hint


def test_refuses_files_that_are_no_response(tmp_path: Path) -> None:
    for name, samples, message in [
        ("silent.wav", np.zeros(100, np.float32), "is silent"),
        ("song.wav", np.ones(11 * 8000, np.float32), "is 11.0 s long"),
        ("broken.wav", np.array([1.0, np.inf], np.float32), "not numbers"),
        ("none.wav", np.zeros(0, np.float32), "no samples"),
    ]:
        soundfile.write(tmp_path / name, samples, 8000, subtype="FLOAT")
        with pytest.raises(AudioFileError, match=f"{name}.* {message}") as refused:
            load(tmp_path / name)
        assert "\n" not in str(refused.value)
    with pytest.raises(AudioFileError, match="There is no audio file"):
        load(tmp_path / "missing.wav")


@pytest.mark.parametrize("seconds", [0.0, 11.0, float("nan")])
def test_refuses_a_limit_out_of_range(seconds: float) -> None:
    with pytest.raises(KnobError, match="cannot be limited"):
        Cabinet(speaker(), RATE, limit_seconds=seconds)
