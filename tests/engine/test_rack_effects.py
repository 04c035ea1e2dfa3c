"""Tone stack and mixed cabinets: against closed forms, and what the player does with bypass and mix."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from tests.engine.test_rack import FADE, KNOBS, RATE, RUN_IN, model, run, sine
from vastudio.engine.cabinet import Cabinet, taps
from vastudio.engine.cabinet_mix import CabinetMix, Microphone
from vastudio.engine.equaliser import Equaliser
from vastudio.engine.offline import apply, render
from vastudio.engine.passive_tone import CIRCUITS, PassiveTone
from vastudio.engine.stream import Player
from vastudio.errors import KnobError
from vastudio.types import Audio


def noise(frames: int = 24_000, seed: int = 0) -> Audio:
    return (0.2 * np.random.default_rng(seed).normal(size=frames)).astype(np.float32)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("circuit", CIRCUITS)
def test_the_tone_stack_is_the_circuit_up_to_its_make_up_gain(circuit: str, rate: int) -> None:
    """The bilinear transform of the circuit, by another route, at another pot position."""
    pots, audio = (0.8, 0.3, 0.6), noise()
    treble, middle, bass = (1e-3 + (1 - 2e-3) * pot for pot in pots)
    filter_ = CIRCUITS[circuit].digital(treble, middle, bass, rate)
    expected = scipy.signal.lfilter(*filter_, audio.astype(float))
    heard = apply(PassiveTone(circuit, *pots), audio, rate).astype(float)
    gain = np.dot(heard, expected) / np.dot(expected, expected)
    residual = heard - gain * expected
    assert 20 * np.log10(np.std(residual) / np.std(heard)) < -90
    assert 1 < gain < 20


def test_the_tone_stack_knows_its_limits() -> None:
    with pytest.raises(KnobError, match="Treble"):
        PassiveTone(treble=1.2)
    with pytest.raises(KnobError, match="no tone stack"):
        PassiveTone("brittish")


def test_two_responses_are_mixed_with_level_delay_and_polarity() -> None:
    first, second = (Cabinet(noise(500, seed), RATE, trimmed=False) for seed in (1, 2))
    mix = CabinetMix((Microphone(first, -3.0), Microphone(second, 2.0, delay_ms=1.0, inverted=True)))
    audio = noise()
    expected = 10 ** (-3 / 20) * np.convolve(audio, taps(first, RATE))[: audio.size]
    late = np.concatenate([np.zeros(48), audio[:-48]])
    expected -= 10 ** (2 / 20) * np.convolve(late, taps(second, RATE))[: audio.size]
    heard = apply(mix, audio, RATE)
    assert 20 * np.log10(np.std(heard - expected) / np.std(expected)) < -120


def test_a_mix_is_of_one_or_two() -> None:
    with pytest.raises(KnobError):
        CabinetMix(())
    with pytest.raises(KnobError, match="delay"):
        Microphone(Cabinet(noise(100), RATE), delay_ms=-1.0)


def player(clean: Audio) -> Player:
    made = Player(RATE)
    made.load_model(model())
    made.set_knobs(KNOBS)
    made.set_loop(clean, None)
    run(made._rack, 64)
    made.play()
    return made


def test_a_bypassed_model_passes_the_sound_and_remembers_its_knobs() -> None:
    clean = sine(RATE)
    made = player(clean)
    made.set_model_bypassed(True)
    made.set_knobs({"knob_1": 9.0})
    out = run(made._rack, 9_600)
    begin = RUN_IN + 2 * FADE
    assert np.array_equal(out[begin:], clean[begin:9_600])
    made.set_model_bypassed(False)
    run(made._rack, 9_600)
    expected = render(model(), np.tile(clean, 2)[: 3 * 9_600], {"knob_1": 9.0})[2 * 9_600 :]
    np.testing.assert_allclose(run(made._rack, 9_600), expected, atol=1e-4)


@pytest.mark.parametrize("wet", [0.0, 0.25, 1.0])
def test_the_mix_is_of_the_input_and_the_model(wet: float) -> None:
    clean = sine(RATE)
    made = player(clean)
    made.set_mix(wet)
    out = run(made._rack, 9_600)
    expected = wet * render(model(), clean[:9_600], KNOBS) + (1 - wet) * clean[:9_600]
    np.testing.assert_allclose(out[2 * FADE :], expected[2 * FADE :], atol=1e-6)
    made.set_monitor("clean")
    run(made._rack, 480)
    np.testing.assert_allclose(run(made._rack, 4_800), clean[10_080:14_880], atol=1e-6)


def test_bands_fade_over_to_the_tone_stack() -> None:
    made = Player(RATE)
    made.set_loop(sine(RATE), None)
    made.set_equaliser(Equaliser())
    run(made._rack, 64)
    made.play()
    run(made._rack, 4_800)
    made.set_equaliser(PassiveTone())
    changing = run(made._rack, 9_600)
    expected = apply(PassiveTone(), sine(RATE), RATE)[9_600:14_400]
    np.testing.assert_allclose(changing[4_800:], expected, atol=1e-4)
    assert np.max(np.abs(np.diff(changing))) < 1.5 * np.max(np.abs(np.diff(changing[4_800:])))
