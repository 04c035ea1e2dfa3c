"""Pops: what is heard in silence when a model is loaded, and when a knob jumps or is turned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.app.probe.levels import ratio_db
from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.measures.zipper import POSITIONS, TURN_SECONDS
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Scale, Verdict
from vastudio.types import Audio, Knob, KnobValues

SECONDS = 0.05
"""How long a pop may take; after it the model is taken to be at rest."""

SCALE = Scale(-80.0, -50.0, "dBFS")

TURN_SCALE = Scale(-60.0, -40.0, "dBFS")
"""A hand that sweeps a whole dial in a tenth of a second is seldom listened through."""


@dataclass(frozen=True)
class Jump:
    """Highest excursion in silence while the knob goes from one end of its dial to the other."""

    knob: str
    pop_dbfs: float


@dataclass(frozen=True)
class Startup:
    """Highest excursion after loading, at jumps of each knob and while it is turned.

    There are none of the latter two where knobs cannot be turned; turned is what is no switch.
    """

    load_pop_dbfs: float
    jumps: tuple[Jump, ...]
    turns: tuple[Jump, ...] = ()


def run(subject: Subject, values: KnobValues) -> Startup:
    """Play silence, then jump with every knob and turn it, in both directions."""
    window = round(SECONDS * subject.sample_rate)
    loaded = subject.play(np.zeros(2 * window, np.float32), values)
    knobs = subject.knobs if subject.turn else ()
    return Startup(
        _pop(loaded, window),
        tuple(_moved(subject, values, knob, 1, window) for knob in knobs),
        tuple(_moved(subject, values, knob, POSITIONS, window) for knob in knobs if knob.kind != "switch"),
    )


def _moved(subject: Subject, values: KnobValues, knob: Knob, count: int, window: int) -> Jump:
    """Go through the dial in so many moves of 10 ms, there and back."""
    assert subject.turn is not None
    step = round(TURN_SECONDS * subject.sample_rate / POSITIONS)
    taken = (count - 1) * step + window
    silence, pops = np.zeros(window + taken + window, np.float32), []
    for ends in ((knob.minimum, knob.maximum), (knob.maximum, knob.minimum)):
        places = np.linspace(*ends, count + 1)
        moves = [(0, {**values, knob.name: float(places[0])})]
        moves += [
            (window + index * step, {**values, knob.name: float(place)})
            for index, place in enumerate(places[1:])
        ]
        pops.append(_pop(subject.turn(silence, moves)[window:], taken))
    return Jump(knob.name, max(pops))


def _pop(heard: Audio, window: int) -> float:
    """How far the first `window` samples leave what the rest of them stays within."""
    middle = np.mean(heard[window:], dtype=np.float64)
    first, later = (float(np.abs(part - middle).max()) for part in np.split(heard, [window]))
    return ratio_db(max(0.0, first - later))


def judge(result: Startup) -> tuple[Verdict, ...]:
    """Judge loading and the worst jump."""
    load = SCALE.verdict("startup_pop", "Pop when loaded", result.load_pop_dbfs, (
        "Loading the model makes no sound.",
        "Loading the model clicks very softly.",
        "Loading the model pops.",
    ))  # fmt: skip
    if not result.jumps:
        return (load,)
    worst = max(result.jumps, key=lambda jump: jump.pop_dbfs)
    jump = SCALE.verdict("jump_pop", "Pop when a knob jumps", worst.pop_dbfs, (
        "Knobs jump in silence without a sound.",
        f"A jump of {worst.knob} in silence clicks very softly.",
        f"A jump of {worst.knob} in silence pops.",
    ))  # fmt: skip
    if not result.turns:
        return load, jump
    worst = max(result.turns, key=lambda turned: turned.pop_dbfs)
    turn = TURN_SCALE.verdict("turn_pop", "Thump when a knob turns", worst.pop_dbfs, (
        "Knobs turn in silence without being heard.",
        f"Turning {worst.knob} fast in silence thumps softly.",
        f"Turning {worst.knob} fast in silence thumps.",
    ))  # fmt: skip
    return load, jump, turn


def grid(result: Startup) -> Grid:
    """A row for loading, and for every knob one for jumping and one for turning."""
    rows = (
        ("loaded", result.load_pop_dbfs),
        *((f"{jump.knob} jumps", jump.pop_dbfs) for jump in result.jumps),
        *((f"{turn.knob} turns", turn.pop_dbfs) for turn in result.turns),
    )
    return Grid(("when", "pop dBFS"), tuple((name, f"{level:.1f}") for name, level in rows))


MEASURE = Measure("Pops in silence", run, judge, grid)
