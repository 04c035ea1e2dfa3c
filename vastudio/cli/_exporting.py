"""What `vastudio convert` does for the formats of other programs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from vastudio.app.exporting.distilling import Learning, student
from vastudio.app.exporting.export import (
    Choice,
    Exported,
    export_model,
    export_positions,
    formats,
    keeps_knobs,
    outlook,
)
from vastudio.app.exporting.labelling import label_of
from vastudio.app.exporting.positions import grid, of_dataset
from vastudio.cli._command import Output, knob_text, parse_knobs
from vastudio.dataset.store import Dataset
from vastudio.errors import KnobError, OutputError, StudioError
from vastudio.modelfile import store
from vastudio.modelfile.exports.label import GEAR_TYPES, TONE_TYPES, ExportLabel
from vastudio.modelfile.schema import ModelFile

OWN = "vamodel"

_BY_SUFFIX = {store.SUFFIX: OWN, ".nam": "nam", ".aidax": "aidax"}

_WORDS = ("author", "licence", "notes", "gear_make", "gear_model", "gear_type", "tone_type")
_LEVELS = ("input_dbu", "output_dbu")


def add_label(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is written on the model."""
    label = parser.add_argument_group("what is written on the model")
    choices = {"gear_type": GEAR_TYPES, "tone_type": TONE_TYPES}
    for name in _WORDS:
        label.add_argument(f"--{name.replace('_', '-')}", choices=choices.get(name))
    for name in _LEVELS:
        label.add_argument(
            f"--{name.replace('_', '-')}", type=float, help="level of a full-scale sine, in dBu"
        )


def format_for(arguments: argparse.Namespace) -> str:
    """The format asked for, or the one that the output's name means. Raises OutputError for neither."""
    if arguments.to:
        return str(arguments.to)
    several = arguments.grid or arguments.positions
    suffix = arguments.output.suffix.lower()
    if suffix not in _BY_SUFFIX or several:
        known = ", ".join([OWN, *formats()])
        what = f"{arguments.output} does not say in which format to write."
        raise OutputError(what, f"Name it with --to: {known}. A .vamodel and a .nam need no --to.")
    return _BY_SUFFIX[suffix]


def export(model: ModelFile, form: str, arguments: argparse.Namespace, output: Output) -> int:
    """Write one file or many, and say what came of it."""
    values = parse_knobs(arguments.knob)
    learner = student(arguments.distil, form) if arguments.distil else None
    choice = Choice(form, learner=learner, minutes=arguments.minutes)
    label = _label(model, arguments)
    if arguments.live and (values or arguments.grid or arguments.positions):
        raise KnobError("Live knobs stand nowhere.", "Leave out --knob, --grid and --positions.")
    if arguments.grid or arguments.positions:
        return _several(model, choice, arguments, label, output)
    choice = replace(choice, live=_live(model, form, arguments))

    said = _Said(output)

    def tell(learning: Learning) -> None:
        said(_told(learning))

    done = export_model(model, arguments.output, choice, values, label, tell)
    output.result(_record(done) | {"name": label.name or model.name, "format": form}, _text(done))
    return 0


def _live(model: ModelFile, form: str, arguments: argparse.Namespace) -> bool:
    """Whether the knobs stay live: because it was asked for, or because nothing else was and they can."""
    if arguments.live or arguments.knob or arguments.distil or not keeps_knobs(model, form):
        return bool(arguments.live)
    return outlook(model, form, {}, live=True).is_exact


def _several(
    model: ModelFile, choice: Choice, arguments: argparse.Namespace, label: ExportLabel, output: Output
) -> int:
    """Write a folder of files. The exit code tells whether one of them failed."""
    values = parse_knobs(arguments.knob)
    if arguments.positions and (arguments.grid or values):
        raise KnobError("A dataset's positions are complete.", "Leave out --grid and --knob.")
    if arguments.positions:
        places = of_dataset(Dataset.open(arguments.positions), model.knobs)
    else:
        places = grid(model.knobs, dict(map(_count, arguments.grid)), values)
    if arguments.output.is_file():
        raise OutputError(f"{arguments.output} is a file.", "Several models need a folder.")

    said = _Said(output)

    def tell(done: int, total: int, learning: Learning) -> None:
        said(f"{done + 1} of {total}: {_told(learning)}")

    found = export_positions(model, arguments.output, choice, places, label, tell)
    files = [each for each in found if isinstance(each, Exported)]
    failed = [each for each in found if isinstance(each, StudioError)]
    for error in failed:
        output.say(str(error))
    worst = max((each.error for each in files), default=0.0)
    record = {
        "folder": arguments.output, "format": choice.form, "files": [_record(each) for each in files],
        "failed": [error.message for error in failed], "largest_error": worst,
    }  # fmt: skip
    remarks = dict.fromkeys(remark for each in files for remark in each.remarks)
    lines = [_line(each) for each in files]
    lines.append(f"{arguments.output}: {len(files)} of {len(places)} files, read back within {worst:.1e}")
    output.result(record, "\n".join([*lines, *remarks]))
    return StudioError.exit_code if failed else 0


class _Said:
    """Tells what is going on, once."""

    def __init__(self, output: Output) -> None:
        self._output, self._last = output, ""

    def __call__(self, text: str) -> None:
        if text != self._last:
            self._output.progress(text)
        self._last = text


def _count(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if not name or not count.isdecimal():
        raise KnobError(
            f"'{text}' is not a number of places.", "Write it as NAME=COUNT, e.g. --grid drive=5."
        )
    return name, int(count)


def _label(model: ModelFile, arguments: argparse.Namespace) -> ExportLabel:
    given = {name: getattr(arguments, name) for name in (*_WORDS, *_LEVELS)}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(label_of(model), **changes)


def _told(learning: Learning) -> str:
    reached = f", ESR {learning.esr:.5f}" if learning.esr is not None else ""
    done = f" {100 * learning.done:.0f} %" if learning.done else ""
    return f"{learning.stage}{done}{reached}"


def _record(done: Exported) -> dict[str, Any]:
    return {
        "output": done.path, "fidelity": done.fidelity, "live": done.knobs is None,
        "knobs": dict(done.knobs or {}), "error": done.error, "constant": done.constant, "esr": done.esr,
        "remarks": list(done.remarks),
    }  # fmt: skip


def _line(done: Exported) -> str:
    learned = f", ESR {done.esr:.5f} against the model" if done.esr is not None else ""
    return f"{done.path.name}: {done.fidelity}{learned}, read back within {done.error:.1e}"


def _text(done: Exported) -> str:
    where = "knobs live" if done.knobs is None else knob_text(done.knobs)
    return "\n".join([f"{Path(done.path.parent) / _line(done)} ({where})", *done.remarks])
