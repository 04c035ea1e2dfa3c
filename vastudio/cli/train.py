"""vastudio train: train a model on a dataset, or go on with a run."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from vastudio.app.architectures import architecture_choices
from vastudio.app.presets import round_minutes
from vastudio.app.queue import TrainingQueue
from vastudio.app.recording_advice import Advice, advice_on
from vastudio.app.train import EventHandler, ModelLabel, check_out, resume_model, train_model
from vastudio.cli._command import Command, Output
from vastudio.cli._training import report
from vastudio.cli._training_queue import work_off
from vastudio.dataset.store import Dataset
from vastudio.errors import StudioError, TrainingError
from vastudio.modelfile.schema import ModelFile
from vastudio.training.config import TrainingConfig
from vastudio.training.control import Control
from vastudio.training.device import DEVICES
from vastudio.training.events import Event, Failed, Finished, to_json
from vastudio.training.presets import PRESETS, STANDARD, Preset, preset
from vastudio.training.run_files import CONFIG

__all__ = ["COMMAND", "configure", "report", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, nargs="?", help="dataset folder")
    parser.add_argument("--out", type=Path, help="model file to write (.vamodel)")
    parser.add_argument(
        "--resume", type=Path, metavar="RUN",
        help="go on with the run in this folder; --minutes trains it that much longer",
    )  # fmt: skip
    parser.add_argument(
        "--queue", type=Path, metavar="FILE",
        help="work off a queue of runs, one after the other, going on where one fails",
    )  # fmt: skip
    parser.add_argument("--enqueue", type=Path, metavar="FILE", help="append this run to a queue instead")
    parser.add_argument(
        "--preset", choices=[item.key for item in PRESETS],
        help=f"what to train and for how long (default {STANDARD.key}); 'vastudio presets' tells the cost",
    )  # fmt: skip
    parser.add_argument(
        "--architecture",
        help=f"another architecture than the preset's: {', '.join(c.name for c in architecture_choices())}",
    )
    parser.add_argument("--hidden", type=int, help="units of the cell, instead of the preset's")
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument(
        "--minutes", type=float, help="training time (default: what the preset plans, on this computer)"
    )
    bound.add_argument("--epochs", type=int, help="passes over the recordings, instead of a time")
    parser.add_argument("--seed", type=int, help="seed of everything random (default 0)")
    parser.add_argument("--threads", type=int, help="processor threads (default: all cores)")
    parser.add_argument(
        "--device", choices=DEVICES,
        help="where to compute (default auto: the graphics card where torch sees one)",
    )  # fmt: skip
    parser.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="NAME=VALUE",
        help="another training setting, as config.json of a run names it",
    )  # fmt: skip
    for part in ("name", "author", "licence", "notes"):
        parser.add_argument(f"--{part}", help=f"{part} to write into the model file")
    parser.add_argument("--run", type=Path, help="folder for configuration, events and checkpoints")
    parser.add_argument(
        "--events",
        action="store_true",
        help="print events as lines of JSON; on standard input 'pause', 'continue' and 'stop', and its end, "
        "which keeps the best model",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Train; Ctrl-C, a terminate signal or 'stop' keeps the best model so far."""
    control = Control()
    _stop_on_signals(control)
    if arguments.events:
        _give_way()
        threading.Thread(target=control.obey, args=(sys.stdin,), daemon=True).start()
    if arguments.queue is not None:
        return work_off(arguments.queue, control, output)
    if arguments.enqueue is not None:
        return _enqueue(arguments, output)
    events: list[Event] = []
    folder = ""

    def tell(event: Event) -> None:
        nonlocal folder
        events[:] = [event]
        folder = getattr(event, "folder", folder)
        if arguments.events:
            _print_event(event)
        else:
            report(event, output)

    try:
        model = _train(arguments, tell, control)
    except StudioError as error:
        if arguments.events:
            _print_event(Failed(error.message, error.hint, folder))
        raise
    end = events[-1]
    assert isinstance(end, Finished)
    if not arguments.events:
        _tell_result(model, end, advice_on(Path(folder)), output)
    return 0


