"""Play on a real audio device for minutes or hours, and write down what happens.

    python tools/soak.py --minutes 60 --jack [--block 64] [--repaint] [--train] [--hold-lock] [--log FILE]
    python tools/soak.py --minutes 60 --device NAME …
    python tools/soak.py --minutes 60 --jack --block 128 --evening FOLDER [--models FILE …]

A model of 32 units plays a phrase while its knobs turn. Every ten seconds one line is written. Beside us a
control, a process whose callback does nothing, runs on the same device: what it loses as well, the device or
the computer lost. With `--jack` a JACK server without hardware is started for both. Ctrl-C ends a soak
with the summary of what was seen; the other processes have sessions of their own, so that they end last.

Activities: PortAudio's thread plays; one thread turns the knobs; this one writes the lines, or, with
`--repaint`, shows the window while another one writes. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import soak_burdens
from soak_watch import Counts, Watch

from vastudio import paths
from vastudio.app.studio import Studio
from vastudio.engine import drivers
from vastudio.engine.devices import DeviceChoice, list_devices
from vastudio.engine.stream import Player
from vastudio.kernels.callback import native_callback
from vastudio.types import STANDARD_RATE, Knob

LINE_SECONDS = 10.0
SETTLE_SECONDS = 2.0
TURNS_PER_SECOND = 50
SWEEP_SECONDS = 7.0
PATIENCE_SECONDS = 20.0
LOOPBACK = "loopback"
CANNOT_RUN = 77


@dataclass(frozen=True)
class Line:
    """What is written every ten seconds; counts are since the line before, unless said otherwise.

    Attributes
    ----------
    expected:
        Blocks that fit into the time by the wall clock.
    late:
        Blocks that began half a block or more too late.
    longest_gap_ms:
        Most time between the beginnings of two blocks.
    load:
        Share of the time spent in the callback.
    faults:
        Since the start: samples that were not numbers.
    difference:
        Since the start: the largest difference between the two output channels.
    control_…:
        The same of the process that does nothing.
    """

    seconds: float
    blocks: int
    expected: int
    dropouts: int
    late: int
    longest_gap_ms: float
    longest_block_us: float
    load: float
    rss_mib: float
    faults: int
    difference: float
    control_blocks: int
    control_dropouts: int
    control_late: int
    control_longest_gap_ms: float


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Play for a long time and write down what happens.")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--block", type=int, default=64)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--device", help="as `vastudio devices` lists it")
    where.add_argument("--jack", action="store_true", help="start a JACK server without hardware")
    parser.add_argument("--repaint", action="store_true", help="a window repaints 30 times a second")
    parser.add_argument("--train", action="store_true", help="a training run goes on on the last core")
    parser.add_argument("--hold-lock", action="store_true", help="a thread holds the interpreter for 200 ms")
    parser.add_argument("--log", type=Path, help="write the lines to this file as well")
    parser.add_argument(
        "--evening", type=Path, metavar="FOLDER",
        help="in the window, a script turns knobs, switches presets and models, loads responses, trains; "
        "recording and list of actions go to FOLDER (tools/soak_clicks.py)",
    )  # fmt: skip
    parser.add_argument("--models", type=Path, nargs="*", default=[], help="more models for the evening")
    parser.add_argument("--control", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak; the summary goes to standard output as one JSON object."""
    chosen = options(arguments)
    if chosen.control:
        return control(chosen)
    with ExitStack() as held:
        if chosen.jack:
            held.enter_context(jack_server(chosen.block))
            chosen.device = LOOPBACK
        if not _appears(chosen.device):
            sys.stderr.write(f"soak: there is no audio device '{chosen.device}' here\n")
            return CANNOT_RUN
        lines = soak(chosen, held)
    sys.stdout.write(json.dumps(summary(lines)) + "\n")
    return 0


