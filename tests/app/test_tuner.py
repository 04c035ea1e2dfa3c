"""The tuner: names of notes, a needle that stands still, silence that shows nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.test_pitch import FRAMES, RATE, string
from vastudio.app.tuner import Reading, Tuner, note_of
from vastudio.audio.pluck import frequency


@pytest.mark.parametrize(
    ("midi", "note", "octave"),
    [(23, "B", 0), (28, "E", 1), (40, "E", 2), (61, "C♯", 4), (69, "A", 4), (88, "E", 6)],
)
def test_notes_have_their_names(midi: int, note: str, octave: int) -> None:
    for off in (-49.0, 0.0, 30.0):
        reading = note_of(frequency(midi + off / 100))
        assert (reading.note, reading.octave) == (note, octave)
        assert reading.cents == pytest.approx(off, abs=1e-6)


def test_the_concert_pitch_can_be_another() -> None:
    assert note_of(432.0, 432.0) == Reading("A", 4, 0.0, 432.0)
    assert note_of(432.0).cents == pytest.approx(-31.77, abs=0.01)


def test_in_tune_is_within_two_cents() -> None:
    assert note_of(frequency(40.019)).is_in_tune
    assert not note_of(frequency(40.021)).is_in_tune


def test_a_note_is_read_held_for_a_moment_and_let_go() -> None:
    tuner, silence = Tuner(), np.zeros(FRAMES, np.float32)
    assert tuner.read(silence, RATE) is None
    reading = tuner.read(string(frequency(45.1)), RATE)
    assert reading is not None
    assert (reading.note, reading.octave) == ("A", 2)
    assert reading.cents == pytest.approx(10.0, abs=0.1)
    held = [tuner.read(silence, RATE) for _ in range(8)]
    assert held[0] == reading
    assert held[-1] is None


def test_one_wrong_reading_does_not_move_the_needle() -> None:
    tuner = Tuner()
    for _ in range(4):
        tuner.read(string(frequency(52.0)), RATE)
    reading = tuner.read(string(frequency(52.3)), RATE)
    assert reading is not None
    assert abs(reading.cents) < 0.1


def test_another_note_shows_at_once() -> None:
    tuner = Tuner()
    for midi in (40, 45):
        reading = tuner.read(string(frequency(midi)), RATE)
    assert reading is not None
    assert reading.note == "A"


def test_hiss_and_a_quiet_hum_are_no_note() -> None:
    tuner, rng = Tuner(), np.random.default_rng(0)
    hum = 3e-4 * np.sin(2 * np.pi * 50 * np.arange(FRAMES) / RATE)
    for audio in (0.1 * rng.normal(size=FRAMES), hum):
        assert tuner.read(audio.astype(np.float32), RATE) is None
