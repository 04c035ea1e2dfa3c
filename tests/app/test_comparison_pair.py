"""Pairs out of datasets and files: what is undone, what is told, what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.datasets import clean_signal, device, make_dataset
from vastudio.app.comparison.pair import (
    Pair,
    dataset_pair,
    file_pair,
    position_text,
    recorded_values,
)
from vastudio.audio.resample import resample
from vastudio.errors import AudioFileError, DatasetError
from vastudio.types import STANDARD_RATE as RATE
from vastudio.types import Audio, Knob

CLEAN = clean_signal(3.0)
TARGET = device(CLEAN, 0.5)


def files(folder: Path, clean: Audio, target: Audio, rate: int = RATE) -> tuple[Path, Path]:
    paths = folder / "clean.wav", folder / "target.wav"
    soundfile.write(paths[0], clean, RATE, subtype="FLOAT")
    soundfile.write(paths[1], target, rate, subtype="FLOAT")
    return paths


def apart(pair: Pair) -> float:
    """Error-to-signal ratio against what the device does, the ends left out."""
    inner = slice(500, len(pair.clean) - 500)
    wanted = device(pair.clean, 0.5)[inner].astype(float)
    return float(np.sum((wanted - pair.target[inner]) ** 2) / np.sum(wanted**2))


def test_files_that_fit_are_taken_as_they_are(tmp_path: Path) -> None:
    pair = file_pair(*files(tmp_path, CLEAN, TARGET), {"drive": 0.5})
    np.testing.assert_array_equal(pair.clean, CLEAN)
    np.testing.assert_array_equal(pair.target, TARGET)
    assert pair.notes == ()
    assert pair.title == pair.origin == "clean.wav → target.wav"
    assert pair.knobs == {"drive": 0.5}
    assert pair.seconds == pytest.approx(3.0)


def test_delay_and_polarity_are_undone_and_told(tmp_path: Path) -> None:
    late = np.concatenate([np.zeros(137, np.float32), -TARGET])[: len(TARGET)]
    pair = file_pair(*files(tmp_path, CLEAN, late))
    assert apart(pair) < 1e-4
    (told,) = (
        float(found[1]) for note in pair.notes if (found := re.search(r"was ([\d.]+) samples late", note))
    )
    assert told == pytest.approx(137.0, abs=0.1)
    assert any("inverted" in note for note in pair.notes)


def test_another_rate_is_converted_and_told(tmp_path: Path) -> None:
    pair = file_pair(*files(tmp_path, CLEAN, resample(TARGET, RATE, 44_100), 44_100))
    assert pair.sample_rate == RATE
    assert len(pair.clean) == len(pair.target)
    assert apart(pair) < 1e-3
    assert any("from 44100 to 48000 Hz" in note for note in pair.notes)


def test_of_two_lengths_the_shorter_counts_and_it_is_told(tmp_path: Path) -> None:
    pair = file_pair(*files(tmp_path, CLEAN, TARGET[: 2 * RATE]))
    assert pair.clean.shape == pair.target.shape == (2 * RATE,)
    assert any("last 1 s of the clean signal" in note for note in pair.notes)


def test_of_several_channels_the_first_counts_and_it_is_told(tmp_path: Path) -> None:
    paths = files(tmp_path, CLEAN, TARGET)
    soundfile.write(paths[1], np.stack([TARGET, 0.5 * CLEAN], axis=1), RATE, subtype="FLOAT")
    pair = file_pair(*paths)
    np.testing.assert_array_equal(pair.target, TARGET)
    assert any("2 channels of the target" in note and "differ" in note for note in pair.notes)


def test_unrelated_files_are_compared_with_a_warning(tmp_path: Path) -> None:
    other = np.random.default_rng(5).normal(0, 0.1, len(CLEAN)).astype(np.float32)
    pair = file_pair(*files(tmp_path, CLEAN, other))
    assert any("nothing in common" in note for note in pair.notes)


@pytest.mark.parametrize(
    ("clean", "target", "message"),
    [
        (CLEAN, 0 * TARGET, "silent"),
        (0 * CLEAN, TARGET, "silent"),
        (CLEAN, np.where(np.arange(len(TARGET)) == 9, np.float32("nan"), TARGET), "not numbers"),
        (CLEAN, np.concatenate([TARGET[300:], np.zeros(300, np.float32)]), "earlier"),
        (CLEAN, TARGET[:400], "share 400 frames"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_line(
    tmp_path: Path, clean: Audio, target: Audio, message: str
) -> None:
    with pytest.raises(AudioFileError, match=message) as error:
        file_pair(*files(tmp_path, clean, target))
    assert "\n" not in str(error.value)
    assert error.value.hint


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    clean, target = files(tmp_path, CLEAN, TARGET)
    target.unlink()
    with pytest.raises(AudioFileError, match="no audio file"):
        file_pair(clean, target)


def test_a_clip_of_a_dataset_and_where_knobs_stand_for_it(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    capture = dataset.captures("validation")[0]
    pair = dataset_pair(dataset, capture.id)
    assert (pair.title, pair.capture, pair.clip) == ("Drive 0.25", capture.id, 0)
    np.testing.assert_array_equal(pair.clean, dataset.read_clip(capture.clips[0])[0])
    knobs = (Knob("drive", minimum=0.5, maximum=1.0, default=0.6), Knob("tone", default=0.3))
    assert recorded_values(knobs, pair) == {"drive": 0.5, "tone": 0.3}
    with pytest.raises(DatasetError, match="no clip"):
        dataset_pair(dataset, capture.id, 1)
    with pytest.raises(DatasetError, match="no clip"):
        dataset_pair(dataset, capture.id, -1)
    with pytest.raises(DatasetError, match="no capture"):
        dataset_pair(dataset, "nowhere")


def test_positions_in_words() -> None:
    knobs = (Knob("drive", label="Gain", maximum=10.0, default=5.0, unit="dB"), Knob("tone"))
    assert position_text(knobs, {"drive": 2.5, "tone": 1.0}) == "Gain 2.5 dB, Tone 1"
    assert position_text(knobs, {}) == ""
