"""A run goes on from its checkpoint: exactly where it was, or with one line that says why it cannot."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from tests.datasets import make_dataset
from vastudio.dataset.store import Dataset
from vastudio.errors import TrainingError
from vastudio.modelfile import store
from vastudio.training.checkpoint import Checkpoint, load, save
from vastudio.training.config import TrainingConfig
from vastudio.training.control import Control
from vastudio.training.events import (
    Event,
    Finished,
    Paused,
    Progress,
    Resumed,
    Threads,
    Unpaused,
    Validated,
    from_json,
)
from vastudio.training.loop import resume, train
from vastudio.training.run_files import read_settings

CONFIG = TrainingConfig(hidden=8, minutes=None, epochs=6, chunk=512, chunks=4, threads=1, average=0.9)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def whole(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    folder = tmp_path_factory.mktemp("whole")
    return folder, list(train(dataset, CONFIG, folder))


@pytest.fixture
def interrupted(dataset: Dataset, tmp_path: Path) -> Path:
    """A run that nobody looked after any more after its fourth validation."""
    folder = tmp_path / "run"
    events = train(dataset, CONFIG, folder)
    _until_validated(events, 4)
    return folder


def _until_validated(events: Iterator[Event], count: int) -> None:
    for _ in islice((event for event in events if isinstance(event, Validated)), count):
        pass


def _go_on(folder: Path, dataset: Dataset, minutes: float | None = None) -> list[Event]:
    return list(resume(folder, dataset, read_settings(folder).config, minutes=minutes))


def _scores(events: list[Event]) -> list[float]:
    return [event.esr for event in events if isinstance(event, Validated)]


def _logged(folder: Path) -> list[Event]:
    return [from_json(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def test_an_interrupted_run_ends_as_if_nothing_had_happened(
    interrupted: Path, whole: tuple[Path, list[Event]], dataset: Dataset
) -> None:
    with (interrupted / "events.jsonl").open("a") as file:
        file.write('{"event": "progress", "sec')  # the kill came in the middle of a line
    events = _go_on(interrupted, dataset)
    folder, expected = whole
    assert isinstance(events[0], Resumed)
    assert not events[0].continued
    assert _scores(_logged(interrupted)) == _scores(expected)
    ours, theirs = (load(path / "checkpoint.safetensors") for path in (interrupted, folder))
    assert ours.tensors.keys() == theirs.tensors.keys()
    assert any(name.startswith("average.") for name in ours.tensors)
    for name, tensor in ours.tensors.items():
        torch.testing.assert_close(tensor, theirs.tensors[name], rtol=0, atol=0)
    assert ours.record["learner"] == theirs.record["learner"]


def test_the_best_model_of_a_resumed_run_is_the_best_of_both_parts(
    interrupted: Path, whole: tuple[Path, list[Event]], dataset: Dataset
) -> None:
    end = _go_on(interrupted, dataset)[-1]
    assert isinstance(end, Finished)
    assert end.best_esr == min(_scores(whole[1]))
    ours, theirs = (store.load(path / "best.vamodel").weights for path in (interrupted, whole[0]))
    for name, array in ours.items():
        assert (array == theirs[name]).all()


def test_a_finished_run_can_be_trained_longer(
    whole: tuple[Path, list[Event]], dataset: Dataset, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for path in whole[0].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    before = whole[1][-1]
    assert isinstance(before, Finished)
    events = _go_on(folder, dataset, minutes=0.02)
    first, last = events[0], events[-1]
    assert isinstance(first, Resumed)
    assert first.continued
    assert first.seconds_planned == pytest.approx(first.seconds + 1.2)
    rates = [event.learning_rate for event in events if isinstance(event, Progress)]
    assert CONFIG.learning_rate * 0.3 < rates[0] <= CONFIG.learning_rate * 0.5
    assert rates[-1] < rates[0]
    assert isinstance(last, Finished)
    assert last.updates > before.updates
    assert last.best_esr <= before.best_esr
    assert sum(isinstance(event, Finished) for event in _logged(folder)) == 1


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other"])
def test_a_damaged_checkpoint_is_noticed(damage: str, interrupted: Path, dataset: Dataset) -> None:
    path = interrupted / "checkpoint.safetensors"
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "flip":
        data[-100] ^= 1
    elif damage == "empty":
        data = bytearray()
    else:
        data = bytearray((interrupted / "best.vamodel").read_bytes())
    path.write_bytes(data)
    with pytest.raises(TrainingError, match="damaged") as caught:
        _go_on(interrupted, dataset)
    assert "best.vamodel" in caught.value.hint


def test_a_checkpoint_of_a_later_version_is_refused(tmp_path: Path) -> None:
    save(Checkpoint({"a": torch.zeros(1)}, {}), tmp_path / "c.safetensors")
    data = (tmp_path / "c.safetensors").read_bytes()
    (tmp_path / "c.safetensors").write_bytes(data.replace(rb"\"format\": 1", rb"\"format\": 9"))
    with pytest.raises(TrainingError, match="newer"):
        load(tmp_path / "c.safetensors")


def test_a_run_killed_before_its_first_checkpoint_says_so(interrupted: Path, dataset: Dataset) -> None:
    (interrupted / "checkpoint.safetensors").unlink()
    with pytest.raises(TrainingError, match="no checkpoint"):
        _go_on(interrupted, dataset)


def test_a_changed_dataset_is_refused(interrupted: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="not as it was"):
        _go_on(interrupted, make_dataset(tmp_path / "other", seconds=1.0))


def test_changed_settings_are_refused(interrupted: Path, dataset: Dataset) -> None:
    config = replace(read_settings(interrupted).config, hidden=16)
    with pytest.raises(TrainingError, match="hidden was 8, now it is 16"):
        resume(interrupted, dataset, config)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"hidden": 8}', "damaged"),
        ('{"dataset": "x", "hiden": 8}', "hidden"),
        ('{"dataset": "x", "hidden": "many"}', "hidden"),
    ],
)
def test_a_damaged_configuration_is_refused(text: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(TrainingError) as caught:
        read_settings(tmp_path)
    assert word in str(caught.value)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no training run"):
        read_settings(tmp_path)


def test_a_new_run_in_an_old_folder_leaves_nothing_of_it(interrupted: Path, dataset: Dataset) -> None:
    events = list(train(dataset, replace(CONFIG, epochs=1), interrupted))
    assert _logged(interrupted) == events


def test_a_pause_rests_until_it_is_ended_and_does_not_count(dataset: Dataset, tmp_path: Path) -> None:
    control = Control()
    control.pause()
    control.use_threads(1)
    told: list[Event] = []
    for event in train(dataset, replace(CONFIG, epochs=1), tmp_path, control):
        told.append(event)
        if isinstance(event, Paused):
            assert (tmp_path / "checkpoint.safetensors").is_file()
            threading.Timer(0.5, control.proceed).start()
    paused, unpaused = (next(e for e in told if isinstance(e, kind)) for kind in (Paused, Unpaused))
    assert unpaused.seconds == paused.seconds
    assert any(isinstance(event, Threads) and event.count == 1 for event in told)
    assert isinstance(told[-1], Finished)


def test_commands_come_as_lines_and_their_end_stops() -> None:
    control = Control()
    control.obey(["pause\n", "nonsense\n", "threads 3\n", "threads many\n"])
    assert control.take_threads() == 3
    assert control.take_threads() is None
    assert control.stopping
    assert not control.paused
    control = Control()
    seen = []

    def lines() -> Iterator[str]:
        yield "pause"
        seen.append(control.paused)
        yield "continue"
        seen.append(control.paused)
        yield "stop"
        raise AssertionError("nothing is read after stop")

    control.obey(lines())
    assert seen == [True, False]


def test_settings_survive_their_file(interrupted: Path, dataset: Dataset) -> None:
    settings = read_settings(interrupted)
    assert settings.config == CONFIG
    assert settings.dataset == dataset.path.resolve()
    record = json.loads((interrupted / "config.json").read_text())
    assert record["average"] == 0.9


def test_a_kill_in_mid_write_leaves_the_checkpoint_before_it_and_no_litter(
    interrupted: Path, dataset: Dataset
) -> None:
    halves = [interrupted / ".checkpoint-abc.safetensors", interrupted / ".best-abc.vamodel"]
    for half in halves:
        half.write_bytes((interrupted / "checkpoint.safetensors").read_bytes()[:1000])
    assert isinstance(_go_on(interrupted, dataset)[-1], Finished)
    assert not any(half.exists() for half in halves)


def test_a_run_that_goes_on_elsewhere_is_left_alone(
    interrupted: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vastudio.training.run_folder.PATIENCE_SECONDS", 0.3)
    config = read_settings(interrupted).config
    first = resume(interrupted, dataset, config)
    with pytest.raises(TrainingError, match="another process"):
        resume(interrupted, dataset, config)
    with pytest.raises(TrainingError, match="another process"):
        train(dataset, config, interrupted)
    assert isinstance(list(first)[-1], Finished)
    resume(interrupted, dataset, config)
