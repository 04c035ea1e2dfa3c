"""Frequency response at several levels: the linear part of what a sweep becomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.app.probe.levels import ratio_db
from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Verdict, fact
from vastudio.audio.level import from_db
from vastudio.audio.sweep import linear_response, octave_steps, sweep
from vastudio.types import KnobValues

LEVELS_DBFS = (-60.0, -40.0, -20.0, -6.0)
_TOLD = (40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 2560.0, 5120.0, 10240.0)


@dataclass(frozen=True)
class ResponseAt:
    """Gain in dB at each of the frequencies, for a sweep of this peak."""

    level_dbfs: float
    gain_db: tuple[float, ...]


@dataclass(frozen=True)
class Response:
    """Responses by ascending level at `hertz`, sixths of octaves from 20 Hz."""

    hertz: tuple[float, ...]
    responses: tuple[ResponseAt, ...]


def run(subject: Subject, values: KnobValues) -> Response:
    """Play a sweep at every level."""
    hz = octave_steps(subject.sample_rate)
    responses = []
    for level in LEVELS_DBFS:
        clean = sweep(from_db(level), subject.sample_rate)
        found = linear_response(clean, subject.play(clean, values), subject.sample_rate, hz)
        responses.append(ResponseAt(level, tuple(map(ratio_db, np.abs(found)))))
    return Response(tuple(round(float(f), 2) for f in hz), tuple(responses))


def judge(result: Response) -> tuple[Verdict, ...]:
    """Tell what is passed of quiet sounds, and how much louder ones are held down; there is no goal."""
    quiet, loud = result.responses[1], result.responses[-1]
    hz, gain = np.array(result.hertz), np.array(quiet.gain_db)
    passed = hz[gain >= gain.max() - 3.0]
    squeezed = round(max(quiet.gain_db) - max(loud.gain_db), 2)
    sentence = (
        f"Quiet sounds pass from {passed[0]:.0f} to {passed[-1]:.0f} Hz within 3 dB; "
        f"loud ones come out {squeezed:.1f} dB lower against their input."
    )
    return (fact("response", "Compression by level", squeezed, "dB", sentence),)


def grid(result: Response) -> Grid:
    """A row for every level, octaves only."""
    hz = np.array(result.hertz)
    places = [int(np.argmin(np.abs(hz - told))) for told in _TOLD if told <= hz[-1]]
    rows = (
        (f"{response.level_dbfs:g}", *(f"{response.gain_db[place]:.1f}" for place in places))
        for response in result.responses
    )
    return Grid(("dBFS", *(f"{hz[place]:.0f} Hz" for place in places)), tuple(rows))


MEASURE = Measure("Frequency response, gain in dB", run, judge, grid)
