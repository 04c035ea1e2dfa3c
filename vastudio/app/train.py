"""Training as one use-case: dataset in, evaluated model file out, everything else in a run folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

from vastudio import atomic, paths
from vastudio.app.evaluate import evaluate
from vastudio.app.label import ModelLabel
from vastudio.app.probe import quick
from vastudio.app.probe.recordings import recordings
from vastudio.app.probe.subject import Subject
from vastudio.dataset.manifest import Split
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import ModelFileError, TrainingError
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile, Snapshot
from vastudio.training.config import TrainingConfig
from vastudio.training.control import Control
from vastudio.training.events import Event, Finished
from vastudio.training.loop import resume, train
from vastudio.training.run_files import BEST, EVENTS, read_settings

__all__ = [
    "EventHandler", "ModelLabel", "check_out", "is_complete", "new_run_folder", "resume_model", "train_model",
    "with_evaluation",
]  # fmt: skip

EventHandler = Callable[[Event], None]

REQUEST = "request.json"
"""What the run was for: where its model goes, and the label on it."""


def new_run_folder(dataset: Dataset, config: TrainingConfig) -> Path:
    """A folder that does not exist yet, named after the time, the dataset and the architecture."""
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    base = paths.user_runs() / f"{stamp}-{dataset.path.name}-{config.label}"
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
    control: Control | None = None,
) -> ModelFile:
    """Train, take the best model, measure it with the engine, write it to `out` and return it.

    `Finished` is told last, after `out` is written, and names it. The run folder keeps configuration,
    events, a checkpoint and the best model; it lies with the user's runs unless `run_folder` says otherwise.

    Raises
    ------
    DatasetError, TrainingError, OutputError
        As the parts do; `out` is then left as it was.
    """
    dataset = Dataset.open(dataset_path)
    check_out(out)
    folder = run_folder or new_run_folder(dataset, config)
    label = label or ModelLabel()
    events = train(dataset, config, folder, control)
    record = {"out": str(out.resolve()), "label": asdict(label)}
    atomic.write_text(folder / REQUEST, json.dumps(record, indent=2) + "\n")
    return _complete(events, folder, dataset, out, label, on_event)


def resume_model(
    folder: Path,
    *,
    dataset_path: Path | None = None,
    out: Path | None = None,
    minutes: float | None = None,
    threads: int | None = None,
    device: str | None = None,
    on_event: EventHandler = lambda _event: None,
    control: Control | None = None,
) -> ModelFile:
    """Go on with the run in `folder` after a crash, a stop or a reboot; complete it as `train_model` does.

    Parameters
    ----------
    dataset_path, out:
        Where the dataset is now, and where the model goes; by default as it was when the run began.
    minutes:
        Train this much longer than now. A run that has reached its end needs it.
    threads, device:
        Others than before.

    Raises
    ------
    DatasetError, TrainingError, OutputError
        When something the run needs is missing, damaged or was changed, or there is nothing left to do.
    """
    settings = read_settings(folder)
    config = settings.config
    if minutes is not None:
        config = replace(config, minutes=minutes, epochs=None)
    config = replace(
        config,
        threads=config.threads if threads is None else threads,
        device=config.device if device is None else device,
    )
    dataset = Dataset.open(dataset_path or settings.dataset)
    wanted, label = _read_request(folder)
    out = out or wanted
    if out is None:
        raise TrainingError(f"{folder} does not say where its model goes.", "Name the file with --out.")
    check_out(out)
    if minutes is None and is_complete(folder):
        raise TrainingError(f"The run {folder} has reached its end.", "Add --minutes to train it longer.")
    events = resume(folder, dataset, config, minutes=minutes, control=control)
    return _complete(events, folder, dataset, out, label, on_event)


def is_complete(folder: Path) -> bool:
    """Whether the run in `folder` has reached its planned end and its model has been measured."""
    try:
        lines = (folder / EVENTS).read_text(encoding="utf-8").splitlines()
        last = json.loads(lines[-1])
        measured = store.load(folder / BEST).evaluation is not None
    except (OSError, ValueError, IndexError, ModelFileError):
        return False
    return last.get("event") == "finished" and last.get("reason") == "planned" and measured


def _read_request(folder: Path) -> tuple[Path | None, ModelLabel]:
    """Where the model of a run goes and how it is labelled; None and empty where nothing says so."""
    try:
        record = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
        return Path(record["out"]), ModelLabel(**record["label"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, ModelLabel()


def _complete(
    events: Generator[Event],
    folder: Path,
    dataset: Dataset,
    out: Path,
    label: ModelLabel,
    on_event: EventHandler,
) -> ModelFile:
    """Let the run run, then measure its best model and write it; the folder stays locked until then."""
    with closing(events):
        for event in events:
            if isinstance(event, Finished):
                model = _labelled(with_evaluation(store.load(folder / BEST), dataset), label)
                store.save(model, folder / BEST)
                store.save(model, out)
                on_event(replace(event, model=str(out)))
                return model
            on_event(event)
    raise TrainingError("Training ended without a model.", f"Look into {folder / EVENTS}.")


def _labelled(model: ModelFile, label: ModelLabel) -> ModelFile:
    return replace(
        model,
        name=label.name or model.name,
        author=label.author,
        licence=label.licence,
        notes=label.notes,
    )


def check_out(out: Path) -> None:
    """Raise before hours of work when `out` cannot become a model file."""
    if out.suffix != store.SUFFIX:
        raise TrainingError(f"{out} is not a model file name.", f"End it in {store.SUFFIX}.")
    if out.is_dir():
        raise TrainingError(f"{out} is a folder.", "Give a file name inside it.")
    if not paths.is_writable(out.resolve().parent):
        raise TrainingError(f"Cannot write into {out.resolve().parent}.", "Choose a folder you may write to.")


def with_evaluation(model: ModelFile, dataset: Dataset) -> ModelFile:
    """`model` with its evaluation on the held-out captures, its probe and a snapshot for self-tests."""
    split: Split = "validation" if dataset.captures("validation") else "train"
    player = PlayableModel.from_file(model)
    probe = quick.probe(Subject.of(player), recordings(dataset, split))
    evaluation = replace(evaluate(player, dataset, split), probe=probe)
    capture = dataset.captures(split)[0]
    clean = dataset.read_clip(capture.clips[0])[0][: model.sample_rate]
    snapshot = Snapshot(dict(capture.knobs), clean, render(player, clean, capture.knobs))
    return replace(model, evaluation=evaluation, snapshot=snapshot)
