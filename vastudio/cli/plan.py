"""vastudio plan: decide at which knob positions to record a device."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from vastudio.app.stimuli_export import LISTING, Exported, export_stimuli
from vastudio.capture import planning
from vastudio.capture.plan_file import CapturePlan, Dial, StimulusChoice, Taper, read_plan, write_plan
from vastudio.capture.sources.files import PAUSE_SECONDS
from vastudio.cli._command import Command, Output, knob_text
from vastudio.errors import DatasetError, KnobError, did_you_mean
from vastudio.types import STANDARD_RATE, Knob, KnobKind

_TAPERS: dict[str, Taper] = {"linear": "linear", "audio": "audio", "reverse-audio": "reverse-audio"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    shape = "NAME=LOW:HIGH[:STEP]"
    parser.add_argument(
        "plan", type=Path, nargs="?", help="a PLAN.toml to print or export, instead of a new one"
    )
    parser.add_argument(
        "--knob", action="append", default=[], metavar=shape, help="a dial and the steps one can set"
    )
    parser.add_argument(
        "--switch", action="append", default=[], metavar="NAME=LOW:HIGH", help="a switch of whole numbers"
    )
    parser.add_argument("--volume", default="", metavar="NAME", help="the knob that is the output volume")
    parser.add_argument(
        "--taper", action="append", default=[], metavar="NAME=TAPER", help=f"one of {', '.join(_TAPERS)}"
    )
    parser.add_argument("--positions", type=int, help="to learn from (default: 15 for each knob)")
    parser.add_argument("--validation", type=int, help="held out (default: 3 for each knob)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same plan")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of a take (default: 30)")
    parser.add_argument("--stimulus", type=Path, help="a clean recording to play instead of the studio's own")
    parser.add_argument("--device", default="", help="name of the device")
    parser.add_argument("--extend", type=Path, metavar="PLAN", help="a plan to add to")
    parser.add_argument("--run", type=Path, help="with --extend: the training run to ask")
    parser.add_argument("--count", type=int, default=3, help="with --extend: how many positions (default: 3)")
    parser.add_argument("--out", type=Path, help="file to write, e.g. plan.toml")
    parser.add_argument(
        "--stimuli", type=Path, metavar="FOLDER", help="also write what to play elsewhere, for --source files"
    )
    parser.add_argument("--one-file", action="store_true", help="with --stimuli: one long file with pauses")
    parser.add_argument(
        "--pause", type=float, default=PAUSE_SECONDS,
        help=f"with --one-file: seconds before each position (default: {PAUSE_SECONDS:g})",
    )  # fmt: skip
    parser.add_argument(
        "--rate", type=int, default=STANDARD_RATE, help=f"with --stimuli: in Hz (default: {STANDARD_RATE})"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Plan, write, and print the positions in their order."""
    if arguments.plan is not None:
        plan = _read(arguments)
    else:
        plan = _new(arguments) if arguments.extend is None else _extended(arguments)
    if arguments.out is not None:
        write_plan(plan, arguments.out)
    exported = _export(plan, arguments, output) if arguments.stimuli is not None else None
    record, text = _record(plan, arguments.out), _text(plan, arguments.out)
    if exported is not None:
        record |= {"stimuli": exported.folder, "stimuli_seconds": exported.seconds}
        text += (
            f"\n{exported.seconds / 60.0:.1f} minutes to play are in {exported.folder}; {LISTING} says how."
        )
    output.result(record, text)
    return 0


def _read(arguments: argparse.Namespace) -> CapturePlan:
    if arguments.knob or arguments.switch or arguments.extend is not None:
        raise KnobError(
            "A plan that is there has its knobs already.", "Name the plan, or knobs for a new one."
        )
    return read_plan(arguments.plan)


def _export(plan: CapturePlan, arguments: argparse.Namespace, output: Output) -> Exported:
    return export_stimuli(
        plan,
        arguments.stimuli,
        in_one=arguments.one_file,
        pause=arguments.pause,
        rate=arguments.rate,
        on_progress=lambda done, total: output.progress(f"position {done} of {total}"),
    )


