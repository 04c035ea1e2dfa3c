"""vastudio convert: take a model to another format, at a knob position, at many, or with live knobs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from vastudio.app.exporting.distilling import MINUTES, STUDENTS
from vastudio.app.exporting.export import formats
from vastudio.cli._command import Command, Output, add_knobs, add_size
from vastudio.cli._exporting import OWN, add_label, export, format_for
from vastudio.engine.graph import PlayableModel
from vastudio.errors import OutputError
from vastudio.modelfile import reading, store


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("input", type=Path, help="model file (.vamodel, .nam, .aidax, .json)")
    parser.add_argument("output", type=Path, help="file to write; a folder with --grid and --positions")
    parser.add_argument(
        "--to", choices=[OWN, *formats()], help="format to write; what the output's name says by default"
    )
    add_knobs(parser)
    parser.add_argument(
        "--live", action="store_true",
        help="keep the knobs live; without --knob and --distil they stay so wherever they can",
    )  # fmt: skip
    parser.add_argument(
        "--grid", action="append", default=[], metavar="NAME=COUNT",
        help="a file for each of so many places on a knob's dial; with several knobs for every combination",
    )  # fmt: skip
    parser.add_argument(
        "--positions", type=Path, metavar="DATASET", help="a file for every position of a dataset"
    )
    parser.add_argument(
        "--distil", choices=STUDENTS, metavar="NETWORK",
        help=f"let a network learn what has no exact form: {', '.join(STUDENTS)}",
    )  # fmt: skip
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help=f"how long it learns (default {MINUTES:g})"
    )
    parser.add_argument("--name", help="what lists show; the file's own name where not given")
    add_label(parser)
    add_size(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Read, write, and prove what was written."""
    form = format_for(arguments)
    model = reading.load(arguments.input, arguments.size)
    if arguments.name:
        model = replace(model, name=arguments.name)
    if form != OWN:
        return export(model, form, arguments, output)
    if any((arguments.knob, arguments.grid, arguments.positions, arguments.distil, arguments.live)):
        raise OutputError(
            f"A {store.SUFFIX} keeps its knobs.", "Leave out --knob, --live, --grid, --positions, --distil."
        )
    playable = PlayableModel.from_file(model)
    store.save(model, arguments.output)
    record = {
        "input": arguments.input, "output": arguments.output, "name": model.name,
        "architecture": model.architecture, "network": playable.network.title,
        "sample_rate": model.sample_rate,
    }  # fmt: skip
    output.result(
        record, f"{arguments.output}: {model.name}, {playable.network.title}, {model.sample_rate} Hz"
    )
    return 0


COMMAND = Command("convert a model to the studio's own format or that of other programs", configure, run)
