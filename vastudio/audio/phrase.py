"""Demonstration phrases: short scores for plucked strings and a pickup, made by the studio itself.

A phrase is laid on a ring: what still sounds at its end rings on over its beginning, so it loops without
a seam, however often.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.audio.pluck import Pluck, pluck
from vastudio.types import STANDARD_RATE, Audio

Floats = npt.NDArray[np.float64]

PEAK = 0.5
"""Peak of a phrase, −6 dBFS."""


@dataclass(frozen=True)
class Note:
    """Strings struck together or in a strum: MIDI notes in the order of striking; times in beats."""

    beat: float
    pitches: tuple[int, ...]
    beats: float
    style: Pluck
    strum_seconds: float = 0.011


@dataclass(frozen=True)
class Score:
    """A phrase to be played in a loop: notes, its length in beats, and the instrument's pickup."""

    notes: tuple[Note, ...]
    beats: float
    tempo: float
    pickup_hertz: float = 3400.0
    pickup_q: float = 1.5
    low_cut_hertz: float = 40.0
    seed: int = 1


def render(score: Score, rate: int = STANDARD_RATE) -> Audio:
    """Play a score: shape (frames,), peak −6 dBFS, no DC, seamless as a loop; equal on every call."""
    rng = np.random.default_rng(score.seed)
    seconds_per_beat = 60.0 / score.tempo
    ring = np.zeros(round(score.beats * seconds_per_beat * rate))
    for note in score.notes:
        for index, pitch in enumerate(note.pitches):
            start = round((note.beat * seconds_per_beat + index * note.strum_seconds) * rate)
            sound = pluck(pitch, note.beats * seconds_per_beat, rate, note.style, rng)
            np.add.at(ring, np.arange(start, start + sound.size) % ring.size, sound)
    heard = _pickup(ring, score, rate)
    return np.asarray(heard * (PEAK / np.max(np.abs(heard))), np.float32)


def _pickup(ring: Floats, score: Score, rate: int) -> Floats:
    """Filter a ring through the pickup's resonance and a low cut, in the frequency domain: no seam."""
    hertz = np.fft.rfftfreq(ring.size, 1.0 / rate)
    s = 1j * hertz / score.pickup_hertz
    cut = 1j * hertz / score.low_cut_hertz
    resonance = 1.0 / (1.0 + s / score.pickup_q + s * s)
    low_cut = (cut / (1.0 + cut)) ** 2
    return np.fft.irfft(np.fft.rfft(ring) * resonance * low_cut, ring.size)


_MUTED = Pluck(velocity=0.75, muted=0.55, pick_position=0.09)
_HARD = Pluck(velocity=0.95, pick_position=0.11)
_SOFT = Pluck(velocity=0.6, pick_position=0.2)
_LEAD = Pluck(velocity=0.9, pick_position=0.14)


def _each(pitch: int, beats: Iterable[float], style: Pluck, length: float = 0.45) -> tuple[Note, ...]:
    return tuple(Note(beat, (pitch,), length, style) for beat in beats)


def _power(root: int, beat: float, beats: float, style: Pluck = _HARD) -> Note:
    return Note(beat, (root, root + 7, root + 12), beats, style, strum_seconds=0.006)


def _line(notes: Iterable[tuple[float, int, float]], style: Pluck) -> tuple[Note, ...]:
    return tuple(Note(beat, (pitch,), beats, style) for beat, pitch, beats in notes)


_E_MINOR, _C_NINE = (40, 47, 52, 55, 59, 64), (48, 52, 55, 62, 64)

RIFF = Score(
    notes=(
        *_each(40, (0.0, 0.5, 1.5, 2.75, 3.5, 4.0, 4.5, 5.5), _MUTED),
        _power(43, 1.0, 0.48),
        _power(45, 2.0, 0.7),
        _power(43, 3.0, 0.48),
        _power(43, 5.0, 0.48),
        _power(48, 6.0, 0.7),
        *_each(47, (6.75,), _MUTED, 0.25),
        _power(47, 7.0, 0.95),
        Note(8.0, _E_MINOR, 2.0, _SOFT, strum_seconds=0.018),
        Note(10.0, _C_NINE, 2.0, _SOFT, strum_seconds=0.16),
        Note(12.0, (40,), 2.0, Pluck(velocity=0.6)),
        *_line([(12.0, 71, 0.48), (12.5, 74, 0.48)], _LEAD),
        Note(13.0, (74,), 1.0, Pluck(velocity=0.95, bend=2.0, vibrato=0.12)),
        *_line([(14.0, 71, 0.48), (14.5, 69, 0.48), (15.0, 67, 0.25)], _LEAD),
        Note(15.25, (64,), 0.9, Pluck(velocity=0.85, vibrato=0.25)),
    ),
    beats=16.0,
    tempo=92.0,
)
"""Palm-muted riff, power chords, open chords, and a lick with a bend: 10.4 s."""


def _strums(beat: float, chord: tuple[int, ...]) -> tuple[Note, ...]:
    """A bar of strumming: a full down-stroke, two light up-strokes, a down-stroke."""
    up = Pluck(velocity=0.5, pick_position=0.25)
    down = Pluck(velocity=0.75, pick_position=0.18)
    return (
        Note(beat, chord, 1.5, down, strum_seconds=0.013),
        Note(beat + 1.5, chord[:1:-1], 0.5, up, strum_seconds=0.008),
        Note(beat + 2.0, chord[1:], 1.0, Pluck(velocity=0.65, pick_position=0.2), strum_seconds=0.011),
        Note(beat + 3.0, chord[:1:-1], 0.5, up, strum_seconds=0.008),
        Note(beat + 3.5, chord[:3], 0.5, down, strum_seconds=0.009),
    )


CHORDS = Score(
    notes=(
        *_strums(0.0, (40, 47, 52, 55, 62, 67)),
        *_strums(4.0, (43, 47, 50, 55, 62, 67)),
        *_strums(8.0, (45, 52, 57, 62, 64)),
        *_strums(12.0, (48, 52, 55, 62, 64)),
    ),
    beats=16.0,
    tempo=88.0,
    pickup_hertz=4200.0,
    pickup_q=1.2,
    seed=2,
)
"""Four bars of strummed open chords on a brighter pickup: 10.9 s."""

BASS = Score(
    notes=_line(
        [
            *[
                (0.0, 28, 0.9),
                (1.0, 28, 0.4),
                (1.5, 31, 0.45),
                (2.0, 33, 0.9),
                (3.0, 35, 0.45),
                (3.5, 38, 0.45),
            ],
            *[
                (4.0, 40, 0.9),
                (5.0, 38, 0.4),
                (5.5, 35, 0.45),
                (6.0, 33, 0.9),
                (7.0, 31, 0.45),
                (7.5, 30, 0.45),
            ],
            *[
                (8.0, 36, 0.9),
                (9.0, 36, 0.4),
                (9.5, 40, 0.45),
                (10.0, 43, 0.9),
                (11.0, 40, 0.45),
                (11.5, 36, 0.45),
            ],
            *[(12.0, 35, 0.9), (13.0, 35, 0.4), (13.5, 38, 0.45), (14.0, 42, 0.9), (15.0, 33, 0.9)],
        ],
        Pluck(velocity=0.7, pick_position=0.22),
    ),
    beats=16.0,
    tempo=96.0,
    pickup_hertz=2400.0,
    pickup_q=0.9,
    low_cut_hertz=25.0,
    seed=3,
)
"""A walking bass line down to 41 Hz: 10 s."""

SCORES = {"riff": RIFF, "chords": CHORDS, "bass": BASS}
"""The phrases by file name."""
