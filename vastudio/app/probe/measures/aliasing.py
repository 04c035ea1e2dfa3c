"""Aliasing: what steady sines bring with them that is not their harmonics."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vastudio.app.probe.levels import power_db, tidy_db
from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Scale, Verdict
from vastudio.audio.aliasing import purity
from vastudio.audio.level import from_db
from vastudio.audio.resolution import FINEST_BITS, resolution_bits
from vastudio.audio.tones import Tone, spectrum
from vastudio.types import Audio, KnobValues

LEVEL_DBFS = -12.0
LOWEST_HZ = 82.4
STEPS = 48
HIGHEST_NOTE_HZ = 1350.0
"""Just above the last fret of a guitar: higher sines are shown, but nobody plays them as loud as this."""

BANDS = 96
"""Of the picture, linear from 0 to half the rate."""

SCALE = Scale(-55.0, -40.0, "dB")
"""The best recurrent models at their own rate keep their worst note at −55 dB."""


_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True)
class AliasingAt:
    """One step of the sweep, in dB over the power of the sine and its harmonics.

    Attributes
    ----------
    alias_to_signal_db:
        Everything off the harmonics.
    lines_db, noise_db:
        What of it stands out as lines, and the rest.
    beyond_steps_db:
        Without what the steps account for that a coarse output moves in: those are `resolution`'s.
    picture_dbfs:
        Highest line in each of `BANDS` bands.
    """

    fundamental_hz: float
    alias_to_signal_db: float
    lines_db: float
    noise_db: float
    beyond_steps_db: float
    picture_dbfs: tuple[float, ...]


@dataclass(frozen=True)
class Aliasing:
    """A stepped sweep of sines with peaks at `level_dbfs`, and the worst of the notes that are played.

    Attributes
    ----------
    worst_db, median_db:
        Alias-to-signal ratio over the notes of a guitar.
    beyond_steps_db:
        The highest of the notes' own.
    """

    level_dbfs: float
    steps: tuple[AliasingAt, ...]
    worst_hz: float
    worst_note: str
    worst_db: float
    median_db: float
    beyond_steps_db: float


def run(subject: Subject, values: KnobValues) -> Aliasing:
    """Play every step, from a low E to 0.45 of the rate."""
    steps = tuple(measured(subject, values, tone) for tone in sweep(subject.sample_rate))
    notes = [step for step in steps if step.fundamental_hz <= HIGHEST_NOTE_HZ]
    worst = max(notes, key=lambda step: step.alias_to_signal_db)
    return Aliasing(
        LEVEL_DBFS,
        steps,
        worst.fundamental_hz,
        note_name(worst.fundamental_hz),
        worst.alias_to_signal_db,
        tidy_db(float(np.median([step.alias_to_signal_db for step in notes]))),
        max(step.beyond_steps_db for step in notes),
    )


def sweep(rate: int, highest_hz: float = math.inf) -> list[Tone]:
    """Return the sines of the sweep at `rate` in Hz, up to `highest_hz`, in ascending order."""
    steps = np.geomspace(LOWEST_HZ, 0.45 * rate, STEPS)
    return [Tone.near(hz, rate) for hz in steps if hz <= highest_hz]


def measured(subject: Subject, values: KnobValues, tone: Tone) -> AliasingAt:
    """Play one step of the sweep."""
    heard = subject.play(tone.sine(from_db(LEVEL_DBFS)), values)
    found = purity(heard, tone)
    alias, lines, noise = (tidy_db(part) for part in (found.alias_db, found.lines_db, found.noise_db))
    beyond = power_db(10.0 ** (found.alias_db / 10.0) - _steps(heard[-tone.frames :]))
    return AliasingAt(round(tone.hz, 2), alias, lines, noise, beyond, _picture(heard, tone))


def _steps(heard: Audio) -> float:
    """Power of the error of rounding to the steps that a signal moves in, over its own; 0 without steps."""
    bits, own = resolution_bits(heard), float(np.var(heard))
    return (2.0 ** (1.0 - bits)) ** 2 / 12.0 / own if bits < FINEST_BITS and own > 0.0 else 0.0


def _picture(heard: Audio, tone: Tone) -> tuple[float, ...]:
    powers = np.abs(spectrum(heard, tone.frames)) ** 2
    edges = np.linspace(0, powers.size - 1, BANDS, endpoint=False).astype(np.intp)
    return tuple(round(power_db(float(top)), 1) for top in np.maximum.reduceat(powers, edges))


def note_name(hz: float) -> str:
    """Return the name of the nearest note, A4 = 440 Hz, e.g. `C7`."""
    midi = round(69 + 12 * math.log2(hz / 440.0))
    return f"{_NAMES[midi % 12]}{midi // 12 - 1}"


def judge(result: Aliasing) -> tuple[Verdict, ...]:
    """Judge the worst note."""
    where = f"worst at {result.worst_note} ({result.worst_hz:.0f} Hz)"
    return (
        SCALE.verdict("aliasing", "Aliasing", result.beyond_steps_db, (
            f"The notes of a guitar stay free of tones that do not belong to them; {where}.",
            f"High notes carry a trace of tones that do not belong to them, {where}.",
            f"High notes bring tones with them that do not belong to them, {where}.",
        )),
    )  # fmt: skip


def grid(result: Aliasing) -> Grid:
    """Every fourth step, and the worst."""
    shown = [
        step
        for index, step in enumerate(result.steps)
        if index % 4 == 0 or step.fundamental_hz == result.worst_hz
    ]
    rows = (
        (
            f"{step.fundamental_hz:.0f}",
            note_name(step.fundamental_hz),
            f"{step.alias_to_signal_db:.1f}",
            f"{step.lines_db:.1f}",
            f"{step.noise_db:.1f}",
        )
        for step in shown
    )
    return Grid(("Hz", "note", "alias to signal dB", "lines dB", "noise dB"), tuple(rows))


MEASURE = Measure(f"Aliasing of sines at {LEVEL_DBFS:g} dBFS", run, judge, grid)