@contextmanager
def jack_server(block: int) -> Iterator[None]:
    """A JACK server of our own; its device `loopback` is a wire from its output to its input."""
    name = f"vastudio-soak-{os.getpid()}"
    os.environ |= {
        "JACK_DEFAULT_SERVER": name,
        "JACK_NO_AUDIO_RESERVATION": "1",
        "JACK_NO_START_SERVER": "1",
    }
    settings = f"-R -P 60 -L 2 -d dummy -r {STANDARD_RATE} -p {block} -C 2 -P 2"
    command = ["jackd", "-n", name, *settings.split()]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def _appears(device: str) -> bool:
    """Wait for a device in other processes, for PortAudio looks for a JACK server only once in each."""
    seen = (sys.executable, "-m", "vastudio", "devices", "--json")
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        answer = subprocess.run(seen, capture_output=True, text=True, check=False)
        with contextlib.suppress(ValueError):
            found = json.loads(answer.stdout)["devices"]
            if any(entry["name"] == device for entry in found):
                return any(entry.name == device for entry in list_devices().devices)
        time.sleep(0.2)
    return False


# --- the soak ---------------------------------------------------------------------------------------------


def soak(chosen: argparse.Namespace, held: ExitStack) -> list[Line]:
    """Play for the chosen time, or until a signal ends it, under the chosen burdens; return the lines."""
    if chosen.train:
        held.enter_context(soak_burdens.training(chosen.minutes + 1.0))
    studio = Studio()
    held.callback(studio.player.close)
    watch = _open(studio, chosen)
    assert studio.model is not None
    beside = held.enter_context(_control_process(chosen))
    ready, over = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    if chosen.evening is None:
        held.enter_context(_knobs_turning(studio.player, studio.model.knobs, over))
    log = held.enter_context(chosen.log.open("w")) if chosen.log else None
    lines: list[Line] = []
    writer = threading.Thread(
        target=_write_lines,
        args=(lines, studio.player, watch, beside, chosen, log, ready, over),
        name="lines",
    )
    writer.start()

    def begin() -> None:
        """What is measured begins when the window stands."""
        if chosen.hold_lock:
            held.enter_context(soak_burdens.held_interpreter())
        ready.set()

    if chosen.evening is not None:
        soak_burdens.evening_until(begin, over.is_set, studio, chosen.evening, chosen.models)
    elif chosen.repaint:
        soak_burdens.repaint_until(begin, over.is_set, studio)
    else:
        begin()
    writer.join()
    return lines


def _open(studio: Studio, chosen: argparse.Namespace) -> Watch:
    """Open the device with a watched callback and play the first factory model."""
    watch = _watched(native_callback().address, chosen.block)
    studio.open_model(next(iter(sorted(paths.factory_models().glob("*.vamodel")))))
    studio.use_demo_phrase()
    problem = studio.player.open(DeviceChoice("", chosen.device, STANDARD_RATE, chosen.block))
    if problem:
        raise SystemExit(f"soak: {problem}")
    studio.player.play()
    return watch


def _watched(callback: int, block: int) -> Watch:
    """Have every stream of this process call the callback at an address under a watch."""
    watch = Watch(callback, block, STANDARD_RATE)
    vars(drivers)["native_callback"] = lambda: watch.callback
    return watch


@contextmanager
def _knobs_turning(player: Player, knobs: Sequence[Knob], over: threading.Event) -> Iterator[None]:
    """A thread that turns the model's knobs up and down."""

    def turn() -> None:
        while not over.wait(1.0 / TURNS_PER_SECOND):
            phase = 2.0 * math.pi * time.monotonic() / SWEEP_SECONDS
            player.set_knobs({
                knob.name: knob.denormalised(0.5 + 0.5 * math.sin(phase * (index + 1)))
                for index, knob in enumerate(knobs)
            })  # fmt: skip

    thread = threading.Thread(target=turn, name="knobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _write_lines(
    lines: list[Line], player: Player, watch: Watch, beside: _Control,
    chosen: argparse.Namespace, log: TextIO | None, ready: threading.Event, over: threading.Event,
) -> None:  # fmt: skip
    """Thread: from when all is ready, write a line every ten seconds until the time is over."""
    ready.wait()
    time.sleep(SETTLE_SECONDS)
    before, begun, control_before = watch.counts(), time.monotonic(), beside.counts()
    last = begun
    while not over.is_set() and time.monotonic() - begun < 60.0 * chosen.minutes:
        over.wait(max(0.0, last + LINE_SECONDS - time.monotonic()))
        counts, now, control_counts = watch.counts(), time.monotonic(), beside.counts()
        pairs = (before, counts), (control_before, control_counts)
        lines.append(_line(player, *pairs, now - begun, now - last, chosen.block))
        before, control_before, last = counts, control_counts, now
        text = _text(lines[-1], heading=len(lines) == 1)
        for sink in (sys.stderr, log):
            if sink is not None:
                sink.write(text)
                sink.flush()
    over.set()


