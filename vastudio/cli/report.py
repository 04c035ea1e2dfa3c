"""vastudio report: everything known about models in one web page."""

from __future__ import annotations

import argparse
from pathlib import Path

from vastudio.app.evaluate import SPLITS
from vastudio.app.report.material import gather
from vastudio.app.report.writing import report_record, write_report
from vastudio.cli._command import Command, Output
from vastudio.cli._subject import add_subject, check_knobs, read_dataset, read_files, read_models
from vastudio.errors import OutputError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_subject(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html", help="page to write")
    parser.add_argument(
        "--split", choices=list(SPLITS), default="validation",
        help="positions of the dataset to measure (default validation)",
    )  # fmt: skip


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Measure positions, comparisons and probe, and write the page."""
    if arguments.out.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{arguments.out} is not the name of a web page.", "End it in .html.")
    models = read_models(arguments)
    values = check_knobs(arguments, models)
    dataset = read_dataset(arguments, models)
    pair = None if dataset else read_files(arguments)
    material = gather(
        models, dataset=dataset, split=arguments.split, pair=pair, values=values, on_progress=output.progress
    )
    path = write_report(arguments.out, material)
    size = path.stat().st_size
    record = {"file": path, "bytes": size, **report_record(material)}
    output.result(record, f"{path}: {size / 1e6:.1f} MB")
    return 0


COMMAND = Command("write everything known about models into one web page", configure, run)
