"""Training as one use-case: dataset in, evaluated model file out, everything else in a run folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vastudio import paths
from vastudio.app.evaluate import evaluate
from vastudio.dataset.manifest import Split
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import TrainingError
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile, Snapshot
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, Finished
from vastudio.training.loop import train

EventHandler = Callable[[Event], None]


@dataclass(frozen=True)
class ModelLabel:
    """What a person writes on a model. An empty name means the dataset's."""

    name: str = ""
    author: str = ""
    licence: str = ""
    notes: str = ""


def new_run_folder(dataset: Dataset, config: TrainingConfig) -> Path:
    """A folder that does not exist yet, named after the time, the dataset and the architecture."""
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    base = paths.user_runs() / f"{stamp}-{dataset.path.name}-{config.architecture}-{config.hidden}"
    folder, count = base, 2
    while folder.exists():
        folder, count = base.with_name(f"{base.name}-{count}"), count + 1
    return folder


def train_model(
    dataset_path: Path,
    out: Path,
    config: TrainingConfig,
    *,
    run_folder: Path | None = None,
    label: ModelLabel | None = None,
    on_event: EventHandler = lambda _event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ModelFile:
    """Train, take the best model, measure it with the engine, write it to `out` and return it.

    `Finished` is told last, after `out` is written, and names it. The run folder keeps configuration,
    events and the best model; it lies with the user's runs unless `run_folder` says otherwise.

    Raises
    ------
    DatasetError, TrainingError, OutputError
        As the parts do; `out` is then left as it was.
    """
    dataset = Dataset.open(dataset_path)
    check_out(out)
    folder = run_folder or new_run_folder(dataset, config)
    finished: Finished | None = None
    for event in train(dataset, config, folder, should_stop):
        if isinstance(event, Finished):
            finished = event
        else:
            on_event(event)
    if finished is None or not (folder / "best.vamodel").is_file():
        raise TrainingError("Training ended without a model.", f"Look into {folder}/events.jsonl.")
    model = with_evaluation(store.load(folder / "best.vamodel"), dataset)
    if label is not None:
        model = replace(
            model,
            name=label.name or model.name,
            author=label.author,
            licence=label.licence,
            notes=label.notes,
        )
    store.save(model, folder / "best.vamodel")
    store.save(model, out)
    on_event(replace(finished, model=str(out)))
    return model


def check_out(out: Path) -> None:
    """Raise before hours of work when `out` cannot become a model file."""
    if out.suffix != store.SUFFIX:
        raise TrainingError(f"{out} is not a model file name.", f"End it in {store.SUFFIX}.")
    if out.is_dir():
        raise TrainingError(f"{out} is a folder.", "Give a file name inside it.")
    if not paths.is_writable(out.resolve().parent):
        raise TrainingError(f"Cannot write into {out.resolve().parent}.", "Choose a folder you may write to.")


def with_evaluation(model: ModelFile, dataset: Dataset) -> ModelFile:
    """`model` with its evaluation on the held-out captures and a snapshot for self-tests."""
    split: Split = "validation" if dataset.captures("validation") else "train"
    player = PlayableModel.from_file(model)
    evaluation = evaluate(player, dataset, split)
    capture = dataset.captures(split)[0]
    clean = dataset.read_clip(capture.clips[0])[0][: model.sample_rate]
    snapshot = Snapshot(dict(capture.knobs), clean, render(player, clean, capture.knobs))
    return replace(model, evaluation=evaluation, snapshot=snapshot)
