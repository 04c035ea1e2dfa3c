"""vastudio evaluate: measure a model on a dataset with the engine."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from vastudio.app.evaluate import SPLITS, evaluate
from vastudio.cli._command import Command, Output, knob_text
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.modelfile import reading
from vastudio.modelfile.schema import Evaluation


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("model", type=Path, help="model file (.vamodel, .nam, .aidax, .json)")
    parser.add_argument("dataset", type=Path, help="dataset folder")
    parser.add_argument(
        "--split", choices=list(SPLITS), default="validation", help="which captures (default validation)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Render every capture at its knob position and compare it with the recording."""
    model = PlayableModel.from_file(reading.load(arguments.model))
    dataset = Dataset.open(arguments.dataset)
    result = evaluate(
        model, dataset, arguments.split, lambda done, total: output.progress(f"capture {done} of {total}")
    )
    record = {"model": arguments.model, "dataset": arguments.dataset, **asdict(result)}
    for score in record["captures"]:
        score["id"] = score.pop("capture")
    output.result(record, _table(result))
    return 0


def _table(result: Evaluation) -> Table:
    table = Table(title=f"ESR at the {result.split} positions", title_justify="left")
    table.add_column("capture")
    table.add_column("knobs")
    table.add_column("ESR", justify="right")
    for score in sorted(result.captures, key=lambda item: -item.esr):
        table.add_row(score.capture, knob_text(score.knobs), f"{score.esr:.5f}")
    table.add_section()
    table.add_row("", "median", f"{result.median_esr:.5f}")
    table.add_row("", "worst", f"{result.worst_esr:.5f}")
    table.add_row("", "all as one signal", f"{result.esr:.5f}")
    return table


COMMAND = Command("measure a model on a dataset", configure, run)
