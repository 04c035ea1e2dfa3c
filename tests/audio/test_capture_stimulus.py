"""The capture stimulus: its parts, its levels, its spectrum."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tests.audio.material import RATE, riff
from vastudio.audio import level
from vastudio.audio.capture_stimulus import Stimulus, capture_stimulus, with_marks
from vastudio.audio.landmarks import find_landmarks
from vastudio.errors import AudioFileError


@functools.cache
def made(position: int = 0, seconds: float = 20.0) -> Stimulus:
    return capture_stimulus(seconds, seed=3, position=position)


@pytest.mark.parametrize("seconds", [20.0, 33.3])
def test_it_is_as_long_as_asked_and_its_parts_fill_it(seconds: float) -> None:
    stimulus = made(0, seconds)
    assert len(stimulus.audio) == round(seconds * RATE)
    assert stimulus.parts[0].start_s == 0.0
    assert stimulus.parts[-1].stop_s == pytest.approx(seconds)
    for before, after in zip(stimulus.parts[:-1], stimulus.parts[1:], strict=True):
        assert before.stop_s == after.start_s
    names = [part.name for part in stimulus.parts]
    assert names[0] == names[-1] == "clicks"
    assert {"silence", "noise", "sweep", "phrase", "own", "phrase again"} < set(names)


def test_levels_have_no_dc_no_clicks_and_headroom() -> None:
    stimulus = made()
    assert level.peak_db(stimulus.audio) == pytest.approx(-6.0, abs=0.1)
    assert abs(np.mean(stimulus.audio, dtype=np.float64)) < 2e-4  # most of it is the clicks'
    crest_db = level.peak_db(stimulus.audio) - level.rms_db(stimulus.audio)
    assert 10.0 < crest_db < 20.0
    assert not stimulus.part("silence").any()
    for part in stimulus.parts:
        edges = stimulus.audio[[round(part.start_s * RATE), round(part.stop_s * RATE) - 1]]
        assert np.abs(edges).max() < 1e-3, f"{part.name} begins and ends in silence"


def test_spectrum_covers_guitar_and_bass() -> None:
    power = np.abs(np.fft.rfft(made().audio)) ** 2
    hertz = np.fft.rfftfreq(len(made().audio), 1.0 / RATE)
    octaves = [
        power[(hertz >= low) & (hertz < 2 * low)].sum() / power.sum() for low in (40, 80, 160, 320, 640)
    ]
    assert min(octaves) > 0.01
    high = [
        power[(hertz >= low) & (hertz < 2 * low)].sum() / power.sum() for low in (1280, 2560, 5120, 10240)
    ]
    assert min(high) > 1e-4


def test_positions_share_a_part_and_have_one_of_their_own() -> None:
    first, second = made(0), made(1)
    for name in ("clicks", "noise", "sweep", "phrase", "phrase again"):
        np.testing.assert_array_equal(first.part(name), second.part(name))
    assert abs(np.corrcoef(first.part("own"), second.part("own"))[0, 1]) < 0.2
    np.testing.assert_array_equal(capture_stimulus(20.0, 3, 1).audio, second.audio)


def test_measurements_find_their_landmarks_in_it() -> None:
    found = find_landmarks(made().audio, RATE)
    assert len(found.clicks) == 8
    assert max(span.frames for span in found.silences) >= RATE
    phrases = [part.start_s for part in made().parts if part.name.startswith("phrase")]
    apart = [repeat.second - repeat.first for repeat in found.repeats]
    assert round((phrases[1] - phrases[0]) * RATE) in apart


def test_own_recordings_get_marks() -> None:
    stimulus = with_marks(riff(2.0), RATE)
    np.testing.assert_array_equal(stimulus.part("own"), riff(2.0))
    assert len(find_landmarks(stimulus.audio, RATE).clicks) == 8
    with pytest.raises(KeyError):
        stimulus.part("sweep")


@pytest.mark.parametrize("seconds", [5.0, 100.0])
def test_other_lengths_are_refused(seconds: float) -> None:
    with pytest.raises(AudioFileError, match="cannot be made"):
        capture_stimulus(seconds)
