"""vastudio demo: the whole journey without a window and without equipment."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path

from vastudio.app.demo import DemoEvent, Stage
from vastudio.app.demo import run as run_demo
from vastudio.app.library import free_path
from vastudio.capture.record import SessionFinished, TakeFinished, TakeStarted
from vastudio.cli._command import Command, Output
from vastudio.cli.train import report

DEFAULT_MINUTES = 2.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--out", type=Path, help="new folder for everything (default: a new one here)")
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES, help="training time (default 2)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Capture the built-in amplifier, train, render, compare, and say where the page is."""
    out = arguments.out or free_path(Path.cwd(), f"vastudio-demo-{time.strftime('%Y-%m-%d')}")

    def tell(event: DemoEvent) -> None:
        if isinstance(event, Stage):
            output.say(event.title)
        elif isinstance(event, TakeStarted):
            output.progress(f"take {event.index + 1} of {event.total}")
        elif not isinstance(event, TakeFinished | SessionFinished):
            report(event, output)

    result = run_demo(out.resolve(), arguments.minutes, tell)
    record = {**asdict(result), "captures": [asdict(score) for score in result.evaluation.captures]}
    output.result(
        record,
        f"ESR at {len(result.evaluation.captures)} positions the model has never seen: "
        f"median {result.evaluation.median_esr:.5f}, worst {result.evaluation.worst_esr:.5f}\n"
        f"rendered {result.times_real_time:.0f} times faster than real time\n"
        f"model  {result.model}\nsounds {result.audio[0].parent}\npage   {result.page}",
    )
    return 0


COMMAND = Command("capture, train and compare a built-in amplifier", configure, run)
