"""Plans and sources for tests of sessions: short, and made in a moment."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from vastudio.audio import io
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import CapturePlan, Dial, StimulusChoice
from vastudio.capture.session import Session
from vastudio.capture.session_file import Setup, SourceChoice
from vastudio.capture.source import Request, Source, build_source
from vastudio.types import STANDARD_RATE, Audio, Knob

RATE = STANDARD_RATE
GAIN = Knob("gain", minimum=0.0, maximum=10.0, default=5.0)

AMPLIFY = """
import sys, time
import numpy, soundfile
given, made, gain = sys.argv[1:4]
audio, rate = soundfile.read(given, dtype="float32")
time.sleep(float(sys.argv[4]) if len(sys.argv) > 4 else 0.0)
soundfile.write(made, numpy.tanh((0.5 + float(gain)) * audio), rate, subtype="FLOAT")
"""
"""A soft clipper: input, output, gain, and seconds to wait before it writes."""


def signal(seconds: float = 0.6) -> Audio:
    """Noise that comes and goes, the same every time, peak 0.5."""
    random = np.random.default_rng(7)
    frames = int(seconds * RATE)
    noise = random.uniform(-0.5, 0.5, frames) * np.abs(np.sin(np.arange(frames) / 3000.0))
    return noise.astype(np.float32)


def plan(folder: Path, gains: tuple[float, ...] = (0.0, 5.0, 10.0)) -> CapturePlan:
    """Positions of one knob; the last one is for validation."""
    file = folder / "stimulus.wav"
    io.write(file, signal(), RATE)
    splits = ["train"] * (len(gains) - 1) + ["validation"]
    positions = tuple(
        Position({"gain": gain}, "validation" if split == "validation" else "train")
        for gain, split in zip(gains, splits, strict=True)
    )
    return CapturePlan((Dial(GAIN),), positions, StimulusChoice(file=file), "clipper")


def command_line(folder: Path, extra: str = "") -> str:
    """The command of a program that amplifies."""
    script = folder / "amplify.py"
    script.write_text(AMPLIFY)
    return f'"{sys.executable}" "{script}" {{input}} {{output}} {{gain}} {extra}'


def clipper(folder: Path) -> Source:
    """A source that runs that program."""
    return build_source("command", Request((GAIN,), {"command": command_line(folder)}, "clipper"))


def session_in(folder: Path, source: Source, planned: CapturePlan) -> Session:
    """Begin a session."""
    return Session.create(folder, planned, Setup.of(source, SourceChoice("command")))
