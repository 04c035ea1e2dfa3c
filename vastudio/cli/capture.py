"""vastudio capture: record a plan into a dataset, take by take; the same command again goes on."""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from vastudio.app.capture import Bench, export_stimulus, set_up, source_for, worst_positions
from vastudio.audio.level import to_db
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import read_plan
from vastudio.capture.record import TakeFinished, TakeStarted, capturing
from vastudio.capture.session import Session
from vastudio.capture.session_file import SourceChoice
from vastudio.capture.session_state import Slot
from vastudio.capture.source import OptionValue, source_kinds
from vastudio.cli._command import Command, Output, knob_text, parse_knobs
from vastudio.errors import CaptureError, StudioError

INTERRUPTED = 130

_ANSWER = "Enter records, s skips, q stops: "
_NOTICE_SECONDS = 0.2
_TRIES_BY_ITSELF = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments; what can be chosen about a source, the sources say themselves."""
    kinds = source_kinds()
    listed = "; ".join(f"{name}: {kind.title}" for name, kind in kinds.items())
    parser.add_argument("plan", type=Path, nargs="?", help="PLAN.toml; not needed to go on with a session")
    parser.add_argument("--out", type=Path, help="dataset folder: new, or a session to go on with")
    parser.add_argument("--source", default="", choices=list(kinds), help=listed)
    parser.add_argument("--knobs", action="store_true", help="only print the knobs that the source has")
    parser.add_argument(
        "--export", type=Path, metavar="WAV", help="only write what to play elsewhere, for --source files"
    )
    parser.add_argument("--yes", action="store_true", help="record without asking for the knobs")
    parser.add_argument(
        "--position", action="append", default=[], metavar="NAME=VALUE,…[:validation]",
        help="record here, too; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--next", type=Path, metavar="RUN", help="record, too, where that training run is worst"
    )
    parser.add_argument(
        "--retake",
        type=int,
        action="append",
        default=[],
        metavar="N",
        help="record position N (from 1) again",
    )
    for name, place in (
        ("send", "input, of a sine at full scale of what is played"),
        ("return", "output, of a sine recorded at full scale"),
    ):
        parser.add_argument(
            f"--{name}-dbu", type=float, metavar="DBU", help=f"measured level at the device's {place}"
        )
    _add_source_options(parser)


def _add_source_options(parser: argparse.ArgumentParser) -> None:
    """One option for each name, for all the sources that know it."""
    group = parser.add_argument_group("choices of the sources")
    known: dict[str, tuple[OptionValue, str, list[str]]] = {}
    for name, kind in source_kinds().items():
        for option in kind.options:
            known.setdefault(option.name, (option.default, option.help, []))[2].append(name)
    for option_name, (default, text, users) in known.items():
        group.add_argument(
            f"--{option_name.replace('_', '-')}", dest=f"option_{option_name}", type=type(default),
            metavar=option_name.upper(), help=f"{', '.join(users)}: {text}",
        )  # fmt: skip


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Record what is open, then say what there is."""
    options = {
        name.removeprefix("option_"): value
        for name, value in vars(arguments).items()
        if name.startswith("option_") and value is not None
    }
    if arguments.knobs:
        return _print_knobs(SourceChoice(arguments.source, options), output)
    if arguments.export is not None:
        return _export(arguments, options, output)
    if arguments.out is None:
        raise CaptureError("There is no place for the takes.", "Name a folder with --out.")
    plan = read_plan(arguments.plan) if arguments.plan is not None else None
    bench = set_up(plan, arguments.out, arguments.source, options)
    with bench.session as session:
        _prepare(session, arguments, output)
        try:
            code = _record(bench, arguments.yes, output)
        except StudioError:
            _say_what_is_safe(session, output)
            raise
        output.result(_result(session), _text(session))
    return code


def _prepare(session: Session, arguments: argparse.Namespace, output: Output) -> None:
    """Say what was put right, and add what is to be recorded beside the plan."""
    for line in session.news:
        output.say(line)
    if arguments.send_dbu is not None or arguments.return_dbu is not None:
        session.calibrate(arguments.send_dbu, arguments.return_dbu)
    session.append([_position(text) for text in arguments.position])
    if arguments.next is not None:
        session.append(worst_positions(session, arguments.next))
    session.reopen()
    if arguments.retake:
        session.reopen([number - 1 for number in arguments.retake])
    left = session.state.count("open")
    output.say(f"{left} of {len(session.state.slots)} positions to record, {_minutes(session)} of sound")
    free = shutil.disk_usage(session.folder).free
    if free < session.bytes_left:
        output.say(
            f"the disk has {free / 1e6:.0f} MB left; that is less than the {session.bytes_left / 1e6:.0f} MB"
            " this may take. Nothing is lost when it is full: make room and run the same command again."
        )


def _record(bench: Bench, is_told_yes: bool, output: Output) -> int:
    """Record until nothing is open. Returns the exit code."""
    session, source = bench.session, bench.source
    asks = source.needs_hands and not is_told_yes
    watch = _Watch(output)
    tries = sys.maxsize if asks else _TRIES_BY_ITSELF if source.needs_hands else 1
    ask = _Asker(session, output) if asks else lambda _place, _slot: True
    try:
        for event in capturing(session, source, ask=ask, tries=tries, on_progress=watch):
            if isinstance(event, TakeStarted):
                watch.begin(f"take {event.index + 1} of {event.total}: {knob_text(event.position.values)}")
            elif isinstance(event, TakeFinished):
                output.say(f"take {event.index + 1} of {event.total}: {_verdict(event)}")
    except KeyboardInterrupt:
        _say_what_is_safe(session, output)
        return INTERRUPTED
    return 0


