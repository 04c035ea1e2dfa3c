"""vastudio train: train a model on a dataset."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from vastudio.app.train import ModelLabel, train_model
from vastudio.cli._command import Command, Output
from vastudio.errors import StudioError
from vastudio.modelfile.schema import Evaluation
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, Failed, Finished, Progress, Started, Validated, to_json

DEFAULT_MINUTES = 10.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, help="dataset folder")
    parser.add_argument("--out", type=Path, required=True, help="model file to write (.vamodel)")
    parser.add_argument("--architecture", default="hyper-gru", help="hyper-gru (default) or concat-gru")
    parser.add_argument("--hidden", type=int, default=32, help="units of the cell (default 32)")
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument("--minutes", type=float, help=f"training time (default {DEFAULT_MINUTES:g})")
    bound.add_argument("--epochs", type=int, help="passes over the recordings, instead of a time")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything random (default 0)")
    parser.add_argument("--threads", type=int, default=0, help="processor threads (default: all cores)")
    parser.add_argument("--name", default="", help="name of the model (default: the dataset's)")
    for part in ("author", "licence", "notes"):
        parser.add_argument(f"--{part}", default="", help=f"{part} to write into the model file")
    parser.add_argument("--run", type=Path, help="folder for configuration, events and checkpoints")
    parser.add_argument(
        "--events",
        action="store_true",
        help="print events as lines of JSON; 'stop' on standard input, or its end, keeps the best model",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Train; Ctrl-C, a terminate signal or 'stop' keeps the best model so far."""
    stop = threading.Event()
    _stop_on_signals(stop)
    if arguments.events:
        _give_way()
        threading.Thread(target=_stop_on_input, args=(stop,), daemon=True).start()
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        if arguments.events:
            _print_event(event)
        else:
            report(event, output)

    try:
        model = train_model(
            arguments.dataset, arguments.out, _config(arguments),
            run_folder=arguments.run, label=_label(arguments), on_event=tell, should_stop=stop.is_set,
        )  # fmt: skip
    except StudioError as error:
        if arguments.events:
            _print_event(Failed(error.message, error.hint))
        raise
    end = events[-1]
    assert isinstance(end, Finished)
    assert model.evaluation is not None
    if not arguments.events:
        _tell_result(arguments, model.evaluation, end, output)
    return 0


def _config(arguments: argparse.Namespace) -> TrainingConfig:
    minutes = arguments.minutes
    if minutes is None and arguments.epochs is None:
        minutes = DEFAULT_MINUTES
    return TrainingConfig(
        architecture=arguments.architecture,
        hidden=arguments.hidden,
        minutes=minutes,
        epochs=arguments.epochs,
        seed=arguments.seed,
        threads=arguments.threads,
    )


def _label(arguments: argparse.Namespace) -> ModelLabel:
    return ModelLabel(arguments.name, arguments.author, arguments.licence, arguments.notes)


def _tell_result(
    arguments: argparse.Namespace, evaluation: Evaluation, end: Finished, output: Output
) -> None:
    record = {
        "model": arguments.out, "architecture": arguments.architecture, "hidden": arguments.hidden,
        "seconds": end.seconds, "updates": end.updates, "reason": end.reason, "split": evaluation.split,
        "esr": evaluation.esr, "median_esr": evaluation.median_esr, "worst_esr": evaluation.worst_esr,
    }  # fmt: skip
    output.result(
        record,
        f"{arguments.out}: ESR median {evaluation.median_esr:.5f}, worst {evaluation.worst_esr:.5f} "
        f"at {len(evaluation.captures)} {evaluation.split} positions",
    )


def _print_event(event: Event) -> None:
    sys.stdout.write(to_json(event) + "\n")
    sys.stdout.flush()


def report(event: Event, output: Output) -> None:
    """Say what an event means to somebody at a terminal."""
    if isinstance(event, Started):
        output.say(
            f"{event.architecture}-{event.hidden}: {event.parameters} parameters, "
            f"{event.captures_train} captures to learn from, {event.captures_validation} held out"
        )
    elif isinstance(event, Validated):
        mark = " ✓" if event.is_best else ""
        output.say(
            f"{event.seconds:6.0f} s  epoch {event.epoch:4d}  validation ESR {event.esr:.5f}  "
            f"median {event.median_esr:.5f}  worst {event.worst_esr:.5f}{mark}"
        )
    elif isinstance(event, Progress) and sys.stderr.isatty():
        output.progress(
            f"{event.seconds:6.0f} s  epoch {event.epoch:4d}  training ESR {event.train_esr:.5f}  "
            f"about {event.seconds_left / 60:.0f} min left"
        )


def _give_way() -> None:
    """Somebody's window follows this run: let it, and the sound it plays, come first."""
    if hasattr(os, "nice"):
        os.nice(5)


def _stop_on_signals(stop: threading.Event) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handle)
        signal.signal(signal.SIGTERM, handle)


def _stop_on_input(stop: threading.Event) -> None:
    """Reader thread: any line saying stop, or the end of the input, ends the run."""
    for line in sys.stdin:
        if line.strip() == "stop":
            break
    stop.set()


COMMAND = Command("train a model on a dataset", configure, run)
