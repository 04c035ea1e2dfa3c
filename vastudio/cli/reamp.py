"""vastudio reamp: play a recorded take through a preset of the rack, into a file with both sounds."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from vastudio.app import rack_preset
from vastudio.app.reamp import reamp
from vastudio.audio import io
from vastudio.cli._command import Command, Output, add_quality
from vastudio.engine.quality import Quality
from vastudio.errors import OutputError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("take", type=Path, help="recording; its first channel is the clean sound")
    parser.add_argument("preset", type=Path, help=f"preset of the rack ({rack_preset.SUFFIX})")
    parser.add_argument(
        "--output", type=Path, help="WAV file to write: clean and processed sound (default: beside the take)"
    )
    add_quality(parser, default=None)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Play the take with the compiled chain of the player."""
    if arguments.output is not None and arguments.output.suffix.lower() != ".wav":
        raise OutputError(f"{arguments.output} is not a WAV file name.", "End the output's name in .wav.")
    name, rig = rack_preset.unpack(arguments.preset)
    if arguments.quality is not None:
        rig = replace(rig, rack=replace(rig.rack, quality=Quality(arguments.quality)))
    begun = time.perf_counter()
    path = reamp(arguments.take, rig, lambda _done, _total, _text: None, arguments.output)
    info = io.probe(path)
    seconds, took = info.frames / info.rate, time.perf_counter() - begun
    record = {
        "output": path, "preset": name, "quality": rig.rack.quality,
        "frames": info.frames, "sample_rate": info.rate, "seconds": took,
    }  # fmt: skip
    output.result(record, f"{path}: {seconds:.1f} s through '{name}', in {took:.1f} s")
    return 0


COMMAND = Command("play a recorded take through a preset of the rack", configure, run)
