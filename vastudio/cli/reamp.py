"""vastudio reamp: play a recorded take through presets of the rack, into files with both sounds."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from vastudio.app import rack_preset
from vastudio.app.rack import Rig
from vastudio.app.reamp import reamp_timed
from vastudio.audio import io
from vastudio.cli._command import Command, Output, add_quality
from vastudio.engine.quality import Quality
from vastudio.errors import OutputError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("take", type=Path, help="recording; its first channel is the clean sound")
    parser.add_argument(
        "preset", type=Path, nargs="+", help=f"presets of the rack ({rack_preset.SUFFIX}): a file for each"
    )
    parser.add_argument(
        "--output", type=Path, help="WAV file to write: clean and processed sound (default: beside the take)"
    )
    add_quality(parser, default=None)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Play the take with the compiled chain of the player."""
    if arguments.output is not None and arguments.output.suffix.lower() != ".wav":
        raise OutputError(f"{arguments.output} is not a WAV file name.", "End the output's name in .wav.")
    if arguments.output is not None and len(arguments.preset) > 1:
        raise OutputError("Several presets make several files.", "Leave --output out, or name one preset.")
    rigs = [_rig(path, arguments.quality) for path in arguments.preset]
    for name, rig in rigs:
        beside = name if len(rigs) > 1 else ""
        made = reamp_timed(arguments.take, rig, lambda *_: None, arguments.output, beside)
        info = io.probe(made.path)
        record = {
            "output": made.path, "preset": name, "quality": rig.rack.quality,
            "frames": info.frames, "sample_rate": info.rate, "seconds": made.took_seconds,
        }  # fmt: skip
        text = f"{made.path}: {made.seconds:.1f} s through '{name}', in {made.took_seconds:.1f} s"
        output.result(record, f"{text}, {made.speed:.0f} times as fast as played")
    return 0


def _rig(path: Path, quality: str | None) -> tuple[str, Rig]:
    """A preset's name and rig, which may have to play at another quality."""
    name, rig = rack_preset.unpack(path)
    return name, rig if quality is None else replace(rig, rack=replace(rig.rack, quality=Quality(quality)))


COMMAND = Command("play a recorded take through a preset of the rack", configure, run)
