"""vastudio render: play an audio file through a model into another file."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from vastudio.audio import io
from vastudio.audio.level import peak_db
from vastudio.cli._command import Command, Output, add_knobs, knob_text, parse_knobs
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import AudioFileError, OutputError
from vastudio.modelfile import store

LARGEST_BLOCK = 1 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("model", type=Path, help="model file (.vamodel)")
    parser.add_argument("input", type=Path, help="audio file to play")
    parser.add_argument("output", type=Path, help="WAV file to write (32-bit float)")
    add_knobs(parser)
    parser.add_argument("--block", type=int, default=64, help="frames per block; never changes the sound")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Render with the kernels the player uses."""
    if not 1 <= arguments.block <= LARGEST_BLOCK:
        raise OutputError(f"{arguments.block} is not a block size.", f"Choose 1 to {LARGEST_BLOCK} frames.")
    if arguments.output.suffix.lower() != ".wav":
        raise OutputError(f"{arguments.output} is not a WAV file name.", "End the output's name in .wav.")
    model = PlayableModel.from_file(store.load(arguments.model))
    audio, rate = io.read(arguments.input)
    if rate != model.sample_rate:
        raise AudioFileError(
            f"{arguments.input} is at {rate} Hz, the model runs at {model.sample_rate} Hz.",
            "Convert the file to the model's rate first.",
        )
    knobs = parse_knobs(arguments.knob)
    rendered = render(model, audio, knobs, block=arguments.block)
    io.write(arguments.output, rendered, rate)
    positions = {knob.name: knobs.get(knob.name, knob.default) for knob in model.knobs}
    peak = peak_db(rendered)
    record = {
        "output": arguments.output, "frames": len(rendered), "sample_rate": rate,
        "knobs": positions, "peak_db": peak if np.isfinite(peak) else None,
    }  # fmt: skip
    output.result(
        record,
        f"{arguments.output}: {len(rendered) / rate:.2f} s at {knob_text(positions)}, peak {peak:.1f} dBFS",
    )
    return 0


COMMAND = Command("play an audio file through a model", configure, run)
