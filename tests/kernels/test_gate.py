"""The gate's kernel: thresholds, times, and what a decaying chord goes through."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tests.kernels.filters import RATE, assert_contract, noise
from vastudio.audio.pluck import Pluck, pluck
from vastudio.kernels.gate import pack, program
from vastudio.kernels.voice import Voice

Floats = npt.NDArray[np.float32]
RATES = [44_100, 48_000, 96_000, 192_000]


def decibels(level: float) -> float:
    return float(10.0 ** (level / 20.0))


def packed(
    threshold_db: float = -50.0,
    hysteresis_db: float = 6.0,
    hold: float = 0.05,
    attack: float = 0.001,
    release: float = 0.3,
    rate: int = RATE,
) -> Floats:
    close_at = decibels(threshold_db - hysteresis_db)
    return pack(decibels(threshold_db), close_at, hold, attack, release, rate)


def sine(level_db: float, seconds: float, hertz: float = 220.0, rate: int = RATE) -> Floats:
    t = np.arange(round(seconds * rate)) / rate
    return (decibels(level_db) * np.sin(2.0 * np.pi * hertz * t)).astype(np.float32)


def gain(x: Floats, weights: Floats, every: int = 1) -> Floats:
    """The gate's gain while it plays x, at every `every`-th sample."""
    x = np.where(x == 0.0, np.float32(1e-9), x)
    return np.asarray(Voice(program(), weights).process(x, 64) / x)[::every]


def test_keeps_the_contract_in_any_blocks() -> None:
    bursts = noise(8500) * (np.sin(np.arange(8500) / 400.0) > 0.0)
    assert_contract(program(), packed(-40.0, hold=0.002, release=0.02), bursts.astype(np.float32))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hertz", [82.0, 440.0, 5000.0])
def test_opens_at_the_threshold_within_1_db(hertz: float, rate: int) -> None:
    below, above = (sine(level, 0.5, hertz, rate) for level in (-51.0, -49.0))
    weights = packed(rate=rate)
    assert not Voice(program(), weights).process(below, 64).any()
    np.testing.assert_array_equal(Voice(program(), weights).process(above, 64)[-4000:], above[-4000:])


def test_stays_open_within_the_hysteresis() -> None:
    x = np.concatenate([sine(-40.0, 0.2), sine(-55.0, 1.0)])
    np.testing.assert_array_equal(Voice(program(), packed()).process(x, 64)[-RATE:], x[-RATE:])
    x = np.concatenate([sine(-40.0, 0.2), sine(-58.0, 1.0)])
    assert not Voice(program(), packed()).process(x, 64)[-4000:].any()


@pytest.mark.parametrize("rate", RATES)
def test_attack_takes_the_time_asked_for(rate: int) -> None:
    """From where the detector reads the threshold: at once, for a step far above it."""
    x = np.full(rate // 5, 0.5, np.float32)
    opened = gain(x, packed(attack=0.02, rate=rate))
    assert np.argmax(opened >= 0.9) / rate == pytest.approx(0.02, rel=0.02)
    assert opened[-1] == 1.0


def test_opening_has_no_corner() -> None:
    opened = gain(np.full(RATE // 5, 0.5, np.float32), packed(attack=0.002)).astype(np.float64)
    assert np.abs(np.diff(opened, prepend=0.0)).max() < 0.04
    assert opened[0] < 0.01


@pytest.mark.parametrize("rate", RATES)
def test_holds_then_falls_by_the_same_decibels_every_millisecond(rate: int) -> None:
    loud, quiet = sine(-20.0, 0.3, rate=rate), sine(-80.0, 1.0, rate=rate)
    weights = packed(hold=0.1, release=0.3, rate=rate)
    levels = 20.0 * np.log10(np.maximum(gain(np.concatenate([loud, quiet]), weights, rate // 200), 1e-9))
    levels = levels[60:]  # from the end of the loud tone
    closing = np.flatnonzero(levels < -1.0)[0] * 0.005
    detector = 0.03 * np.log(decibels(-20.0) / decibels(-56.0))  # its way down to the lower threshold
    assert closing == pytest.approx(0.1 + detector, abs=0.015)
    falling = levels[(levels < -5.0) & (levels > -60.0)]
    np.testing.assert_allclose(np.diff(falling), -1.0, atol=0.1)


def test_after_the_release_there_is_nothing() -> None:
    x = np.concatenate([sine(-20.0, 0.2), noise(2 * RATE, decibels(-75.0))])
    y = Voice(program(), packed()).process(x, 64)
    assert y[:4800].any()
    assert not y[-RATE // 2 :].any()


def _chord() -> Floats:
    rng = np.random.default_rng(5)
    strings = [pluck(midi, 6.0, RATE, Pluck(), rng) for midi in (40, 47, 52, 56, 59, 64)]
    chord = np.sum(strings, axis=0)
    hiss = decibels(-80.0) * rng.standard_normal(chord.size)
    return np.asarray(0.5 * chord / np.abs(chord).max() + hiss, np.float32)


@pytest.mark.parametrize("threshold_db", [-60.0, -50.0, -40.0, -30.0])
def test_a_decaying_chord_neither_chatters_nor_is_cut(threshold_db: float) -> None:
    """The gate opens once and closes once, and never faster than 60 dB in the release time."""
    gains = gain(_chord(), packed(threshold_db), 240)  # every 5 ms
    assert np.count_nonzero(np.diff((gains > 0.5).astype(int), prepend=0)) == 2
    levels = 20.0 * np.log10(np.maximum(gains, 1e-6))
    falling = np.diff(levels[np.argmax(gains) :])
    assert falling[levels[np.argmax(gains) + 1 :] > -100.0].min() > -1.1
    assert gains[-1] == 0.0


def test_settings_change_while_playing() -> None:
    x = sine(-45.0, 1.0)
    voice = Voice(program(), packed(-50.0))
    first = voice.process(x, 64)
    voice.glide_to(packed(-30.0), 60)
    second = voice.process(x, 64)
    voice.glide_to(packed(-50.0), 60)
    third = voice.process(x, 64)
    np.testing.assert_array_equal(first[-4800:], x[-4800:])
    assert not second[-4800:].any()
    np.testing.assert_array_equal(third[-4800:], x[-4800:])
    whole = np.concatenate([first, second, third])
    assert np.abs(np.diff(whole)).max() < 1.1 * np.abs(np.diff(x)).max()
