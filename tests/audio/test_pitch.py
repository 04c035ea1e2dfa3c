"""Pitch against tones and strings whose frequency is known, and what has none."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from vastudio.audio.pitch import cents, find_pitch, likeness_to_past
from vastudio.audio.pluck import Pluck, frequency, pluck
from vastudio.types import Audio

RATE = 48_000
FRAMES = 9_600
LOW_B, HIGH_E = 23, 88


def string(hertz: float, seed: int = 0, rate: int = RATE, stiffness: float = 0.0) -> Audio:
    """Twelve decaying partials with random phases and levels; stiff strings' lie a little high."""
    rng, at = np.random.default_rng(seed), np.arange(FRAMES * rate // RATE) / rate
    tone = np.zeros(at.size)
    for k in range(1, 13):
        partial = k * hertz * np.sqrt((1 + stiffness * k * k) / (1 + stiffness))
        if partial < 0.45 * rate:
            level = rng.uniform(0.3, 1.0) / k * np.exp(-at * k)
            tone += level * np.sin(2 * np.pi * partial * at + rng.uniform(0, 2 * np.pi))
    return (0.1 * tone).astype(np.float32)


@pytest.mark.parametrize("detuned", [-43.0, 0.0, 7.0])
@pytest.mark.parametrize("midi", [LOW_B, 28, 33, 40, 45, 50, 55, 59, 64, 76, HIGH_E, 95])
def test_a_string_s_pitch_is_found(midi: int, detuned: float) -> None:
    """To a tenth of a cent; the six periods that there are of the lowest notes allow a third."""
    hertz = frequency(midi + detuned / 100)
    pitch = find_pitch(string(hertz, midi), RATE)
    assert pitch is not None
    assert abs(cents(pitch.frequency_hz, hertz)) < (0.1 if hertz > 50 else 0.33)
    assert pitch.clarity > 0.9


@pytest.mark.parametrize("rate", [44_100, 96_000, 192_000])
def test_the_rate_does_not_matter(rate: int) -> None:
    for midi in (LOW_B, 52, HIGH_E):
        pitch = find_pitch(string(frequency(midi), rate=rate), rate)
        assert pitch is not None
        assert abs(cents(pitch.frequency_hz, frequency(midi))) < 0.1


@pytest.mark.parametrize("midi", [28, 40, 47, 52, 57, 64, 76, HIGH_E])
def test_a_plucked_string_s_pitch_is_found(midi: int) -> None:
    """The model of a pluck swings in two planes 0.7 cents apart."""
    note = pluck(midi, 1.0, RATE, Pluck(), np.random.default_rng(midi)).astype(np.float32)
    for begin in (4_800, 14_400, 24_000):
        pitch = find_pitch(note[begin : begin + FRAMES], RATE)
        assert pitch is not None
        assert abs(cents(pitch.frequency_hz, frequency(midi))) < 0.7


def test_a_stiff_string_is_not_far_off() -> None:
    """Inharmonic as a heavy low E: what a strobe tuner says of its fundamental, to a cent."""
    pitch = find_pitch(string(frequency(40), stiffness=5e-5), RATE)
    assert pitch is not None
    assert abs(cents(pitch.frequency_hz, frequency(40))) < 1.0


@pytest.mark.parametrize("midi", [LOW_B, 40, 64, HIGH_E])
def test_noise_40_db_below_moves_it_by_less_than_a_cent(midi: int) -> None:
    clean = string(frequency(midi), midi)
    noise = np.random.default_rng(1).normal(size=clean.size) * np.std(clean) / 100
    pitch = find_pitch((clean + noise).astype(np.float32), RATE)
    assert pitch is not None
    assert abs(cents(pitch.frequency_hz, frequency(midi))) < 1.0


def test_what_has_no_pitch_has_none() -> None:
    rng = np.random.default_rng(0)
    pink = scipy.signal.lfilter([1.0], [1.0, -0.95], rng.normal(size=FRAMES))
    for audio in (np.zeros(FRAMES), np.ones(FRAMES), rng.normal(size=FRAMES), pink, np.arange(FRAMES) < 1):
        assert find_pitch(np.asarray(audio, np.float32), RATE) is None
    assert find_pitch(np.zeros(10, np.float32), RATE) is None


def test_the_likeness_is_the_normalised_square_difference() -> None:
    """Against its definition, lag by lag."""
    x = np.random.default_rng(3).normal(size=200).astype(np.float32)
    likeness = likeness_to_past(x)
    for lag in (0, 1, 17, 100, 199):
        ahead, behind = x[lag:].astype(float), x[: 200 - lag].astype(float)
        expected = 1 - np.sum((ahead - behind) ** 2) / np.sum(ahead**2 + behind**2)
        assert likeness[lag] == pytest.approx(expected, abs=1e-9)
