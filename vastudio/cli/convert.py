"""vastudio convert: bring a model of another program into the studio's own format."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from vastudio.cli._command import Command, Output, add_size
from vastudio.engine.graph import PlayableModel
from vastudio.errors import OutputError
from vastudio.modelfile import reading, store


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("input", type=Path, help="model file (.nam, .aidax, .json, .vamodel)")
    parser.add_argument("output", type=Path, help=f"model file to write ({store.SUFFIX})")
    parser.add_argument("--name", help="what lists show; the file's own name where not given")
    add_size(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Read, check that it plays, and write."""
    if arguments.output.suffix.lower() != store.SUFFIX:
        raise OutputError(
            f"{arguments.output} is not a file of the studio's own format.",
            f"End its name in {store.SUFFIX}.",
        )
    model = reading.load(arguments.input, arguments.size)
    if arguments.name:
        model = replace(model, name=arguments.name)
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


COMMAND = Command("convert a model to the studio's own format", configure, run)
