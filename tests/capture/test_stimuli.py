"""What is played where: the same at the same position, partly the same everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.capture.material import RATE, signal
from vastudio.audio import io
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import StimulusChoice
from vastudio.capture.stimuli import signal_for


def test_every_position_has_a_part_of_its_own_and_shares_the_rest() -> None:
    choice = StimulusChoice(20.0, 1)
    here, there = (Position({"gain": gain, "bass": 2.0}, "train") for gain in (1.0, 2.0))
    first, other = signal_for(choice, here, RATE), signal_for(choice, there, RATE)
    again = signal_for(choice, Position({"bass": 2, "gain": 1}, "validation"), RATE)
    np.testing.assert_array_equal(again, first)
    assert first.shape == other.shape == (20 * RATE,)
    same = first == other
    assert same[: 3 * RATE].all()
    assert 0.05 < np.mean(~same) < 0.8


def test_a_file_is_played_as_it_is_at_the_rate_of_the_session(tmp_path: Path) -> None:
    io.write(tmp_path / "di.wav", signal(), RATE)
    choice = StimulusChoice(file=tmp_path / "di.wav")
    anywhere = Position({}, "train")
    np.testing.assert_array_equal(signal_for(choice, anywhere, RATE), signal())
    assert signal_for(choice, anywhere, RATE // 2).size == signal().size // 2