class _Watch:
    """Shows on a terminal how far a take is; elsewhere only that it began."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._title = ""
        self._shown = 0.0

    def begin(self, title: str) -> None:
        self._title = title
        self._output.progress(title)

    def __call__(self, done: float, peak: float) -> None:
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._shown < _NOTICE_SECONDS:
            return
        self._shown = now
        level = f", {to_db(peak):.1f} dBFS" if peak > 0.0 else ""
        self._output.progress(f"{self._title} ({done:.0%}{level})")


class _Asker:
    """Says what to set and waits for Enter."""

    def __init__(self, session: Session, output: Output) -> None:
        self._session = session
        self._output = output
        self._set: dict[str, float] = {}

    def __call__(self, place: int, slot: Slot) -> bool:
        """True to record, False to skip. Raises KeyboardInterrupt to stop, also when nobody is there."""
        values = dict(slot.position.values)
        moved = {name: value for name, value in values.items() if self._set.get(name) != value}
        self._output.say(
            f"take {place + 1} of {len(self._session.state.slots)}: {_instruction(values, moved)}"
        )
        sys.stderr.write(_ANSWER)
        sys.stderr.flush()
        line = sys.stdin.readline()
        answer = line.strip().lower()
        if not line or answer.startswith("q"):
            raise KeyboardInterrupt
        if answer.startswith("s"):
            return False
        self._set = values
        return True


def _instruction(values: dict[str, float], moved: dict[str, float]) -> str:
    if not values:
        return "ready to record"
    if not moved:
        return f"leave everything as it is ({knob_text(values)})"
    if len(moved) == len(values):
        return f"set {knob_text(values)}"
    return f"set {knob_text(moved)} (the others stay: {knob_text(values)})"


def _verdict(event: TakeFinished) -> str:
    capture = event.capture
    peak = capture.clips[0].peak_db
    level = f"peak {peak:.1f} dBFS" if peak is not None else "silent"
    found = [
        f"{finding.message} {finding.hint}".strip()
        for finding in capture.findings
        if finding.severity != "info"
    ]
    return "; ".join([level if event.is_good else f"NOT GOOD, {level}", *found])


def _position(text: str) -> Position:
    values, _, split = text.partition(":")
    if split not in ("", "train", "validation"):
        raise CaptureError(f"'{split}' is neither 'train' nor 'validation'.", "Leave it out to train on it.")
    return Position(parse_knobs(values.split(",")), "validation" if split == "validation" else "train")


def _minutes(session: Session) -> str:
    return f"{math.ceil(session.seconds_left / 6.0) / 10.0:g} min"


def _say_what_is_safe(session: Session, output: Output) -> None:
    stored, total = sum(bool(slot.attempts) for slot in session.state.slots), len(session.state.slots)
    output.say(f"{stored} of {total} takes are safe in {session.folder}; the same command again goes on.")


def _export(arguments: argparse.Namespace, options: dict[str, OptionValue], output: Output) -> int:
    if arguments.plan is None:
        raise CaptureError("There is no plan to export.", "Name a PLAN.toml.")
    plan = read_plan(arguments.plan)
    seconds = export_stimulus(plan, arguments.export, options)
    lines = [f"{arguments.export}: {seconds / 60.0:.1f} min; before each position, set:"]
    lines += [f"{number:3d}  {knob_text(each.values)}" for number, each in enumerate(plan.positions, 1)]
    output.result({"file": arguments.export, "seconds": seconds}, "\n".join(lines))
    return 0


def _print_knobs(choice: SourceChoice, output: Output) -> int:
    if not choice.kind:
        raise CaptureError("No source is chosen.", "Choose one with --source.")
    source = source_for(choice)
    source.open()
    try:
        lines = [
            f"{knob.name}: {knob.range_text}, {knob.kind}, default {knob.default:g}" for knob in source.knobs
        ]
        record = {"source": source.name, "knobs": [asdict(knob) for knob in source.knobs]}
        output.result(record, "\n".join(lines) or f"{source.name}: any knobs; the plan names them")
    finally:
        source.close()
    return 0


def _result(session: Session) -> dict[str, object]:
    manifest, state = session.manifest, session.state
    positions = [
        {
            "knobs": dict(slot.position.values),
            "split": slot.position.split,
            "status": slot.status,
            "attempts": len(slot.attempts),
        }
        for slot in state.slots
    ]
    return {
        "dataset": session.folder,
        "device": manifest.device,
        "sample_rate": manifest.sample_rate,
        "accepted": state.count("accepted"),
        "rejected": state.count("rejected"),
        "skipped": state.count("skipped"),
        "open": state.count("open"),
        "positions": positions,
        "findings": [asdict(finding) for finding in manifest.all_findings()],
    }


def _text(session: Session) -> str:
    state = session.state
    counts: Sequence[tuple[int, str]] = (
        (state.count("accepted"), "good"),
        (state.count("rejected"), "to repeat"),
        (state.count("skipped"), "skipped"),
        (state.count("open"), "open"),
    )
    lines = [f"{session.folder}: " + ", ".join(f"{count} {word}" for count, word in counts if count)]
    lines += [
        f"{finding.severity}: {finding.message} {finding.hint}".rstrip()
        for finding in session.manifest.findings
    ]
    return "\n".join(lines)


COMMAND = Command("record a plan into a dataset", configure, run)
