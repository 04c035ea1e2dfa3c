"""The training loop: it learns, it can be stopped, it repeats itself by seed, it survives divergence."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.datasets import make_dataset
from vastudio.audio import io
from vastudio.dataset.store import Dataset
from vastudio.errors import TrainingError
from vastudio.modelfile import store
from vastudio.nets import Blueprint, architectures
from vastudio.training.batches import load_material
from vastudio.training.config import TrainingConfig
from vastudio.training.control import Control
from vastudio.training.events import Event, Finished, Progress, Started, Validated, from_json
from vastudio.training.loop import train
from vastudio.training.validate import validate

SHORT = TrainingConfig(hidden=8, minutes=None, epochs=12, chunk=512, chunks=4, threads=1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"))


def _validated(events: list[Event]) -> list[Validated]:
    return [event for event in events if isinstance(event, Validated)]


@pytest.mark.parametrize("name", sorted(architectures()))
def test_every_architecture_learns_the_clipper(name: str, dataset: Dataset, tmp_path: Path) -> None:
    sized = "hidden" in architectures()[name].options
    hidden, epochs = (
        (8, 40) if sized else (TrainingConfig.hidden, 2)
    )  # a WaveNet does more, and learns sooner
    config = replace(SHORT, architecture=name, hidden=hidden, epochs=epochs, chunks=8)
    events = list(train(dataset, config, tmp_path))
    scores = [event.esr for event in _validated(events)]
    assert min(scores) < 0.75 * scores[0]  # the level law begins near the target
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert events[-1].best_esr == min(scores)
    model = store.load(tmp_path / "best.vamodel")
    assert model.architecture == name
    assert [knob.name for knob in model.knobs] == ["drive"]
    assert model.provenance["dataset_hash"] == dataset.content_hash


def test_the_same_seed_gives_the_same_model(dataset: Dataset, tmp_path: Path) -> None:
    config = replace(SHORT, epochs=3)
    runs = [
        [
            event.esr
            for event in _validated(list(train(dataset, replace(config, seed=seed), tmp_path / str(run))))
        ]
        for run, seed in enumerate((5, 5, 6))
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_stopping_keeps_the_best_model(dataset: Dataset, tmp_path: Path) -> None:
    control = Control()
    control.stop()
    config = replace(SHORT, minutes=60.0, epochs=None)
    events = list(train(dataset, config, tmp_path, control))
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stopped"
    assert store.load(Path(events[-1].model)).config["hidden"] == 8


def test_the_folder_tells_the_whole_run(dataset: Dataset, tmp_path: Path) -> None:
    events = list(train(dataset, replace(SHORT, epochs=2), tmp_path))
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert [from_json(line) for line in lines] == events
    assert json.loads((tmp_path / "config.json").read_text())["hidden"] == 8
    assert any(isinstance(event, Progress) for event in events)


def test_divergence_goes_back_to_the_best_and_at_last_gives_up(dataset: Dataset, tmp_path: Path) -> None:
    steady = list(train(dataset, replace(SHORT, epochs=2, learning_rate=50.0), tmp_path / "wild"))
    assert all(math.isfinite(event.best_esr) for event in steady if isinstance(event, Finished))
    with pytest.raises(TrainingError, match="diverged"):
        list(train(dataset, replace(SHORT, plain_weight=1e300), tmp_path / "hopeless"))


def test_recordings_too_short_for_the_usual_stretch_still_train(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, seconds=0.1)
    events = list(
        train(dataset, TrainingConfig(hidden=8, minutes=None, epochs=1, threads=1), tmp_path / "run")
    )
    assert isinstance(events[-1], Finished)
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["warm_up"] + config["chunk"] * config["chunks"] <= 4800


@pytest.mark.parametrize(
    "changes",
    [
        {"minutes": None, "epochs": None},
        {"minutes": 1.0, "epochs": 1},
        {"minutes": 0.0, "epochs": None},
        {"epochs": 0},
        {"hidden": 2},
        {"hidden": 1000},
        {"seed": -1},
        {"threads": -2},
    ],
)
def test_senseless_settings_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(TrainingError) as caught:
        replace(SHORT, **changes)  # type: ignore[arg-type]
    assert caught.value.hint


def test_an_unknown_architecture_is_refused_with_a_guess(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="hyper-gru"):
        list(train(dataset, replace(SHORT, architecture="hyper-gur"), tmp_path))


def test_validation_in_lanes_agrees_with_itself_whatever_the_number_of_lanes(dataset: Dataset) -> None:
    config = replace(SHORT, architecture="hyper-gru")
    material = load_material(dataset, "validation")
    model = architectures()[config.architecture].build(Blueprint(1, 8))
    narrow, wide = (validate(model, material, sequences).esr for sequences in (8, 32))
    assert narrow == pytest.approx(wide, rel=1e-3)


def test_captures_that_say_nothing_are_left_out(dataset: Dataset, tmp_path: Path) -> None:
    """A gain of zero leaves a click and silence: nothing changes for the others, and the run says so."""
    folder = tmp_path / "with a silent one"
    shutil.copytree(dataset.path, folder)
    record = json.loads((folder / "manifest.json").read_text())
    silent = record["captures"][0]
    for clip in silent["clips"]:
        audio, rate = io.read(folder / clip["output"])
        audio[1000:] = 0.0
        io.write(folder / clip["output"], audio, rate)
    others = {item.id: item for item in load_material(dataset, "train") if item.id != silent["id"]}
    left = load_material(Dataset.open(folder), "train")
    assert {item.id for item in left} == set(others)
    assert all(item.power == others[item.id].power for item in left)
    events = list(train(Dataset.open(folder), replace(SHORT, architecture="hyper-gru"), tmp_path / "run"))
    started = next(event for event in events if isinstance(event, Started))
    assert (started.captures_train, started.left_out) == (len(others), [silent["id"]])
