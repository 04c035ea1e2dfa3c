"""vastudio info: say what a model file, a dataset or an audio file holds."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vastudio.app.architectures import label_of
from vastudio.app.probe import basics
from vastudio.audio import io
from vastudio.cli._command import Command, Output, add_size, knob_text
from vastudio.dataset.manifest import MANIFEST_NAME
from vastudio.dataset.store import Dataset
from vastudio.errors import AudioFileError, StudioError
from vastudio.modelfile import reading
from vastudio.modelfile.probe import Probe
from vastudio.modelfile.schema import ModelFile


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, help="model of any format, dataset folder, or audio file")
    add_size(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Recognise the file by its name and describe it."""
    path: Path = arguments.file
    if not path.exists():
        raise StudioError(f"There is no file {path}.", "Check the name.")
    if path.is_dir() or path.name == MANIFEST_NAME:
        record, text = _dataset(Dataset.open(path if path.is_dir() else path.parent))
    elif path.suffix.lower() in reading.suffixes():
        record, text = _model(reading.load(path, arguments.size))
    else:
        record, text = _audio(path)
    output.result(record, text)
    return 0


def _model(model: ModelFile) -> tuple[dict[str, Any], str]:
    record = {
        "kind": "model", "name": model.name, "architecture": model.architecture, "config": dict(model.config),
        "knobs": [asdict(knob) for knob in model.knobs], "sample_rate": model.sample_rate,
        "parameters": sum(array.size for array in model.weights.values()),
        "levels": dict(model.levels), "evaluation": asdict(model.evaluation) if model.evaluation else None,
        "provenance": dict(model.provenance), "licence": model.licence, "author": model.author,
        "notes": model.notes,
    }  # fmt: skip
    lines = [
        f"{model.name}: {label_of(model.architecture, model.config.get('hidden'))}",
        f"{model.sample_rate} Hz, {record['parameters']} numbers",
    ]
    lines += _imported(model)
    lines += [f"knob {knob.name}: {knob.range_text}, default {knob.default:g}" for knob in model.knobs]
    if model.evaluation:
        score = model.evaluation
        lines.append(
            f"ESR at {len(score.captures)} {score.split} positions: median {score.median_esr:.5f}, "
            f"worst {score.worst_esr:.5f}"
        )
        lines += _probe(score.probe) if score.probe else []
    lines += [
        f"{label}: {text}" for label, text in (("author", model.author), ("licence", model.licence)) if text
    ]
    return record, "\n".join([*lines, *([model.notes] if model.notes else [])])


def _imported(model: ModelFile) -> list[str]:
    """Where a model of another program comes from, and what its file says besides."""
    imported = dict(model.provenance.get("imported") or {})
    if not imported:
        return []
    said = [f"from {imported.pop('format')} {imported.pop('version')}".rstrip()]
    if imported.pop("rate_is_assumed"):
        said.append("the file names no sample rate: this is the usual one of its format")
    chosen = imported.pop("size", "")
    for entry in imported.pop("sizes", []):
        mark = ", this one" if entry["network"] == chosen else ""
        said.append(f"size from {entry['size']:.2f}: {entry['network']}{mark}")
    levels = {f"level {key}": value for key, value in model.levels.items()}
    return said + [
        f"{key.replace('_', ' ')}: {_short(value)}" for key, value in {**imported, **levels}.items()
    ]


def _short(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _probe(probe: Probe) -> list[str]:
    """How many measures are good, and what the others say."""
    verdicts = basics.judge(probe)
    good = sum(verdict.grade == "good" for verdict in verdicts)
    quietest, loudest = (pick(place.rms_dbfs for place in probe.positions) for pick in (min, max))
    places = f"{len(probe.positions)} position{'s' if len(probe.positions) != 1 else ''}"
    lines = [
        f"probe at {places}: {good} of {len(verdicts)} measures good, "
        f"latency {probe.latency.samples:.2f} samples, output {quietest:.1f} to {loudest:.1f} dBFS"
    ]
    return lines + [
        f"{verdict.grade}: {verdict.title} {verdict.value:g} {verdict.unit}. {verdict.sentence}"
        for verdict in verdicts
        if verdict.grade != "good"
    ]


def _dataset(dataset: Dataset) -> tuple[dict[str, Any], str]:
    findings = [asdict(finding) for finding in dataset.manifest.all_findings()]
    splits = {split: len(dataset.captures(split)) for split in ("train", "validation")}
    record = {
        "kind": "dataset", "name": dataset.name, "knobs": [asdict(knob) for knob in dataset.knobs],
        "sample_rate": dataset.sample_rate, "captures": splits, "content_hash": dataset.content_hash,
        "findings": findings,
    }  # fmt: skip
    lines = [
        f"{dataset.name}: {splits['train']} captures to learn from, {splits['validation']} held out, "
        f"{dataset.sample_rate} Hz",
        f"knobs: {knob_text({knob.name: knob.default for knob in dataset.knobs})}",
    ]
    lines += [f"{item['severity']}: {item['message']} {item['hint']}".rstrip() for item in findings]
    return record, "\n".join(lines)


def _audio(path: Path) -> tuple[dict[str, Any], str]:
    try:
        details = io.probe(path)
    except AudioFileError as error:
        raise AudioFileError(
            error.message, "A model, a dataset folder or an audio file is expected."
        ) from error
    record = {"kind": "audio", **asdict(details)}
    seconds = details.frames / details.rate
    return (
        record,
        f"{path.name}: {seconds:.2f} s, {details.rate} Hz, {details.channels} channel(s), {details.format}",
    )


COMMAND = Command("describe a model, a dataset or an audio file", configure, run)
