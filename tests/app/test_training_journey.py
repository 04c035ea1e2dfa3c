"""Dataset in, evaluated model out: in this process, and in a child process as the window does it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.datasets import make_dataset
from tests.models import random_model
from vastudio.app.comparison.comparing import compare, match_gains
from vastudio.app.comparison.pair import dataset_pair
from vastudio.app.evaluate import evaluate
from vastudio.app.jobs import TrainingJob, TrainingRequest
from vastudio.app.train import ModelLabel, train_model
from vastudio.audio.resample import resample
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import DatasetError, ModelFileError, StudioError, TrainingError
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, Failed, Finished, Progress, Started

CONFIG = TrainingConfig(hidden=8, minutes=None, epochs=12, chunk=512, chunks=4, threads=1)
LONG = TrainingConfig(hidden=8, minutes=30.0, threads=1)
PATIENCE = 120.0


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(
    dataset: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ModelFile, list[Event], Path]:
    folder = tmp_path_factory.mktemp("trained")
    events: list[Event] = []
    model = train_model(
        dataset.path, folder / "clipper.vamodel", CONFIG,
        run_folder=folder / "run", label=ModelLabel("Clipper", author="me"), on_event=events.append,
    )  # fmt: skip
    return model, events, folder / "clipper.vamodel"


def _follow(job: TrainingJob, until: Callable[[list[Event]], bool]) -> list[Event]:
    events: list[Event] = []
    deadline = time.monotonic() + PATIENCE
    while not until(events):
        assert time.monotonic() < deadline, f"nothing happened after {events[-1:]}"
        events += job.poll()
        time.sleep(0.02)
    return events


def test_the_written_model_carries_its_evaluation_and_tests_itself(
    trained: tuple[ModelFile, list[Event], Path], dataset: Dataset
) -> None:
    model, events, path = trained
    assert isinstance(events[-1], Finished)
    assert events[-1].model == str(path)
    loaded = store.load(path)
    assert (loaded.name, loaded.author) == ("Clipper", "me")
    assert loaded.evaluation is not None
    assert replace(loaded.evaluation, probe=None) == evaluate(PlayableModel.from_file(loaded), dataset)
    mean = np.mean([score.esr for score in loaded.evaluation.captures])
    assert mean == pytest.approx(events[-1].best_esr, rel=0.1)
    assert loaded.snapshot is not None
    again = render(PlayableModel.from_file(loaded), loaded.snapshot.input, loaded.snapshot.knobs)
    np.testing.assert_allclose(again, loaded.snapshot.output, atol=1e-6)
    assert model.provenance == loaded.provenance


def test_silence_in_gives_silence_out_at_every_knob_position(
    trained: tuple[ModelFile, list[Event], Path],
) -> None:
    playable = PlayableModel.from_file(trained[0])
    for drive in np.linspace(0, 1, 11):
        output = render(playable, np.zeros(48_000, np.float32), {"drive": float(drive)})
        assert np.abs(output).max() < 1e-6


def test_a_comparison_measures_what_it_shows(
    trained: tuple[ModelFile, list[Event], Path], dataset: Dataset
) -> None:
    model, _, _ = trained
    playable = PlayableModel.from_file(model)
    assert model.evaluation is not None
    score = model.evaluation.captures[0]
    pair = dataset_pair(dataset, score.capture)
    result = compare(playable, pair, score.knobs)
    assert result.metrics.esr == pytest.approx(score.esr, rel=1e-6)
    assert result.clean.shape == result.target.shape == result.model.shape
    moved = compare(playable, pair, {"drive": 1.0})
    assert moved.metrics.esr > result.metrics.esr
    with pytest.raises(DatasetError, match="no clip"):
        dataset_pair(dataset, score.capture, 7)


def test_matching_brings_everything_to_the_targets_loudness_but_never_lifts_silence() -> None:
    gains = match_gains(-30.0, -20.0, -22.0)
    assert (gains.clean, gains.target, gains.model) == (10.0, 0.0, 2.0)
    silent = match_gains(float("-inf"), float("-inf"), -22.0)
    assert (silent.clean, silent.target, silent.model) == (0.0, 0.0, 0.0)
    assert match_gains(-90.0, -20.0, -20.0).clean == 30.0


def test_a_model_of_another_device_is_refused(dataset: Dataset) -> None:
    stranger = PlayableModel.from_file(random_model(hidden=8, knobs=2))
    with pytest.raises(DatasetError, match="knobs"):
        evaluate(stranger, dataset)


def test_a_model_of_another_rate_is_measured_as_it_plays(dataset: Dataset) -> None:
    own = PlayableModel.from_file(replace(random_model(8, 1), knobs=dataset.knobs))
    values = dataset.captures("validation")[0].knobs
    assert evaluate(own, dataset) == evaluate(own.at_rate(96_000), dataset)
    slower = replace(own, sample_rate=44_100)
    capture = dataset.captures("validation")[0]
    error = energy = 0.0
    for clean, target in map(dataset.read_clip, capture.clips):
        heard = resample(render(slower, resample(clean, 48_000, 44_100), values), 44_100, 48_000)[
            : clean.size
        ]
        error += float(np.sum((target - heard) ** 2))
        energy += float(np.sum(target**2))
    score = next(score for score in evaluate(slower, dataset).captures if score.capture == capture.id)
    assert score.esr == pytest.approx(error / energy, rel=1e-2)
    with pytest.raises(ModelFileError):
        evaluate(replace(own, sample_rate=8_000), dataset)


@pytest.mark.parametrize("name", ["model.wav", "model", "missing/../file.txt/m.vamodel"])
def test_an_impossible_place_for_the_model_is_refused_before_training(
    name: str, dataset: Dataset, tmp_path: Path
) -> None:
    (tmp_path / "file.txt").write_text("in the way")
    with pytest.raises(StudioError):
        train_model(dataset.path, tmp_path / name, CONFIG, run_folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_child_process_trains_stops_when_asked_and_leaves_a_model(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "model.vamodel"
    job = TrainingJob(TrainingRequest(dataset.path, out, LONG))
    job.start()
    events = _follow(job, lambda events: any(isinstance(event, Progress) for event in events))
    assert isinstance(events[0], Started)
    assert job.running
    job.stop()
    events = _follow(job, lambda events: any(isinstance(event, Finished) for event in events))
    assert job.finished is not None
    assert job.finished.reason == "stopped"
    assert job.model_path == out
    assert store.load(out).evaluation is not None
    job.close()
    assert not job.running


def test_a_killed_child_is_reported_and_what_it_had_is_kept(dataset: Dataset, tmp_path: Path) -> None:
    job = TrainingJob(TrainingRequest(dataset.path, tmp_path / "m.vamodel", LONG))
    job.start()
    _follow(job, lambda events: any(isinstance(event, Progress) for event in events))
    assert job._process is not None
    os.kill(job._process.pid, signal.SIGKILL)
    events = _follow(job, lambda events: any(isinstance(event, Failed) for event in events))
    assert "unexpectedly" in next(event for event in events if isinstance(event, Failed)).message
    job.close()


def test_a_child_that_cannot_start_says_why(dataset: Dataset, tmp_path: Path) -> None:
    job = TrainingJob(TrainingRequest(tmp_path / "no-dataset", tmp_path / "m.vamodel", CONFIG))
    job.start()
    events = _follow(job, lambda events: any(isinstance(event, Failed) for event in events))
    failure = events[-1]
    assert isinstance(failure, Failed)
    assert "no-dataset" in failure.message
    assert failure.hint
    job.close()


def test_training_needs_something_to_train_on(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="architecture"):
        train_model(
            dataset.path, tmp_path / "m.vamodel", replace(CONFIG, architecture="x"), run_folder=tmp_path / "r"
        )
    assert not (tmp_path / "m.vamodel").exists()