def _new(arguments: argparse.Namespace) -> CapturePlan:
    dials = [*(_dial(text) for text in arguments.knob), *(_dial(text, "switch") for text in arguments.switch)]
    if not dials:
        raise KnobError("A plan needs knobs.", "Name them, e.g. --knob gain=0:10:1 --knob bass=0:10.")
    names = [dial.knob.name for dial in dials]
    tapers = dict(_pairs(arguments.taper))
    for name in [*tapers, *([arguments.volume] if arguments.volume else [])]:
        if name not in names:
            raise KnobError(f"There is no knob '{name}'.", did_you_mean(name, names))
    marked = [
        replace(
            dial,
            taper=_taper(tapers.get(dial.knob.name, "linear")),
            is_output_volume=dial.knob.name == arguments.volume,
        )
        for dial in dials
    ]
    return planning.plan_capture(
        marked,
        positions=arguments.positions,
        validation=arguments.validation,
        stimulus=StimulusChoice(arguments.seconds, arguments.seed, arguments.stimulus),
        device=arguments.device,
        seed=arguments.seed,
    )


def _extended(arguments: argparse.Namespace) -> CapturePlan:
    from vastudio.app.recording_advice import advice_on  # noqa: PLC0415 (reads runs: only where asked for)

    if arguments.run is None:
        raise DatasetError("--extend needs a training run.", "Name its folder: --run RUN.")
    plan = read_plan(arguments.extend)
    return planning.append(plan, advice_on(arguments.run, arguments.count).record_next)


def _pairs(given: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in given:
        name, _, value = text.partition("=")
        yield name, value


def _taper(name: str) -> Taper:
    if name not in _TAPERS:
        raise KnobError(f"There is no taper '{name}'.", did_you_mean(name, _TAPERS))
    return _TAPERS[name]


def _dial(text: str, kind: KnobKind = "continuous") -> Dial:
    """Read `NAME=LOW:HIGH[:STEP]`; a dial rests at the step next to its middle, a switch at its lowest."""
    name, _, span = text.partition("=")
    try:
        low, high, *step = (float(part) for part in span.split(":"))
        steps = round((high - low) / step[0]) if step else None
    except (ValueError, ZeroDivisionError, IndexError):
        raise KnobError(
            f"'{text}' is not a knob.", "Write it as NAME=LOW:HIGH or NAME=LOW:HIGH:STEP."
        ) from None
    if len(step) > 1 or (steps is not None and (steps < 1 or abs(low + steps * step[0] - high) > 1e-6)):
        raise KnobError(f"'{text}': the dial is not a whole number of steps.", "Choose another step.")
    middle = low if kind == "switch" else low + (high - low) / 2.0
    dial = Dial(Knob(name, minimum=low, maximum=high, default=middle, kind=kind), steps)
    resting = planning.snapped(dial, middle)
    return Dial(Knob(name, minimum=low, maximum=high, default=resting, kind=kind), steps)


def _record(plan: CapturePlan, out: Path | None) -> dict[str, object]:
    knobs = plan.knob_plan
    return {
        "plan": out,
        "knobs": [dial.knob.name for dial in plan.dials],
        "positions": [{"split": place.split, "knobs": dict(place.values)} for place in plan.positions],
        "training": knobs.count("train"),
        "validation": knobs.count("validation"),
        "knob_moves": knobs.knob_moves,
        "estimated_seconds": planning.estimated_seconds(plan),
    }


def _text(plan: CapturePlan, out: Path | None) -> str:
    knobs = plan.knob_plan
    minutes = planning.estimated_seconds(plan) / 60.0
    lines = [
        f"{number:3}. {place.split:<10} {knob_text(place.values)}"
        for number, place in enumerate(plan.positions, 1)
    ]
    lines.append(
        f"{knobs.count('train')} positions to learn from, {knobs.count('validation')} held out; "
        f"{knobs.knob_moves} knob moves, about {minutes:.0f} minutes."
    )
    if out is not None:
        lines.append(f"Written to {out}.")
    return "\n".join(lines)


COMMAND = Command("plan the knob positions to record", configure, run)
