"""After training the model is probed, and the file says what was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.datasets import make_dataset
from tests.models import random_model
from vastudio import cli
from vastudio.app.probe import quick
from vastudio.app.probe.recordings import recordings
from vastudio.app.probe.subject import Subject
from vastudio.app.train import with_evaluation
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("dataset"))


def _model() -> ModelFile:
    model = random_model(hidden=8, knobs=1)
    return ModelFile(**{**vars(model), "knobs": (Knob("drive"),)})


def test_a_trained_model_carries_its_probe(
    dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = with_evaluation(_model(), dataset)
    assert model.evaluation is not None
    probe = model.evaluation.probe
    subject = Subject.of(PlayableModel.from_file(model))
    assert probe == quick.probe(subject, recordings(dataset, "validation"))
    assert [place.knobs["drive"] for place in probe.positions] == [0.5, 0.0, 1.0]
    assert [match.knobs for match in probe.matches] == [{"drive": 0.25}]
    path = tmp_path / "m.vamodel"
    store.save(model, path)
    assert cli.run(["info", str(path)]) == 0
    said = capsys.readouterr().out
    assert "probe at 3 positions" in said
    assert f"latency {probe.latency.samples:.2f} samples" in said


def test_recordings_are_spread_over_the_captures_and_never_silent(tmp_path: Path) -> None:
    positions = [(step / 10, "train") for step in range(9)] + [(0.95, "validation")]
    dataset = make_dataset(tmp_path, seconds=0.5, positions=positions)
    found = recordings(dataset, "train", most=3)
    assert [recording.knobs["drive"] for recording in found] == [0.0, 0.3, 0.6]
    clean, target = dataset.read_clip(dataset.captures("train")[3].clips[0])
    np.testing.assert_array_equal(found[1].clean, clean)
    np.testing.assert_array_equal(found[1].target, target)