def _train(arguments: argparse.Namespace, tell: EventHandler, control: Control) -> ModelFile:
    if arguments.resume is not None:
        _refuse_with_resume(arguments)
        return resume_model(
            arguments.resume, dataset_path=arguments.dataset, out=arguments.out, minutes=arguments.minutes,
            threads=arguments.threads, device=arguments.device, on_event=tell, control=control,
        )  # fmt: skip
    dataset, out = _places(arguments)
    if arguments.run is not None and (arguments.run / CONFIG).exists():
        raise TrainingError(
            f"{arguments.run} holds a run already.", "Go on with it by --resume, or name another folder."
        )
    return train_model(
        dataset, out, _config(arguments),
        run_folder=arguments.run, label=_label(arguments), on_event=tell, control=control,
    )  # fmt: skip


def _enqueue(arguments: argparse.Namespace, output: Output) -> int:
    dataset, out = _places(arguments)
    check_out(out)
    queue = TrainingQueue(arguments.enqueue)
    queue.add(dataset, out, _config(arguments), _label(arguments))
    waiting = sum(entry.state == "waiting" for entry in queue.entries)
    output.result({"queue": arguments.enqueue, "waiting": waiting}, f"{waiting} runs wait.")
    return 0


def _places(arguments: argparse.Namespace) -> tuple[Path, Path]:
    if arguments.dataset is None or arguments.out is None:
        raise TrainingError("Training needs a dataset and --out.", "See vastudio train --help.")
    return arguments.dataset, arguments.out


def _refuse_with_resume(arguments: argparse.Namespace) -> None:
    """A run that goes on keeps what it began with."""
    fixed = (
        "preset",
        "architecture",
        "hidden",
        "epochs",
        "seed",
        "run",
        "name",
        "author",
        "licence",
        "notes",
    )
    given = [name for name in fixed if getattr(arguments, name) is not None]
    if given or arguments.settings:
        option = f"--{given[0]}" if given else "--set"
        raise TrainingError(
            f"{option} cannot be changed when a run is resumed.", "Leave it out, or train anew."
        )


def _config(arguments: argparse.Namespace) -> TrainingConfig:
    """The preset's configuration with what the other options change."""
    chosen = preset(arguments.preset or STANDARD.key)
    record: dict[str, Any] = dict(_setting(text) for text in arguments.settings)
    for name in ("architecture", "hidden", "epochs", "minutes", "seed", "threads", "device"):
        value = getattr(arguments, name)
        if value is not None:
            record[name] = value
    if record.get("epochs") is not None:
        record.setdefault("minutes", None)
    config = chosen.config(**record)
    if config.minutes is None or "minutes" in record:
        return config
    return replace(config, minutes=_planned_minutes(chosen, config, arguments.dataset))


def _planned_minutes(chosen: Preset, config: TrainingConfig, dataset: Path) -> float:
    """How long this computer needs for the preset's updates; measured for two seconds where it is unknown."""
    from vastudio.app.preset_measuring import cost_of  # noqa: PLC0415  # brings torch along

    positions = len(Dataset.open(dataset).captures("train"))
    return round_minutes(cost_of(config).training_seconds(chosen.updates, positions))


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise TrainingError(f"'{text}' is no setting.", "Write --set NAME=VALUE.")
    return name, value


def _label(arguments: argparse.Namespace) -> ModelLabel:
    return ModelLabel(*(getattr(arguments, part) or "" for part in ("name", "author", "licence", "notes")))


def _tell_result(model: ModelFile, end: Finished, advice: Advice, output: Output) -> None:
    evaluation = model.evaluation
    assert evaluation is not None  # the use-case always measures
    record = {
        "model": end.model, "architecture": model.architecture, "hidden": model.config.get("hidden"),
        "seconds": end.seconds, "updates": end.updates, "reason": end.reason, "split": evaluation.split,
        "esr": evaluation.esr, "median_esr": evaluation.median_esr, "worst_esr": evaluation.worst_esr,
        "suspicious": [suspect.score.capture for suspect in advice.suspects],
        "record_next": advice.record_next,
    }  # fmt: skip
    for line in advice.lines:
        output.say(line)
    output.result(
        record,
        f"{end.model}: ESR median {evaluation.median_esr:.5f}, worst {evaluation.worst_esr:.5f} "
        f"at {len(evaluation.captures)} {evaluation.split} positions",
    )


def _print_event(event: Event) -> None:
    sys.stdout.write(to_json(event) + "\n")
    sys.stdout.flush()


def _give_way() -> None:
    """Somebody's window follows this run: let it, and the sound it plays, come first."""
    if hasattr(os, "nice"):
        os.nice(10)


def _stop_on_signals(control: Control) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        control.stop()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handle)
        signal.signal(signal.SIGTERM, handle)


COMMAND = Command("train a model on a dataset", configure, run)