def _line(
    player: Player, ours: tuple[Counts, Counts], control: tuple[Counts, Counts],
    seconds: float, passed: float, block: int,
) -> Line:  # fmt: skip
    (before, now), (control_before, control_now) = ours, control
    return Line(
        seconds=seconds,
        blocks=now.blocks - before.blocks,
        expected=round(passed * STANDARD_RATE / block),
        dropouts=now.flagged - before.flagged,
        late=now.late - before.late,
        longest_gap_ms=now.longest_gap_ms,
        longest_block_us=now.longest_block_us,
        load=(now.busy_seconds - before.busy_seconds) / passed,
        rss_mib=_resident_mib(),
        faults=player.stats().faults,
        difference=now.difference,
        control_blocks=control_now.blocks - control_before.blocks,
        control_dropouts=control_now.flagged - control_before.flagged,
        control_late=control_now.late - control_before.late,
        control_longest_gap_ms=control_now.longest_gap_ms,
    )


def _resident_mib() -> float:
    """Memory of this process that is really there."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024.0
    return math.nan


def _text(line: Line, *, heading: bool) -> str:
    """A line of the log, under its headings if it is the first."""
    record = dataclasses.asdict(line)
    widths = {name: max(len(name), 7) for name in record}
    cells = (
        f"{value:{widths[name]}.4g}" if isinstance(value, float) else f"{value:{widths[name]}d}"
        for name, value in record.items()
    )
    names = "  ".join(f"{name:>{width}}" for name, width in widths.items()) + "\n" if heading else ""
    return names + "  ".join(cells) + "\n"


# --- the summary ------------------------------------------------------------------------------------------


def summary(lines: Sequence[Line]) -> dict[str, Any]:
    """Totals, the worst, and how every column drifts: its slope per minute, by least squares."""
    columns = {field.name: np.array([getattr(line, field.name) for line in lines], np.float64)
               for field in dataclasses.fields(Line)}  # fmt: skip
    minutes = columns.pop("seconds") / 60.0
    counted = ("blocks", "expected", "dropouts", "late", "control_blocks", "control_dropouts", "control_late")
    slopes = {
        name: float(np.polyfit(minutes, values, 1)[0]) if len(lines) > 1 else 0.0
        for name, values in columns.items()
    }
    return {
        "minutes": float(minutes[-1]) if len(lines) else 0.0,
        "totals": {name: int(columns[name].sum()) for name in counted},
        "worst": {name: float(values.max()) for name, values in columns.items() if name not in counted},
        "slope_per_minute": slopes,
        "lines": [dataclasses.asdict(line) for line in lines],
    }


# --- the control ------------------------------------------------------------------------------------------


class _Control:
    """The control process, seen from here: it answers every line with its counts."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def counts(self) -> Counts:
        """Ask for its counts."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Counts(**json.loads(self._process.stdout.readline()))


@contextmanager
def _control_process(chosen: argparse.Namespace) -> Iterator[_Control]:
    command = [
        sys.executable, __file__, "--control", "--device", chosen.device, "--block", str(chosen.block)
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    beside = _Control(process)
    beside.counts()
    try:
        yield beside
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(PATIENCE_SECONDS)


def control(chosen: argparse.Namespace) -> int:
    """Run a callback that does nothing; answer every line on standard input with the counts."""
    watch = _watched(0, chosen.block)
    player = Player(STANDARD_RATE)
    problem = player.open(DeviceChoice("", chosen.device, STANDARD_RATE, chosen.block))
    if problem:
        raise SystemExit(f"soak: {problem}")
    for _ in sys.stdin:
        sys.stdout.write(json.dumps(dataclasses.asdict(watch.counts())) + "\n")
        sys.stdout.flush()
    player.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
