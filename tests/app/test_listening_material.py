"""What is heard: equally loud (by an independent meter), aligned, without click or clipping; the anchors."""

from __future__ import annotations

import warnings

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from tests.audio.material import RATE, amplified, noise, riff, sine
from vastudio.app.listening import material
from vastudio.app.listening.material import Excerpt, abx_material, mushra_material
from vastudio.errors import ListeningError
from vastudio.types import Audio

EXCERPT = Excerpt(1.0, 2.0)


def loudness(x: Audio) -> float:
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    return float(meter.integrated_loudness(x.astype(np.float64)))


@pytest.fixture(scope="module")
def clean() -> Audio:
    return riff(5.0)


@pytest.fixture(scope="module")
def target(clean: Audio) -> Audio:
    return amplified(clean)


def test_all_are_equally_loud_and_the_gain_is_stated(clean: Audio, target: Audio) -> None:
    model = 0.3 * target + noise(target.size, 1e-3)
    made = abx_material(target, model, RATE, EXCERPT, clean)
    levels = {name: loudness(x) for name, x in made.sounds.items()}
    assert set(levels) == {"target", "model", "clean"}
    assert max(levels.values()) - min(levels.values()) <= 0.1
    start, frames = RATE, 2 * RATE
    for name, whole in (("target", target), ("model", model), ("clean", clean)):
        gain = 10.0 ** (made.treatments[name].gain_db / 20.0)
        middle = slice(2_000, frames - 2_000)
        np.testing.assert_allclose(
            made.sounds[name][middle], gain * whole[start : start + frames][middle], atol=1e-5
        )
        assert made.treatments[name].lufs == pytest.approx(levels[name], abs=0.02)


@pytest.mark.parametrize("late", [0, 1, 7, -3])
def test_a_late_model_is_moved_to_the_target(target: Audio, late: int) -> None:
    made = abx_material(target, np.roll(target, late), RATE, EXCERPT)
    assert made.treatments["model"].moved_samples == late
    np.testing.assert_allclose(made.sounds["model"], made.sounds["target"], atol=1e-6)


def test_a_model_that_is_something_else_is_not_moved(target: Audio) -> None:
    made = abx_material(target, noise(target.size, 0.1), RATE, EXCERPT)
    assert made.treatments["model"].moved_samples == 0


def test_loops_without_a_click(clean: Audio) -> None:
    for phase in (0.0, 0.4, np.pi / 2):
        tone = sine(440.0, 5.0, 0.5, phase)
        made = abx_material(tone, tone, RATE, EXCERPT)
        looped = np.concatenate([made.sounds["target"]] * 2)
        steepest = np.abs(np.diff(sine(440.0, 0.1, 0.5))).max() * 10 ** (
            made.treatments["target"].gain_db / 20
        )
        seam = made.sounds["target"].size
        assert np.abs(np.diff(looped))[seam - 2 : seam + 1].max() < 1e-3 * steepest + 1e-4
        assert np.abs(np.diff(looped)).max() <= 1.01 * steepest
    assert looped[0] == looped[-1] == 0.0


def test_nothing_clips(clean: Audio, target: Audio) -> None:
    square = np.sign(target).astype(np.float32)  # loud for its peak: the others would clip beside it
    made = abx_material(square, target, RATE, EXCERPT, clean)
    assert max(float(np.abs(x).max()) for x in made.sounds.values()) <= 10 ** (-1.0 / 20.0) + 1e-6
    levels = [loudness(x) for x in made.sounds.values()]
    assert max(levels) - min(levels) <= 0.1


def test_near_the_absolute_gate_the_match_still_holds(target: Audio) -> None:
    made = abx_material(target, 2e-3 * target, RATE, EXCERPT)
    assert made.treatments["model"].lufs == pytest.approx(made.treatments["target"].lufs, abs=0.1)


def test_silence_and_wrong_excerpts_are_refused(target: Audio) -> None:
    with pytest.raises(ListeningError, match="The model is silent"):
        abx_material(target, np.zeros_like(target), RATE, EXCERPT)
    with pytest.raises(ListeningError, match="The target is silent"):
        abx_material(np.zeros_like(target), target, RATE, EXCERPT)
    with pytest.raises(ListeningError, match="after the recording"):
        abx_material(target, target, RATE, Excerpt(4.0, 2.0))
    for seconds in (0.9, 5.1, float("nan")):
        with pytest.raises(ListeningError, match="cannot be used"):
            Excerpt(0.0, seconds)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_low_pass_anchor_keeps_the_mask_of_the_standard(rate: int) -> None:
    impulse = np.zeros(rate, np.float32)
    impulse[rate // 2] = 1.0
    response = material.low_pass_anchor(impulse, rate)
    assert int(np.argmax(response)) == rate // 2
    hertz, gain = signal.freqz(response, worN=2 * rate, fs=rate)
    level = 20.0 * np.log10(np.abs(gain) + 1e-9)
    assert np.abs(level[hertz <= 3_500.0]).max() <= 0.1
    assert level[hertz >= 4_000.0].max() <= -25.0
    assert level[hertz >= 4_500.0].max() <= -50.0


def test_soft_clipper_anchor_is_a_curve_without_memory(clean: Audio) -> None:
    clipped = material.soft_clipper_anchor(clean)
    peak = np.abs(clean).max()
    np.testing.assert_allclose(clipped, np.tanh(8.0 * clean / peak), atol=1e-6)
    silence = np.zeros(10, np.float32)
    np.testing.assert_array_equal(material.soft_clipper_anchor(silence), silence)


def test_rated_material_has_reference_models_and_both_anchors(clean: Audio, target: Audio) -> None:
    models = {"small": target + noise(target.size, 0.02), "large": np.roll(target, 2)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = mushra_material(clean, target, models, RATE, EXCERPT)
    assert set(made.sounds) == {"target", "small", "large", material.LOW_PASS, material.SOFT_CLIPPER}
    assert len({x.shape for x in made.sounds.values()}) == 1
    levels = [loudness(x) for x in made.sounds.values()]
    assert max(levels) - min(levels) <= 0.1
    for models in ({}, {"target": target}):
        with pytest.raises(ListeningError, match="names of their own"):
            mushra_material(clean, target, models, RATE, EXCERPT)
