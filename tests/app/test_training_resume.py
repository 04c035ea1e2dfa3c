"""Runs in child processes that are killed, paused and resumed, as the window and the command line do it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.datasets import make_dataset
from vastudio.app.jobs import ResumeRequest, TrainingJob, TrainingRequest
from vastudio.app.train import ModelLabel, is_complete, resume_model, train_model
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError, TrainingError
from vastudio.modelfile import store
from vastudio.training.config import TrainingConfig
from vastudio.training.events import (
    Event,
    Failed,
    Finished,
    Paused,
    Progress,
    Resumed,
    Started,
    Threads,
    Unpaused,
    Validated,
)
from vastudio.training.run_files import read_settings

EPOCHS = TrainingConfig(hidden=8, minutes=None, epochs=2, chunk=512, chunks=4, threads=1)
LONG = TrainingConfig(hidden=8, minutes=30.0, chunk=512, chunks=4, threads=1, validate_every=0.3)
PATIENCE = 120.0


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"))


def _follow(job: TrainingJob, until: Callable[[list[Event]], bool]) -> list[Event]:
    events: list[Event] = []
    deadline = time.monotonic() + PATIENCE
    while not until(events):
        assert time.monotonic() < deadline, f"nothing happened after {events[-1:]}"
        events += job.poll()
        time.sleep(0.02)
    return events


def _has(kind: type[Event], count: int = 1) -> Callable[[list[Event]], bool]:
    return lambda events: sum(isinstance(event, kind) for event in events) >= count


def test_a_run_killed_in_mid_epoch_goes_on_from_its_last_checkpoint(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "m.vamodel"
    request = TrainingRequest(dataset.path, out, LONG, ModelLabel("Survivor"), tmp_path / "run")
    job = TrainingJob(request)
    job.start()
    before = _follow(job, _has(Validated, 4))
    assert isinstance(before[0], Started)
    assert (before[0].threads, before[0].folder) == (1, str(tmp_path / "run"))
    assert job._process is not None
    os.kill(job._process.pid, signal.SIGKILL)
    before += _follow(job, _has(Failed))
    failure = before[-1]
    assert isinstance(failure, Failed)
    assert failure.folder == str(tmp_path / "run")
    assert "Resume" in failure.hint
    job.close()

    job = TrainingJob(ResumeRequest(tmp_path / "run", out))
    job.start()
    after = _follow(job, _has(Validated))
    first = after[0]
    assert isinstance(first, Resumed)
    trained = max(event.seconds for event in before if isinstance(event, Validated | Progress))
    assert trained - first.seconds < LONG.validate_every + 2.0
    assert 0 < first.best_esr <= min(event.esr for event in before if isinstance(event, Validated))
    job.stop()
    _follow(job, _has(Finished))
    job.close()
    model = store.load(out)
    assert model.name == "Survivor"
    assert model.evaluation is not None


def test_a_job_rests_and_goes_on_when_asked(dataset: Dataset, tmp_path: Path) -> None:
    job = TrainingJob(TrainingRequest(dataset.path, tmp_path / "m.vamodel", LONG, leave_core_free=True))
    job.start()
    _follow(job, _has(Progress))
    job.leave_core_free()
    job.pause()
    events = _follow(job, _has(Paused))
    assert job.paused
    assert _has(Threads)(events)
    time.sleep(0.7)
    assert not any(isinstance(event, Progress) for event in job.poll())
    job.proceed()
    _follow(job, _has(Unpaused))
    assert not job.paused
    job.pause()
    _follow(job, _has(Paused))
    job.close()  # a resting run stops and keeps its best model
    assert job.finished is not None
    assert store.load(tmp_path / "m.vamodel").evaluation is not None


def test_a_complete_run_needs_more_time_to_go_on(dataset: Dataset, tmp_path: Path) -> None:
    out, run = tmp_path / "m.vamodel", tmp_path / "run"
    train_model(dataset.path, out, EPOCHS, run_folder=run, label=ModelLabel("Clipper", notes="first"))
    assert is_complete(run)
    with pytest.raises(TrainingError, match="reached its end") as caught:
        resume_model(run)
    assert "--minutes" in caught.value.hint
    out.unlink()
    events: list[Event] = []
    model = resume_model(run, minutes=0.01, on_event=events.append)
    assert isinstance(events[-1], Finished)
    assert store.load(out).name == model.name == "Clipper"
    assert model.notes == "first"


def test_a_run_killed_while_it_was_measured_is_completed(dataset: Dataset, tmp_path: Path) -> None:
    out, run = tmp_path / "m.vamodel", tmp_path / "run"
    model = train_model(dataset.path, out, EPOCHS, run_folder=run)
    store.save(store.ModelFile(**{**vars(model), "evaluation": None}), run / "best.vamodel")
    out.unlink()
    events: list[Event] = []
    again = resume_model(run, on_event=events.append)
    assert again.evaluation == model.evaluation == store.load(out).evaluation
    assert not any(isinstance(event, Progress) for event in events)


def test_what_a_resumed_run_lacks_is_named(dataset: Dataset, tmp_path: Path) -> None:
    out, run = tmp_path / "m.vamodel", tmp_path / "run"
    train_model(dataset.path, out, EPOCHS, run_folder=run)
    (run / "request.json").unlink()
    with pytest.raises(TrainingError, match="where its model goes"):
        resume_model(run, minutes=1.0)
    record = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps({**record, "dataset": str(tmp_path / "gone")}))
    with pytest.raises(DatasetError, match="gone"):
        resume_model(run, out=out, minutes=1.0)
    resume_model(run, dataset_path=dataset.path, out=out, minutes=0.005)
    assert read_settings(run).dataset == dataset.path.resolve()  # from now on it is found there
