"""Loads that must not rise: while knobs turn, and while a sound dies away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vastudio.app.bench import networks
from vastudio.app.bench.instruments import Instrument, recurrent_cell
from vastudio.app.bench.processors import RACK_HIDDEN, whole_rack
from vastudio.app.bench.timing import Times, clock
from vastudio.kernels.denormals import flush_denormals, restore_denormals
from vastudio.kernels.jit import compiled
from vastudio.kernels.memory import address
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import glide, play
from vastudio.types import STANDARD_RATE, Audio

BLOCK = 64
HIDDEN = 32
TURN_FRAMES = STANDARD_RATE // 100
"""Samples between two turns of a knob: 100 turns a second."""

TAIL_SECONDS = 20.0
_TAIL_FROM, _TAIL_TO = 0.1, 1e-45
"""A tail falls from −20 dBFS to the smallest number there is in half of its time; then there is silence."""

_SPEECH_LEVEL = 0.1


@dataclass(frozen=True)
class Load:
    """A comparison of two loads: `measure(phrase, rounds)` returns the one in question and the usual one."""

    title: str
    kernel: str
    size: int | str
    measure: Callable[[Audio, int], tuple[Times, Times]]


def knob_turning(phrase: Audio, rounds: int) -> tuple[Times, Times]:
    """A GRU whose weights glide all the time, to a new goal 100 times a second, and one that rests."""
    voice = recurrent_cell("gru", HIDDEN).voice
    assert voice is not None
    goals = [settled(networks.random_cell("gru", HIDDEN, seed)).packed for seed in range(2)]
    steps = voice.program.glide_steps(STANDARD_RATE)
    out = np.empty_like(phrase)

    def run(steps: int) -> float:
        voice.jump_to(goals[0])
        return _nanoseconds(_turn_knobs, voice.at, phrase, out, address(goals[0]), address(goals[1]), steps)

    return _in_turns(lambda: run(steps), lambda: run(0), rounds)


def _turn_knobs(at: int, source: Audio, out: Audio, first: int, second: int, steps: int) -> None:
    """Play in blocks; with `steps`, glide to the goals at two addresses by turns."""
    previous = flush_denormals()
    next_turn = 0
    for begin in range(0, source.size, BLOCK):
        if steps > 0 and begin >= next_turn:
            glide(at, second if (next_turn // TURN_FRAMES) % 2 == 0 else first, steps)
            next_turn += TURN_FRAMES
        count = min(BLOCK, source.size - begin)
        play(at, source[begin : begin + count], out[begin : begin + count], count)
    restore_denormals(previous)


_turn_knobs = compiled(_turn_knobs)


def rack_turning(phrase: Audio, rounds: int) -> tuple[Times, Times]:
    """The same for the whole rack: what the audio callback has to do while a knob of the model turns."""
    rack = whole_rack()
    voice = rack.voice
    assert voice is not None
    goals = [settled(networks.random_cell("gru", RACK_HIDDEN, seed)).packed for seed in range(2)]
    turns = [phrase[at : at + TURN_FRAMES] for at in range(0, phrase.size, TURN_FRAMES)]

    def run(steps: int) -> float:
        voice.jump_to(goals[0])
        begun = clock()
        for number, stretch in enumerate(turns):
            if steps > 0:
                glide(voice.at, address(goals[number % 2]), steps)
            rack.play(stretch, BLOCK)
        return (clock() - begun) / phrase.size

    return _in_turns(lambda: run(voice.program.glide_steps(STANDARD_RATE)), lambda: run(0), rounds)


def tail(make: Callable[[], Instrument], _phrase: Audio, rounds: int) -> tuple[Times, Times]:
    """A sound that dies away into silence, and one as loud as speech all the time, both of 20 s."""
    instrument = make()
    dying, steady = tail_signals()

    def run(audio: Audio) -> float:
        instrument.reset()
        return _nanoseconds(instrument.play, audio, BLOCK)

    return _in_turns(lambda: run(dying), lambda: run(steady), rounds)


def tail_signals() -> tuple[Audio, Audio]:
    """Noise that dies away through the subnormal numbers into silence, and noise at a steady level."""
    frames = round(TAIL_SECONDS * STANDARD_RATE)
    noise = np.random.default_rng(0).uniform(-1.0, 1.0, frames)
    falling = np.zeros(frames)
    falling[: frames // 2] = np.geomspace(_TAIL_FROM, _TAIL_TO, frames // 2)
    return (noise * falling).astype(np.float32), (noise * _SPEECH_LEVEL).astype(np.float32)


def _in_turns(first: Callable[[], float], second: Callable[[], float], rounds: int) -> tuple[Times, Times]:
    """Times of two runs by turns, after one of each that does not count."""
    first(), second()
    turns = [(first(), second()) for _ in range(rounds)]
    return Times(tuple(turn[0] for turn in turns)), Times(tuple(turn[1] for turn in turns))


def _nanoseconds(work: Callable[..., Any], *arguments: Any) -> float:
    """Nanoseconds per sample of a run over the longest array among the arguments."""
    frames = max(argument.size for argument in arguments if isinstance(argument, np.ndarray))
    begun = clock()
    work(*arguments)
    return (clock() - begun) / frames


LOADS = (
    Load("knobs turning", "knob-turning", f"gru-{HIDDEN}", knob_turning),
    Load("knobs turning, the whole rack", "knob-turning", "rack", rack_turning),
    Load(
        "a tail",
        "tail",
        f"gru-{HIDDEN}",
        lambda phrase, rounds: tail(lambda: recurrent_cell("gru", HIDDEN), phrase, rounds),
    ),
)
