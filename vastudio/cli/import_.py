"""vastudio import: make a dataset folder from recordings."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from vastudio.cli._command import Command, Output, add_knobs, knob_text, parse_knobs
from vastudio.dataset.importing import ImportProgress, Pair, import_dataset
from vastudio.dataset.planned import ImportOptions
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError, KnobError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "source", type=Path, nargs="?", help="captures.csv, or a folder of clean/target pairs"
    )
    parser.add_argument("--out", type=Path, required=True, help="dataset folder to write; must not exist yet")
    parser.add_argument("--clean", type=Path, help="clean recording of a single pair (WAV, FLAC or AIFF)")
    parser.add_argument("--target", type=Path, help="the device's recording of a single pair")
    add_knobs(parser)
    parser.add_argument("--device", default="", help="name of the recorded device")
    parser.add_argument(
        "--knob-name", default="knob", help="name of the knob that a trailing number in file names means"
    )
    parser.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="NAME=LOW:HIGH",
        help="range printed on a knob's dial (default: 0 to 1, 0 to 10, or from the positions)",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Measure, copy and write; say what was found."""
    pairs = _pairs(arguments)
    options = ImportOptions(arguments.device, _ranges(arguments.range), arguments.knob_name)

    def tell(progress: ImportProgress) -> None:
        output.progress(f"{progress.done + 1} of {progress.total}: {progress.current}")

    dataset = import_dataset(arguments.source, arguments.out, pairs=pairs, options=options, on_progress=tell)
    output.result(_record(dataset), _text(dataset))
    return 0


def _ranges(given: list[str]) -> dict[str, tuple[float, float]]:
    ranges = {}
    for text in given:
        name, _, span = text.partition("=")
        low, _, high = span.partition(":")
        try:
            ranges[name] = (float(low), float(high))
        except ValueError:
            raise KnobError(
                f"'{text}' is not a range.", "Write it as NAME=LOW:HIGH, e.g. --range drive=0:10."
            ) from None
    return ranges


def _pairs(arguments: argparse.Namespace) -> list[Pair]:
    single = arguments.clean is not None or arguments.target is not None
    if single == (arguments.source is not None):
        raise DatasetError(
            "Nothing to import." if not single else "A source and a single pair cannot be imported together.",
            "Give a captures.csv or a folder, or --clean IN.wav --target OUT.wav.",
        )
    if not single:
        if arguments.knob:
            raise DatasetError(
                "--knob belongs to a single pair.", "A captures.csv has a column for every knob."
            )
        return []
    if arguments.clean is None or arguments.target is None:
        raise DatasetError("A pair needs two files.", "Give both --clean IN.wav and --target OUT.wav.")
    return [Pair(arguments.clean, arguments.target, parse_knobs(arguments.knob))]


def _record(dataset: Dataset) -> dict[str, object]:
    manifest = dataset.manifest
    captures = [
        {
            "id": capture.id,
            "knobs": dict(capture.knobs),
            "split": capture.split,
            "clips": [asdict(clip) for clip in capture.clips],
        }
        for capture in manifest.captures
    ]
    return {
        "dataset": dataset.path, "name": dataset.name, "sample_rate": dataset.sample_rate,
        "knobs": [asdict(knob) for knob in dataset.knobs], "captures": captures,
        "findings": [asdict(finding) for finding in manifest.all_findings()],
    }  # fmt: skip


def _text(dataset: Dataset) -> str:
    train, held_out = len(dataset.captures("train")), len(dataset.captures("validation"))
    lines = [
        f"{dataset.path}: {train} captures to learn from, {held_out} held out, {dataset.sample_rate} Hz",
        f"knobs: {knob_text({knob.name: knob.default for knob in dataset.knobs})} (defaults)",
    ]
    for finding in dataset.manifest.all_findings():
        where = f" (capture {finding.capture})" if finding.capture else ""
        lines.append(f"{finding.severity}{where}: {finding.message} {finding.hint}".rstrip())
    return "\n".join(lines)


COMMAND = Command("make a dataset from recordings", configure, run)
