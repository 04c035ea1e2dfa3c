"""Latency and polarity: exact where the truth is known, plausible on real devices."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from vastudio.audio import align, io
from vastudio.types import Audio

RATE = 48_000


def late(x: Audio, samples: float) -> Audio:
    """Delay by a phase shift of the padded spectrum: another method than the one under test."""
    size = 1 << (2 * len(x) + 4096).bit_length()
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * samples)
    return np.fft.irfft(np.fft.rfft(x, size) * turn, size)[: len(x)].astype(np.float32)


@pytest.fixture(scope="module")
def guitar(shared_data: Path) -> Audio:
    return io.read(shared_data / "di" / "nam_plugin" / "Guitar DI.wav", 48_000, 240_000)[0]


@pytest.fixture(scope="module")
def noise() -> Audio:
    return (0.1 * np.random.default_rng(0).standard_normal(120_000)).astype(np.float32)


@pytest.mark.parametrize("delay", [-3.3, 0.0, 0.25, 7.5, 1234.37])
@pytest.mark.parametrize("gain", [1.0, 20.0])
def test_fractional_delay_through_distortion_is_exact(
    guitar: Audio, noise: Audio, delay: float, gain: float
) -> None:
    for clean in (guitar, noise):
        target = late(np.tanh(gain * clean), delay)
        found = align.measure(clean, target, RATE)
        assert found.delay_samples == pytest.approx(delay, abs=0.02)
        assert not found.inverted
        assert found.confidence > 0.99


@pytest.mark.parametrize("cutoff", [800.0, 3000.0])
def test_a_low_pass_is_not_taken_for_latency(guitar: Audio, cutoff: float) -> None:
    filtered = signal.lfilter(*signal.butter(1, cutoff, fs=RATE), np.tanh(5.0 * guitar)).astype(np.float32)
    found = align.measure(guitar, -late(filtered, 40.0), RATE)
    assert found.delay_samples == pytest.approx(40.0, abs=0.5)
    assert found.inverted


def test_unrelated_short_and_silent_signals_have_no_confidence(noise: Audio) -> None:
    silence = np.zeros_like(noise)
    assert align.measure(noise[:60_000], noise[60_000:], RATE).confidence < 0.35
    for clean, target in ((noise, silence), (silence, noise), (noise[:9], noise[:9]), (silence, silence)):
        assert align.measure(clean, target, RATE).confidence == 0.0


def measured(folder: Path, step: int) -> list[align.Alignment]:
    with (folder / "captures.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[::step]
    found = []
    for row in rows:
        clean, rate = io.read(folder.parent / row["input"], int(row["input_start"]), int(row["length"]))
        found.append(align.measure(clean, io.read(folder / row["output"])[0], rate))
    return found


def test_overdrive_is_neither_late_nor_inverted(shared_data: Path) -> None:
    found = measured(shared_data / "overdrive", 6)
    assert all(abs(one.delay_samples) < 1.0 and not one.inverted for one in found)
    assert all(one.confidence > align.DISPERSIVE for one in found)


def test_a_dispersive_preamp_is_not_sure_but_close(shared_data: Path) -> None:
    found = measured(shared_data / "tube_preamp", 16)
    assert all(abs(one.delay_samples) <= 6.0 and one.confidence <= 0.77 for one in found)


def test_klon_is_late_and_inverted(shared_data: Path) -> None:
    folder = shared_data / "pairs" / "klon_compact"
    clean, rate = io.read(folder / "DataIn.wav")
    found = align.measure(clean, io.read(folder / "Data50.wav")[0], rate)
    assert found.inverted
    assert found.confidence > 0.9
    # The plain correlation peaks at 7 to 8; three to four of these are the circuit's own low-pass.
    assert 6 <= found.correlation_lag <= 8
    assert 3.0 < found.delay_samples < 6.0


@pytest.mark.parametrize("delay", [0.5, 7.3, -2.25])
def test_advance_undoes_a_fractional_delay(guitar: Audio, delay: float) -> None:
    restored = align.advance(late(guitar, delay), delay)
    inside = slice(200, -200)
    assert len(restored) == len(guitar)
    error = np.square(restored[inside] - guitar[inside]).sum() / np.square(guitar[inside]).sum()
    assert error < 1e-8


def test_advance_by_whole_samples_is_exact() -> None:
    x = np.arange(1, 6, dtype=np.float32)
    np.testing.assert_array_equal(align.advance(x, 2.0), [3, 4, 5, 0, 0])
    np.testing.assert_array_equal(align.advance(x, -2.0), [0, 0, 1, 2, 3])
    np.testing.assert_array_equal(align.advance(x, 0.0), x)
    np.testing.assert_array_equal(align.advance(x, 9.0), np.zeros(5))
