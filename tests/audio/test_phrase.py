"""Phrases and the capture signal measured: level, DC, seam, tuning, spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.audio import io, level, phrase
from vastudio.audio.capture_signal import capture_signal
from vastudio.audio.phrase import SCORES
from vastudio.audio.pluck import Pluck, frequency, pluck
from vastudio.paths import resources
from vastudio.types import Audio

RATE = 48_000


@pytest.fixture(scope="module")
def phrases() -> dict[str, Audio]:
    return {name: phrase.render(score) for name, score in SCORES.items()}


def band_share_db(audio: Audio, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(audio)) ** 2
    hertz = np.fft.rfftfreq(audio.size, 1 / RATE)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].sum() / power.sum()))


def test_phrases_have_a_players_level_length_and_no_dc(phrases: dict[str, Audio]) -> None:
    for audio in phrases.values():
        assert level.peak_db(audio) == pytest.approx(-6.02, abs=0.05)
        assert -30 < level.rms_db(audio) < -15
        assert abs(float(audio.mean(dtype=np.float64))) < 1e-6
        assert 9.5 <= audio.size / RATE <= 12


def test_loop_point_has_no_click(phrases: dict[str, Audio]) -> None:
    for audio in phrases.values():
        steps = np.abs(np.diff(np.concatenate([audio, audio[:64]])))
        assert steps[-64] < 0.01, "the step across the seam"
        assert steps[-64] < 0.2 * steps.max()


def test_spectrum_is_that_of_a_guitar_into_a_jack(phrases: dict[str, Audio]) -> None:
    riff = phrases["riff"]
    assert band_share_db(riff, 0, 60) < -30
    assert band_share_db(riff, 80, 2000) > -1
    assert band_share_db(riff, 5000, 20_000) < -25
    assert band_share_db(phrases["bass"], 35, 120) > -5


def test_shipped_files_are_what_the_scores_render(phrases: dict[str, Audio]) -> None:
    for name, audio in phrases.items():
        shipped, rate = io.read(resources() / "audio" / f"{name}.flac")
        assert rate == RATE
        np.testing.assert_allclose(shipped, audio, atol=1e-5)


@pytest.mark.parametrize("midi", [28, 40, 57, 76])
def test_string_is_in_tune_within_two_cents(midi: int) -> None:
    note = pluck(midi, 2.0, RATE, Pluck(), np.random.default_rng(0))
    size = 1 << 20
    spectrum = np.abs(np.fft.rfft(note * np.hanning(note.size), size))
    expected = frequency(midi) * size / RATE
    low = int(expected * 0.97)
    found = low + int(np.argmax(spectrum[low : int(expected * 1.03)]))
    assert abs(1200 * np.log2(found / expected)) < 2


def test_style_is_heard() -> None:
    def played(style: Pluck) -> Audio:
        return pluck(52, 1.5, RATE, style, np.random.default_rng(0)).astype(np.float32)

    def ring(audio: Audio) -> float:
        return level.rms_db(audio[RATE // 2 : RATE]) - level.rms_db(audio[: RATE // 10])

    assert level.rms_db(played(Pluck(velocity=1.0))) > level.rms_db(played(Pluck(velocity=0.4))) + 8
    assert ring(played(Pluck(muted=0.6))) < ring(played(Pluck())) - 20
    bent = played(Pluck(bend=2.0))[int(0.6 * RATE) : int(1.4 * RATE)]
    spectrum = np.abs(np.fft.rfft(bent * np.hanning(bent.size), 1 << 19))
    near = slice(int(150 * (1 << 19) / RATE), int(200 * (1 << 19) / RATE))
    found = (near.start + int(np.argmax(spectrum[near]))) * RATE / (1 << 19)
    assert found == pytest.approx(frequency(54), rel=0.003)


def test_capture_signal_visits_levels_and_frequencies_and_is_repeatable() -> None:
    stimulus = capture_signal()
    assert 18 <= stimulus.size / RATE <= 22
    assert level.peak_db(stimulus) <= -6.0
    assert np.all(stimulus[: RATE // 2 - 1] == 0)
    assert np.all(stimulus[-RATE // 2 + 1 :] == 0)
    seconds = stimulus[: stimulus.size // RATE * RATE].reshape(-1, RATE)
    levels = [level.rms_db(second) for second in seconds if np.any(second)]
    assert max(levels) - min(levels) > 15
    np.testing.assert_array_equal(stimulus, capture_signal())
