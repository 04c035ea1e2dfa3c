"""Start-up pop: what is heard in silence when a model is loaded, and when a knob jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.app.probe.levels import ratio_db
from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Scale, Verdict
from vastudio.types import Audio, Knob, KnobValues

SECONDS = 0.05
"""How long a pop may take; after it the model is taken to be at rest."""

SCALE = Scale(-80.0, -50.0, "dBFS")


@dataclass(frozen=True)
class Jump:
    """Highest excursion while the knob jumps from one end of its dial to the other, in silence."""

    knob: str
    pop_dbfs: float


@dataclass(frozen=True)
class Startup:
    """Highest excursion after loading, and at jumps of each knob (none where they cannot be turned)."""

    load_pop_dbfs: float
    jumps: tuple[Jump, ...]


def run(subject: Subject, values: KnobValues) -> Startup:
    """Play silence, then jump with every knob, in both directions."""
    window = round(SECONDS * subject.sample_rate)
    loaded = subject.play(np.zeros(2 * window, np.float32), values)
    knobs = subject.knobs if subject.turn else ()
    return Startup(_pop(loaded, window), tuple(_jump(subject, values, knob, window) for knob in knobs))


def _jump(subject: Subject, values: KnobValues, knob: Knob, window: int) -> Jump:
    assert subject.turn is not None
    ends, silence = (knob.minimum, knob.maximum), np.zeros(3 * window, np.float32)
    pops = []
    for before, after in (ends, ends[::-1]):
        moves = [(0, {**values, knob.name: before}), (window, {**values, knob.name: after})]
        pops.append(_pop(subject.turn(silence, moves)[window:], window))
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
    return load, jump


def grid(result: Startup) -> Grid:
    """A row for loading and one for every knob."""
    rows = (("loaded", result.load_pop_dbfs), *((jump.knob, jump.pop_dbfs) for jump in result.jumps))
    return Grid(("when", "pop dBFS"), tuple((name, f"{level:.1f}") for name, level in rows))


MEASURE = Measure("Pops in silence", run, judge, grid)
