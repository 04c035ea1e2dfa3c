"""Zipper noise: what a sine brings with it while a knob turns through its dial in a tenth of a second."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vastudio.app.probe.levels import power_db
from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.subject import Moves, Subject
from vastudio.app.probe.verdict import Scale, Verdict
from vastudio.audio.level import from_db
from vastudio.audio.tones import Tone, power, spectrum
from vastudio.types import Audio, Knob, KnobValues

HERTZ = 1000.0
LEVEL_DBFS = -12.0
TURN_SECONDS = 0.1
POSITIONS = 10
"""Places that the knob is sent to on its way, as a window does a hundred times a second."""

BESIDE_HZ = 200.0
"""Nearer to a line is the swelling and fading that turning a knob means."""

SCALE = Scale(-60.0, -40.0, "dB")
NO_MORE_THAN_STILL_DB = 3.0


@dataclass(frozen=True)
class ZipperAt:
    """Power beside the sine's lines over the power on them, while a knob turns and while it stands still."""

    knob: str
    moving_db: float
    still_db: float

    @property
    def is_heard(self) -> bool:
        """Whether turning adds to what is there without it."""
        return self.moving_db > self.still_db + NO_MORE_THAN_STILL_DB


@dataclass(frozen=True)
class Zipper:
    """One entry for each knob."""

    knobs: tuple[ZipperAt, ...]


def run(subject: Subject, values: KnobValues) -> Zipper | None:
    """Turn every knob; None without knobs, or where they cannot be turned while playing."""
    if subject.turn is None or not subject.knobs:
        return None
    return Zipper(tuple(_at(subject, values, knob) for knob in subject.knobs))


def _at(subject: Subject, values: KnobValues, knob: Knob) -> ZipperAt:
    assert subject.turn is not None
    tone = Tone.near(HERTZ, subject.sample_rate)
    sine = tone.sine(from_db(LEVEL_DBFS))
    moving = subject.turn(sine, _moves(knob, values, sine.size - tone.frames // 2, subject.sample_rate))
    ends = [subject.play(sine, {**values, knob.name: end}) for end in (knob.minimum, knob.maximum)]
    return ZipperAt(knob.name, _beside(moving, tone), max(_beside(end, tone) for end in ends))


def _moves(knob: Knob, values: KnobValues, middle: int, rate: int) -> Moves:
    """Through the dial in equal steps around the frame `middle`; a switch is switched there."""
    count = 1 if knob.kind == "switch" else POSITIONS
    places = np.linspace(knob.minimum, knob.maximum, count + 1)
    step = round(TURN_SECONDS * rate / count)
    begin = middle - (0 if count == 1 else count * step // 2)
    start = (0, {**values, knob.name: float(places[0])})
    return [
        start,
        *(
            (begin + index * step, {**values, knob.name: float(place)})
            for index, place in enumerate(places[1:])
        ),
    ]


def _beside(heard: Audio, tone: Tone) -> float:
    amplitudes = spectrum(heard, tone.frames)
    lines = tone.lines(round(BESIDE_HZ * tone.frames / tone.rate))
    beside = ~lines
    lines[: tone.cycles // 2] = False
    signal = power(amplitudes, lines)
    return power_db(power(amplitudes, beside) / signal if signal > 0.0 else 0.0)


def judge(result: Zipper) -> tuple[Verdict, ...]:
    """Judge the worst knob; what is there without turning is no zipper noise."""
    heard = [found for found in result.knobs if found.is_heard]
    worst = max(heard or result.knobs, key=lambda found: found.moving_db)
    verdict = SCALE.verdict("zipper", "Zipper noise", worst.moving_db, (
        "Knobs turn without a noise of their own.",
        f"Turning {worst.knob} fast brings a faint noise of its own.",
        f"Turning {worst.knob} fast rattles.",
    ))  # fmt: skip
    if not heard:
        sentence = "Knobs turn without more noise than there is when they stand still."
        verdict = replace(verdict, grade="good", sentence=sentence)
    return (verdict,)


def grid(result: Zipper) -> Grid:
    """A row for every knob."""
    rows = ((found.knob, f"{found.moving_db:.1f}", f"{found.still_db:.1f}") for found in result.knobs)
    return Grid(("knob", "turning dB", "still dB"), tuple(rows))


MEASURE = Measure("Zipper noise beside a sine", run, judge, grid)
