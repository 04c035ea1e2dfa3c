"""vastudio render: play an audio file through a model into another file, each channel by itself."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from vastudio.audio import io
from vastudio.audio.level import peak_db
from vastudio.audio.resample import resample
from vastudio.cli._command import Command, Output, add_knobs, add_quality, add_size, knob_text, parse_knobs
from vastudio.engine import cabinet
from vastudio.engine.effects import Effect
from vastudio.engine.equaliser import BAND_KINDS, Band, Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import apply, render_automation
from vastudio.engine.quality import Quality
from vastudio.errors import KnobError, OutputError
from vastudio.modelfile import reading
from vastudio.types import Audio, KnobValues

LARGEST_BLOCK = 1 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("model", type=Path, help="model file (.vamodel, .nam, .aidax, .json)")
    parser.add_argument("input", type=Path, help="audio file to play")
    parser.add_argument("output", type=Path, help="WAV file to write (32-bit float)")
    add_knobs(parser)
    add_size(parser)
    add_quality(parser)
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
    model = PlayableModel.from_file(reading.load(arguments.model, arguments.size))
    model = model.at_quality(Quality(arguments.quality))
    audio, file_rate = io.read_channels(arguments.input)
    rate = model.sample_rate
    if file_rate != rate:
        output.say(
            f"{arguments.input} is at {file_rate} Hz, the model runs at {rate} Hz: converted both ways"
        )
    knobs = parse_knobs(arguments.knob)
    moves = _moves(arguments.turn, knobs, rate)
    before, after = _effects(arguments)

    def play(channel: Audio) -> Audio:
        """Everything runs at the model's rate; what comes out is as long as the file."""
        frames, channel = channel.size, resample(channel, file_rate, rate)
        for effect in before:
            channel = apply(effect, channel, rate, arguments.block)
        channel = render_automation(model, channel, moves, arguments.block)
        for effect in after:
            channel = apply(effect, channel, rate, arguments.block)
        return _as_long_as(frames, resample(channel, rate, file_rate))

    channels = [play(channel) for channel in audio.T]
    rendered = channels[0] if len(channels) == 1 else np.stack(channels, axis=1)
    io.write(arguments.output, rendered, file_rate)
    positions = {knob.name: knobs.get(knob.name, knob.default) for knob in model.knobs}
    peak = max(peak_db(channel) for channel in channels)
    record = {
        "output": arguments.output, "frames": len(rendered), "channels": len(channels),
        "sample_rate": file_rate, "model_rate": rate, "quality": model.quality,
        "knobs": positions, "peak_db": peak if np.isfinite(peak) else None,
    }  # fmt: skip
    seconds = len(rendered) / file_rate
    output.result(
        record, f"{arguments.output}: {seconds:.2f} s at {knob_text(positions)}, peak {peak:.1f} dBFS"
    )
    return 0


def _as_long_as(frames: int, channel: Audio) -> Audio:
    """Cut or fill up by the sample or two that conversion leaves too much or too little."""
    return channel[:frames] if channel.size >= frames else np.pad(channel, (0, frames - channel.size))


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
