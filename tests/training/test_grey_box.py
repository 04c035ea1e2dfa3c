"""A grey box in training: it learns the names of the device's knobs, and a run leaves a file that plays."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.datasets import write_source
from vastudio.dataset.importing import import_dataset
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.errors import TrainingError
from vastudio.modelfile import store
from vastudio.nets.grey_box import GreyBoxModel
from vastudio.training.config import configured
from vastudio.training.events import Finished
from vastudio.training.loop import train
from vastudio.training.run import Run

SETTINGS = {"architecture": "grey-box", "hidden": 8, "minutes": None, "epochs": 1, "threads": 1, "groups": 2}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The one-knob device, with two tone controls that do nothing."""
    folder = tmp_path_factory.mktemp("data")
    path = write_source(folder / "source", seconds=0.7)
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    tone = [["0", "1"], ["1", "0"], ["0.5", "0.5"], ["0.2", "0.9"]]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*header[:-1], "treble", "bass", header[-1]])
        writer.writerows([*row[:-1], *more, row[-1]] for row, more in zip(rows, tone, strict=True))
    return import_dataset(path, folder / "dataset")


@pytest.mark.parametrize("form", ["fmv", "eq"])
def test_a_run_knows_the_tone_controls_by_name(dataset: Dataset, form: str) -> None:
    model = Run(dataset, configured(**SETTINGS, tone_stack=form)).learner.model
    assert isinstance(model, GreyBoxModel)
    names = [dataset.knobs[knob].name for knob in model.tone_stack.knobs]
    assert (model.tone_stack.kind, sorted(names)) == (form, ["bass", "treble"])


def test_a_run_ends_with_a_model_that_plays(dataset: Dataset, tmp_path: Path) -> None:
    events = list(train(dataset, configured(**SETTINGS, chunk=256, chunks=2), tmp_path / "run"))
    assert isinstance(events[-1], Finished)
    assert events[-1].updates > 0
    model = PlayableModel.from_file(store.load(Path(events[-1].model)))
    assert model.network.title == "Grey box GRU-8"
    assert model.voice({"treble": 0.7}).faults == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"architecture": "hyper-gru", "taps": 513}, "513 taps"),
        ({"architecture": "hyper-gru", "tone_stack": "eq"}, "has no option 'tone_stack'"),
        ({"architecture": "grey-box", "taps": 4}, "has no option 'taps'"),
        ({"architecture": "grey-box", "tone_stack": "valve"}, "'tone_stack' cannot be"),
    ],
)
def test_options_without_sense_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        configured(**settings)
