"""vastudio render: play an audio file through a model into another file, each channel by itself."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from vastudio.audio import io
from vastudio.audio.level import peak_db
from vastudio.cli._command import Command, Output, add_knobs, knob_text, parse_knobs
from vastudio.engine import cabinet
from vastudio.engine.effects import Effect
from vastudio.engine.equaliser import BAND_KINDS, Band, Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import apply, render_automation
from vastudio.errors import AudioFileError, KnobError, OutputError
from vastudio.modelfile import store
from vastudio.types import Audio, KnobValues

LARGEST_BLOCK = 1 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("model", type=Path, help="model file (.vamodel)")
    parser.add_argument("input", type=Path, help="audio file to play")
    parser.add_argument("output", type=Path, help="WAV file to write (32-bit float)")
    add_knobs(parser)
    parser.add_argument(
        "--turn", action="append", default=[], metavar="SECONDS:NAME=VALUE",
        help="turn a knob while playing; may be repeated",
    )  # fmt: skip
    parser.add_argument("--gate", type=float, metavar="DB", help="noise gate in front, its threshold in dBFS")
    parser.add_argument(
        "--band", action="append", default=[], metavar="KIND:HZ[:DB[:Q]]",
        help=f"equaliser band behind the model; may be repeated; kinds: {', '.join(BAND_KINDS)}",
    )  # fmt: skip
    parser.add_argument("--cabinet", type=Path, metavar="FILE", help="impulse response of a loudspeaker")
    parser.add_argument("--block", type=int, default=64, help="frames per block; never changes the sound")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Render with the kernels the player uses."""
    if not 1 <= arguments.block <= LARGEST_BLOCK:
        raise OutputError(f"{arguments.block} is not a block size.", f"Choose 1 to {LARGEST_BLOCK} frames.")
    if arguments.output.suffix.lower() != ".wav":
        raise OutputError(f"{arguments.output} is not a WAV file name.", "End the output's name in .wav.")
    model = PlayableModel.from_file(store.load(arguments.model))
    audio, rate = io.read_channels(arguments.input)
    if rate != model.sample_rate:
        raise AudioFileError(
            f"{arguments.input} is at {rate} Hz, the model runs at {model.sample_rate} Hz.",
            "Convert the file to the model's rate first.",
        )
    knobs = parse_knobs(arguments.knob)
    moves = _moves(arguments.turn, knobs, rate)
    before, after = _effects(arguments)

    def play(channel: Audio) -> Audio:
        for effect in before:
            channel = apply(effect, channel, rate, arguments.block)
        channel = render_automation(model, channel, moves, arguments.block)
        for effect in after:
            channel = apply(effect, channel, rate, arguments.block)
        return channel

    channels = [play(channel) for channel in audio.T]
    rendered = channels[0] if len(channels) == 1 else np.stack(channels, axis=1)
    io.write(arguments.output, rendered, rate)
    positions = {knob.name: knobs.get(knob.name, knob.default) for knob in model.knobs}
    peak = max(peak_db(channel) for channel in channels)
    record = {
        "output": arguments.output, "frames": len(rendered), "channels": len(channels),
        "sample_rate": rate,
        "knobs": positions, "peak_db": peak if np.isfinite(peak) else None,
    }  # fmt: skip
    output.result(
        record,
        f"{arguments.output}: {len(rendered) / rate:.2f} s at {knob_text(positions)}, peak {peak:.1f} dBFS",
    )
    return 0


def _effects(arguments: argparse.Namespace) -> tuple[list[Effect], list[Effect]]:
    """What plays in front of the model and behind it. Raises KnobError, AudioFileError."""
    before: list[Effect] = [] if arguments.gate is None else [Gate(threshold_db=arguments.gate)]
    after: list[Effect] = [Equaliser(tuple(map(_band, arguments.band)))] if arguments.band else []
    if arguments.cabinet is not None:
        after.append(cabinet.load(arguments.cabinet))
    return before, after


def _band(text: str) -> Band:
    kind, *numbers = text.split(":")
    try:
        frequency, *rest = (float(number) for number in numbers)
        return Band(kind, frequency, *rest)  # type: ignore[arg-type]  # Band refuses unknown kinds
    except (ValueError, TypeError) as error:
        raise KnobError(
            f"'{text}' is not an equaliser band.", "Write it e.g. as --band peaking:700:3:1.", str(error)
        ) from error


def _moves(turns: list[str], start: KnobValues, rate: int) -> list[tuple[int, KnobValues]]:
    """Read `SECONDS:NAME=VALUE` into moves in order of time. Raises KnobError for anything else."""
    moves: list[tuple[float, KnobValues]] = []
    for turn in turns:
        time, _, setting = turn.partition(":")
        try:
            seconds = float(time)
        except ValueError:
            seconds = math.nan
        if not 0 < seconds < math.inf:
            raise KnobError(f"'{turn}' does not say when to turn.", "Write it e.g. as --turn 1.5:drive=0.7.")
        moves.append((seconds, parse_knobs([setting])))
    moves.sort(key=lambda move: move[0])
    values, timed = dict(start), [(0, start)]
    for seconds, turned in moves:
        values = {**values, **turned}
        timed.append((max(1, round(seconds * rate)), values))
    return timed


COMMAND = Command("play an audio file through a model", configure, run)
