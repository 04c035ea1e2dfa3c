"""Opening datasets: what is checked, and how captures and clips are found."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tests.dataset.material import clean, driven, save
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.importing import Pair, import_dataset
from vastudio.dataset.manifest import Finding
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    x = clean()
    source = save(tmp_path / "x.wav", x)
    pairs = [
        Pair(source, save(tmp_path / f"y{drive}.flac", driven(x, drive)), {"drive": drive})
        for drive in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    return import_dataset(None, tmp_path / "dataset", pairs=pairs)


def test_captures_by_split_and_id(dataset: Dataset) -> None:
    assert dataset.name == "dataset"
    assert [capture.id for capture in dataset.captures()] == ["000", "001", "002", "003", "004"]
    held_out = dataset.captures("validation")
    assert len(held_out) == 1
    assert held_out[0].knobs["drive"] in (0.25, 0.5, 0.75)
    assert len(dataset.captures("train")) == 4
    assert dataset.capture("002").knobs == {"drive": 0.5}
    with pytest.raises(DatasetError, match="no capture '02'"):
        dataset.capture("02")


def test_manifest_survives_writing_and_reading(dataset: Dataset, tmp_path: Path) -> None:
    manifest_file.write(dataset.manifest, tmp_path)
    assert manifest_file.read(tmp_path) == dataset.manifest
    assert json.loads((tmp_path / "manifest.json").read_text())["schema_version"] == 1


def test_errors_leave_clips_and_captures_out(dataset: Dataset) -> None:
    first = dataset.manifest.captures[0]
    two = dataclasses.replace(first, clips=first.clips * 2)
    broken = dataclasses.replace(two, findings=(Finding("error", "early", "Early.", capture="000", clip=1),))
    assert broken.usable_clips == first.clips
    broken = dataclasses.replace(two, findings=(Finding("error", "early", "Early.", capture="000"),))
    manifest = dataclasses.replace(dataset.manifest, captures=(broken,))
    with pytest.raises(DatasetError, match="Early") as caught:
        Dataset(dataset.path, manifest).captures()
    assert "Early." in caught.value.details


def test_content_hash_follows_the_content(dataset: Dataset, tmp_path: Path) -> None:
    assert Dataset.open(dataset.path).content_hash == dataset.content_hash
    silent = dataclasses.replace(dataset.manifest, device="other", findings=(Finding("info", "a", "b"),))
    assert Dataset(dataset.path, silent).content_hash == dataset.content_hash
    fewer = dataclasses.replace(dataset.manifest, captures=dataset.manifest.captures[1:])
    assert Dataset(dataset.path, fewer).content_hash != dataset.content_hash


def test_damaged_datasets_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a dataset"):
        Dataset.open(tmp_path / "nowhere")
    path = dataset.path / "manifest.json"
    good = json.loads(path.read_text())
    path.write_text(json.dumps({**good, "schema_version": 99}))
    with pytest.raises(DatasetError, match="newer VA Studio"):
        Dataset.open(dataset.path)
    for damage in ("{", "[]", json.dumps({**good, "captures": "none"})):
        path.write_text(damage)
        with pytest.raises(DatasetError, match="is damaged"):
            Dataset.open(dataset.path)


def test_missing_audio_is_noticed_on_opening(dataset: Dataset) -> None:
    (dataset.path / dataset.manifest.audio[0].path).unlink()
    with pytest.raises(DatasetError, match="lacks 1 of its audio files"):
        Dataset.open(dataset.path)
