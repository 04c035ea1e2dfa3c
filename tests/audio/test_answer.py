"""Whether a device lets anything through."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.audio.answer import SILENT_DB, measure_answer
from vastudio.types import STANDARD_RATE, Audio

RATE = STANDARD_RATE


def played() -> Audio:
    """Two seconds of noise at −20 dBFS, with a second of silence in their midst."""
    sound = (0.1 * np.random.default_rng(0).normal(size=3 * RATE)).astype(np.float32)
    sound[RATE : 2 * RATE] = 0.0
    return sound


def noise(level_db: float) -> Audio:
    return (10.0 ** (level_db / 20.0) * np.random.default_rng(1).normal(size=3 * RATE)).astype(np.float32)


@pytest.mark.parametrize("gain_db", [0.0, -40.0, -60.0])
def test_levels_are_those_of_sound_and_silence(gain_db: float) -> None:
    target = (10.0 ** (gain_db / 20.0) * np.roll(played(), 100)).astype(np.float32) + noise(-85.0)
    found = measure_answer(played(), target, RATE)
    power = 10.0 ** ((gain_db - 20.0) / 10.0) + 10.0**-8.5
    assert found.level_db == pytest.approx(10.0 * np.log10(power), abs=0.3)
    assert found.floor_db == pytest.approx(-85.0, abs=0.2)
    assert found.is_there == (gain_db > -60.0 or power > 1.26 * 10.0**-8.5)


def test_what_only_clicks_says_nothing() -> None:
    click = np.zeros(3 * RATE, np.float32)
    click[: RATE // 10] = played()[: RATE // 10]
    assert not measure_answer(played(), click, RATE).is_there
    assert measure_answer(played(), click, RATE).floor_db == SILENT_DB
    assert not measure_answer(played(), click + noise(-70.0), RATE).is_there
    assert not measure_answer(played(), np.zeros(3 * RATE, np.float32), RATE).is_there


def test_without_a_silence_the_converter_is_the_measure() -> None:
    sound = played()[:RATE]
    assert measure_answer(sound, noise(-85.0)[:RATE], RATE).is_there
    assert not measure_answer(sound, noise(-91.0)[:RATE], RATE).is_there
    assert not measure_answer(sound[:100], sound[:100], RATE).is_there
