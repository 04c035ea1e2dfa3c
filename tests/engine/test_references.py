"""Every processor against an independent reference: scipy's filters and convolution, published formulas.

All by what is left when the reference is taken away: dBFS, or dB below what is played.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
import scipy

from tests.kernels.filters import BLOCKS, noise
from vastudio.engine.cabinet import Cabinet, taps
from vastudio.engine.cabinet_mix import CabinetMix, Microphone, delayed
from vastudio.engine.effects import Effect
from vastudio.engine.equaliser import Band, Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.offline import apply
from vastudio.engine.passive_tone import CIRCUITS, PassiveTone
from vastudio.kernels.voice import Voice
from vastudio.types import Audio

RATE = 48_000
Doubles = npt.NDArray[np.float64]

BANDS = (
    Band("low_shelf", 100.0, -6.0),
    Band("peaking", 320.0, 4.0, 1.4),
    Band("peaking", 900.0, -9.0, 3.0),
    Band("peaking", 2_500.0, 6.0, 0.7),
    Band("high_shelf", 6_000.0, 5.0),
)


def response(frames: int, decay: float, seed: int) -> Cabinet:
    """Noise that dies away."""
    noise = np.random.default_rng(seed).normal(size=frames) * np.exp(-np.arange(frames) / decay)
    return Cabinet(noise.astype(np.float32), RATE)


SPEAKER, OTHER = response(9_000, 900.0, 3), response(4_000, 300.0, 4)


def left_dbfs(heard: Audio, wanted: Doubles) -> float:
    """What is left, as RMS; a full-scale square is 0."""
    return float(20 * np.log10(np.sqrt(np.mean((heard - wanted) ** 2))))


def cookbook(band: Band, rate: int) -> list[float]:
    """R. Bristow-Johnson's formulas for a shelf or a bell, with shelves by their Q: one row of sos."""
    gain, w = 10 ** (band.gain_db / 40), 2 * math.pi * band.frequency_hz / rate
    alpha, cosine = math.sin(w) / (2 * band.q), math.cos(w)
    if band.kind == "peaking":
        b = [1 + alpha * gain, -2 * cosine, 1 - alpha * gain]
        a = [1 + alpha / gain, -2 * cosine, 1 - alpha / gain]
    else:
        sign = 1 if band.kind == "low_shelf" else -1
        up, down, root = gain + 1, gain - 1, 2 * math.sqrt(gain) * alpha
        b = [
            gain * (up - sign * down * cosine + root),
            sign * 2 * gain * (down - sign * up * cosine),
            gain * (up - sign * down * cosine - root),
        ]
        a = [
            up + sign * down * cosine + root,
            -sign * 2 * (down + sign * up * cosine),
            up + sign * down * cosine - root,
        ]
    return [part / a[0] for part in (*b, *a)]


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_equaliser_is_sosfilt_of_the_cookbook(rate: int) -> None:
    x = noise(rate)
    wanted = scipy.signal.sosfilt([cookbook(band, rate) for band in BANDS], x.astype(float))
    assert left_dbfs(apply(Equaliser(BANDS), x, rate), wanted) < -120


@pytest.mark.parametrize("circuit", CIRCUITS)
def test_tone_stack_is_the_bilinear_transform_of_its_circuit(circuit: str) -> None:
    """The circuit's formula against nodal analysis: tests/kernels/test_circuit.py."""
    x, pots = noise(RATE), (0.25, 0.75, 0.4)
    inner = (1e-3 + (1 - 2e-3) * pot for pot in pots)
    filter_ = scipy.signal.bilinear(*CIRCUITS[circuit].analog(*inner), fs=RATE)
    wanted = scipy.signal.lfilter(*filter_, x.astype(float))
    heard = apply(PassiveTone(circuit, *pots), x, RATE).astype(float)
    wanted *= np.dot(heard, wanted) / np.dot(wanted, wanted)  # its make-up gain
    assert left_dbfs(heard, wanted) < -110


@pytest.mark.parametrize("delay_ms", [0.0, 0.37, 5.0])
def test_cabinet_nulls_against_fftconvolve(delay_ms: float) -> None:
    x = noise(RATE)
    mix = CabinetMix((Microphone(SPEAKER, -3.0), Microphone(OTHER, 1.0, delay_ms, inverted=True)))
    first = 10 ** (-3 / 20) * scipy.signal.fftconvolve(x.astype(float), taps(SPEAKER, RATE).astype(float))
    late = delayed(taps(OTHER, RATE).astype(float), delay_ms * RATE / 1000)
    second = -(10 ** (1 / 20)) * scipy.signal.fftconvolve(x.astype(float), late)
    assert left_dbfs(apply(mix, x, RATE), first[: x.size] + second[: x.size]) < -120


@pytest.mark.parametrize("samples", [0.3, 0.5, 1.5, 8.6, 17.76, 100.5, 333.33, 960.0])
def test_a_microphone_is_late_to_a_fraction_of_a_sample_at_all_levels(samples: float) -> None:
    impulse = np.zeros(64)
    impulse[0] = 1.0
    size = 1 << 14
    hertz = np.fft.rfftfreq(size, 1 / RATE)[1:]
    spectrum = np.fft.rfft(delayed(impulse, samples), size)[1:]
    assert np.abs(20 * np.log10(np.abs(spectrum))).max() < 1e-6
    late = -np.unwrap(np.angle(spectrum)) / (2 * np.pi * hertz / RATE)
    highest = 14_000.0 if samples >= 8 else 2_000.0
    np.testing.assert_allclose(late[hertz <= highest], samples, atol=0.02)


def test_delays_next_to_whole_ones_are_whole() -> None:
    taps_ = np.random.default_rng(0).normal(size=50)
    np.testing.assert_array_equal(delayed(taps_, 7.001), np.concatenate([np.zeros(7), taps_]))
    np.testing.assert_array_equal(delayed(taps_, 0.0), taps_)


CHANGES: list[tuple[Effect, Effect]] = [
    (Equaliser(BANDS), Equaliser(tuple(Band(b.kind, b.frequency_hz, -b.gain_db, b.q) for b in BANDS))),
    (PassiveTone(treble=0.0, bass=1.0), PassiveTone(treble=1.0, bass=0.0)),
    (Gate(threshold_db=-60.0), Gate(threshold_db=-70.0, release_ms=900.0)),
]


@pytest.mark.parametrize(("before", "after"), CHANGES, ids=["equaliser", "tone stack", "gate"])
def test_automation_in_mid_block_neither_clicks_nor_depends_on_blocks(before: Effect, after: Effect) -> None:
    at = np.arange(RATE) / RATE
    x = (0.1 * np.sin(2 * np.pi * 110.0 * at) + 0.1 * np.sin(2 * np.pi * 330.0 * at)).astype(np.float32)
    program, cut = before.program(RATE), RATE // 2 + 17
    heard = []
    for block in (64, *BLOCKS):
        voice = Voice(program, before.packed(RATE))
        first = voice.process(x[:cut], block)
        voice.glide_to(after.packed(RATE), program.glide_steps(RATE))
        heard.append(np.concatenate([first, voice.process(x[cut:], block)]))
    for other in heard[1:]:
        np.testing.assert_array_equal(other, heard[0])
    high = scipy.signal.butter(6, 6_000, "high", fs=RATE, output="sos")
    clicks = scipy.signal.sosfilt(high, heard[0].astype(float))[RATE // 4 :]
    assert 20 * np.log10(np.abs(clicks).max()) < -60
