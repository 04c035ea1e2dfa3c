"""Clips recorded with a clock that runs fast or slow are read in time with their clean signal."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from vastudio.audio import io
from vastudio.dataset import splits
from vastudio.dataset.importing import Pair, import_dataset
from vastudio.dataset.store import Dataset
from vastudio.types import STANDARD_RATE

SECONDS = 4.0
DELAY = 100.25


def tones(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """A few sines of no common period, silent before 0."""
    sound = sum(np.sin(2 * np.pi * hertz * seconds + hertz) for hertz in (110.0, 997.0, 5003.0, 15_001.0))
    return np.where(seconds >= 0, 0.2 * sound, 0.0).astype(np.float32)


@pytest.fixture(params=[-80e-6, 50e-6])
def drifting(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    """A dataset of one clip whose recording clock is off, with the fact in the manifest."""
    ratio = 1.0 + request.param
    frames = int(SECONDS * STANDARD_RATE)
    clean = tones(np.arange(frames) / STANDARD_RATE)
    late = np.arange(frames + 2000) - DELAY
    for name, audio in (("clean", clean), ("target", tones(late / ratio / STANDARD_RATE))):
        io.write(tmp_path / f"{name}.wav", audio, STANDARD_RATE)
    made = import_dataset(
        None, tmp_path / "set", pairs=[Pair(tmp_path / "clean.wav", tmp_path / "target.wav")]
    )
    capture = made.manifest.captures[0]
    clip = dataclasses.replace(capture.clips[0], delay_samples=DELAY, clock_ratio=ratio, frames=frames)
    capture = dataclasses.replace(capture, clips=(clip,), split="train")
    return Dataset(made.path, dataclasses.replace(made.manifest, captures=(capture,)))


def error_db(dataset: Dataset, index: int = 0) -> float:
    capture = dataset.manifest.captures[index]
    clean, target = dataset.read_clip(capture.clips[0])
    assert len(clean) == len(target) == capture.clips[0].frames
    edge = 400
    return float(20 * np.log10(np.abs(target - clean)[edge:-edge].max()))


def test_a_drifting_clip_is_read_in_time(drifting: Dataset) -> None:
    assert error_db(drifting) < -75


def test_the_end_held_out_is_in_time_too(drifting: Dataset) -> None:
    captures = splits.hold_out_ends(drifting.manifest.captures)
    dataset = Dataset(drifting.path, dataclasses.replace(drifting.manifest, captures=captures))
    assert [capture.split for capture in captures] == ["train", "validation"]
    assert max(error_db(dataset, 0), error_db(dataset, 1)) < -75


def test_the_clock_is_part_of_what_a_model_learns_from(drifting: Dataset) -> None:
    capture = drifting.manifest.captures[0]
    steady = dataclasses.replace(capture, clips=(dataclasses.replace(capture.clips[0], clock_ratio=1.0),))
    other = Dataset(drifting.path, dataclasses.replace(drifting.manifest, captures=(steady,)))
    assert other.content_hash != drifting.content_hash
