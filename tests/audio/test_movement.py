"""Delays that move: the track, what explains it, what to do about it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from tests.audio.material import RATE, amplified, noise, riff, sine
from tests.audio.test_align import late
from vastudio.audio import stimulus
from vastudio.audio.clicks import click_movements
from vastudio.audio.delay_track import track_delay
from vastudio.audio.drift import Drift
from vastudio.audio.likeness import liken
from vastudio.audio.movement import Movement, fit_movement
from vastudio.audio.resample import reclock
from vastudio.types import Audio


def drifted(x: Audio, ppm: float) -> Audio:
    """What another clock records, by cubic splines: another method than the one that undoes it."""
    places = np.arange(len(x)) / (1.0 + ppm * 1e-6)
    return np.asarray(CubicSpline(np.arange(len(x)), x)(places), np.float32)


def movement_of(clean: Audio, target: Audio, lag: int = 0) -> Movement:
    track = track_delay(clean, target, RATE, lag)
    found = fit_movement(track.times_s, track.delays)
    assert found is not None
    return found


def test_a_steady_take_does_not_move() -> None:
    x = riff(8.0)
    found = movement_of(x, late(amplified(x), 300.0), lag=290)
    assert not found.jumps
    assert abs(found.samples_per_second) < 0.15  # 3 ppm, through an all-pass


@pytest.mark.parametrize("ppm", [-500.0, -20.0, 20.0, 100.0, 500.0])
def test_drift_is_measured_through_a_device(ppm: float) -> None:
    x = riff(8.0)
    found = movement_of(x, drifted(amplified(x), ppm))
    assert not found.jumps
    assert found.samples_per_second / RATE * 1e6 == pytest.approx(ppm, abs=3.0, rel=0.03)


@pytest.mark.parametrize("lost", [8, 64, 480, -256])
def test_lost_and_repeated_samples_are_jumps(lost: int) -> None:
    x = riff(8.0)
    y, place = amplified(x), 4 * RATE
    parts = [y[:place], y[place + lost :]] if lost > 0 else [y[:place], y[place + lost : place], y[place:]]
    found = movement_of(x, np.pad(np.concatenate(parts), (0, 600))[: len(x)])
    assert [jump.samples for jump in found.jumps] == pytest.approx([-lost], abs=1.0)
    assert found.jumps[0].at_s == pytest.approx(4.0, abs=0.3)
    assert abs(found.samples_per_second) < 0.2


def test_jumps_and_drift_together() -> None:
    times = np.arange(0.0, 10.0, 0.25)
    delays = 2.0 * times + 0.02 * np.random.default_rng(0).standard_normal(len(times))
    delays[15:] -= 64.0
    delays[30:] += 5.0
    delays[7] += 1000.0
    found = fit_movement(times, delays)
    assert found is not None
    assert [(jump.at_s, round(jump.samples)) for jump in found.jumps] == [(3.62, -64), (7.38, 5)]
    assert found.samples_per_second == pytest.approx(2.0, abs=4.0 * found.uncertainty + 0.01)
    assert fit_movement(times[:3], delays[:3]) is None


def test_nothing_in_common_gives_no_track() -> None:
    silence = np.zeros(4 * RATE, np.float32)
    assert not len(track_delay(riff(4.0), silence, RATE, 0).times_s)
    assert not len(track_delay(riff(0.4), riff(0.4), RATE, 0).times_s)


def test_clicks_tell_hundredths_of_a_sample_through_a_device() -> None:
    clean = np.concatenate([stimulus.blips(RATE)] * 3)
    starts = [
        part * len(stimulus.blips(RATE)) + start for part in range(3) for start in stimulus.blip_starts(RATE)
    ]
    target = late(drifted(amplified(clean), 50.0), 200.4) + noise(len(clean), 1e-5)
    times, delays = click_movements(target, starts, RATE, 190)
    assert len(times) == 12
    np.testing.assert_allclose(delays, (times - times[0]) * 50e-6 * RATE, atol=0.02)


def test_clicks_that_are_not_there_are_left_out() -> None:
    times, delays = click_movements(noise(3 * RATE, 1e-3), [RATE, 2 * RATE], RATE, 0)
    assert len(times) == len(delays) <= 1


@pytest.mark.parametrize(("delay", "gain"), [(0.0, 1.0), (12.3, -0.5), (-40.75, 2.0)])
def test_likeness_undoes_delay_gain_and_polarity(delay: float, gain: float) -> None:
    x = riff(3.0)
    found = liken(x, gain * late(x, delay), 100)
    assert found.delay_samples == pytest.approx(delay, abs=0.005)
    assert found.gain_db == pytest.approx(20.0 * np.log10(abs(gain)), abs=0.01)
    assert found.inverted == (gain < 0.0)
    assert found.difference < 1e-5


def test_likeness_leaves_what_differs() -> None:
    x = riff(3.0)
    noisy = x + noise(len(x), 0.1 * float(np.std(x)))
    assert liken(x, noisy, 100).difference == pytest.approx(0.01, rel=0.1)
    assert liken(x, noise(len(x), 0.1), 100).difference > 0.9
    assert liken(x, np.zeros_like(x), 100).difference == 1.0


@pytest.mark.parametrize(
    ("ppm", "seconds", "decision"),
    [(0.3, 30.0, "fine"), (0.9, 30.0, "correct"), (-40.0, 20.0, "correct"), (1000.0, 20.0, "refuse")],
)
def test_what_to_do_about_drift(ppm: float, seconds: float, decision: str) -> None:
    drift = Drift(ppm, seconds, RATE)
    assert drift.decision == decision
    assert drift.reason.endswith(".")
    assert drift.movement_samples == pytest.approx(ppm * 1e-6 * seconds * RATE)


@pytest.mark.parametrize("ppm", [-300.0, 80.0])
def test_drift_is_undone_exactly(ppm: float) -> None:
    slow = sine(1000.0 / (1.0 + ppm * 1e-6), 4.0, phase=0.0)
    restored = reclock(slow, 1.0 + ppm * 1e-6)
    kept = slice(2000, -2000)
    np.testing.assert_allclose(restored[kept], sine(1000.0, 4.1, phase=0.0)[: len(restored)][kept], atol=1e-4)
