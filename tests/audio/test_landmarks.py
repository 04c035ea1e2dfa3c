"""Silences, clicks and repeats are found in the samples."""

from __future__ import annotations

import numpy as np

from tests.audio.material import RATE, riff
from vastudio.audio import stimulus
from vastudio.audio.landmarks import Repeat, Span, find_landmarks
from vastudio.types import Audio


def silence(seconds: float) -> Audio:
    return np.zeros(round(seconds * RATE), np.float32)


def test_landmarks_of_a_made_up_stimulus() -> None:
    clicks, phrase = stimulus.blips(RATE), riff(3.0)
    phrase[[0, -1]] = 0.1
    x = np.concatenate([clicks, phrase, silence(0.5), riff(6.0)[4 * RATE :], silence(0.3), phrase, clicks])
    found = find_landmarks(x, RATE)
    last = len(x) - len(clicks)
    starts = stimulus.blip_starts(RATE)
    first_sample = 1  # a raised cosine begins with a zero
    assert (
        np.abs(np.array(found.clicks) - [*starts, *(last + start for start in starts)]).max() <= first_sample
    )
    assert Span(len(clicks) + len(phrase), len(clicks) + len(phrase) + RATE // 2) in found.silences
    assert found.repeats[0].frames >= len(phrase)
    assert found.repeats[0].second - found.repeats[0].first == last - len(phrase) - len(clicks)


def test_music_alone_has_none() -> None:
    assert find_landmarks(riff(), RATE).clicks == ()
    assert find_landmarks(riff(), RATE).repeats == ()
    assert find_landmarks(silence(0.0), RATE).silences == ()


def test_a_repeat_is_found_wherever_it_begins() -> None:
    phrase, between = riff(2.0), riff(10.0)[7 * RATE :]
    x = np.concatenate([silence(0.013), phrase, between, phrase, silence(0.2)])
    (repeat,) = find_landmarks(x, RATE).repeats
    assert isinstance(repeat, Repeat)
    assert repeat.second - repeat.first == len(phrase) + len(between)
    assert repeat.frames >= len(phrase) - 1
