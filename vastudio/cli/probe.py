"""vastudio probe: measure how a model behaves, whatever it was made from."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from vastudio.app.probe.measure import Grid, measures
from vastudio.app.probe.recordings import held_out
from vastudio.app.probe.report import OnProgress, Report, report
from vastudio.app.probe.subject import Subject
from vastudio.cli._command import Command, Output, add_knobs, add_quality, add_size, knob_text, parse_knobs
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.quality import Quality
from vastudio.modelfile import reading

_NARROWEST = 110


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("model", type=Path, help="model file (.vamodel, .nam, .aidax, .json)")
    add_knobs(parser)
    add_size(parser)
    add_quality(parser)
    parser.add_argument(
        "--dataset", type=Path, help="recordings of the device: tell delay and level against them too"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Measure everything at one knob position, and silence at every corner."""
    model = PlayableModel.from_file(reading.load(arguments.model, arguments.size))
    model = model.at_quality(Quality(arguments.quality))
    held_against = held_out(model, Dataset.open(arguments.dataset)) if arguments.dataset else ()
    found = report(Subject.of(model), parse_knobs(arguments.knob), held_against, _once(output.progress))
    output.result({"file": arguments.model, "quality": model.quality, **found.record()}, _text(found))
    return 0


def _once(say: Callable[[str], None]) -> OnProgress:
    """Say what comes next when it is something new."""
    said = ""

    def tell(_done: int, _total: int, text: str) -> None:
        nonlocal said
        if text != said:
            said = text
            say(text)

    return tell


def _text(found: Report) -> str:
    """The verdicts, then the figures of every measure."""
    console = Console(width=max(_NARROWEST, shutil.get_terminal_size().columns), highlight=False)
    known = measures()
    with console.capture() as captured:
        console.print(f"{found.model} at {knob_text(found.knobs)}")
        console.print(_verdicts(found))
        for name, result in found.measures.items():
            console.print(_figures(known[name].title, known[name].grid(result)))
    return captured.get()


def _verdicts(found: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for column in ("", "measure", "value", "goal"):
        table.add_column(column, justify="right" if column == "value" else "left", no_wrap=True)
    table.add_column("what it means")
    for verdict in found.verdicts:
        value = f"{verdict.value:.4g} {verdict.unit}"
        table.add_row(verdict.grade, verdict.title, value, verdict.goal, verdict.sentence)
    return table


def _figures(title: str, grid: Grid) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1))
    for index, column in enumerate(grid.columns):
        table.add_column(column, justify="right" if index else "left")
    for row in grid.rows:
        table.add_row(*row)
    return table


COMMAND = Command("measure how a model behaves: aliasing, silence, pops, load", configure, run)
