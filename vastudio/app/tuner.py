"""A chromatic tuner: what note is played, and by how much it is off."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

import numpy as np

from vastudio.audio.pitch import find_pitch
from vastudio.types import Audio

NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
CONCERT_PITCH_HZ = 440.0
LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ = 415.0, 466.0
IN_TUNE_CENTS = 2.0
QUIETEST_DB = -66.0
"""RMS below which a string counts as silent, dBFS."""

WINDOW_SECONDS = 0.2
"""How much of the input one reading is made of: six periods of a bass's low B."""

_SMOOTHED = 5
_SAME_CENTS = 60.0
_HELD = 6
"""Readings without a pitch after which the note goes."""


@dataclass(frozen=True)
class Reading:
    """A note.

    Attributes
    ----------
    note, octave:
        `E`, 2; the A of 440 Hz is in octave 4.
    cents:
        How much too high it is, −50 to 50.
    frequency_hz:
        Of the string.
    """

    note: str
    octave: int
    cents: float
    frequency_hz: float

    @property
    def is_in_tune(self) -> bool:
        """Whether nobody would hear it as off."""
        return abs(self.cents) <= IN_TUNE_CENTS


def note_of(frequency_hz: float, concert_pitch_hz: float = CONCERT_PITCH_HZ) -> Reading:
    """Return the nearest note of the equal temperament."""
    semitones = 69.0 + 12.0 * math.log2(frequency_hz / concert_pitch_hz)
    nearest = round(semitones)
    return Reading(NOTES[nearest % 12], nearest // 12 - 1, 100.0 * (semitones - nearest), frequency_hz)


class Tuner:
    """Reads one stretch of input after another; one thread at a time."""

    def __init__(self, concert_pitch_hz: float = CONCERT_PITCH_HZ) -> None:
        self.concert_pitch_hz = concert_pitch_hz
        self._recent: deque[float] = deque(maxlen=_SMOOTHED)
        self._without = 0

    def read(self, audio: Audio, rate: int) -> Reading | None:
        """Return the note in the newest `WINDOW_SECONDS` of input; None for silence and for noise.

        The middle of the last readings counts, so that the pick's noise does not move the needle. A note that
        is lost is held for a moment.
        """
        loud = np.sqrt(np.mean(np.square(audio, dtype=np.float64))) >= 10.0 ** (QUIETEST_DB / 20.0)
        pitch = find_pitch(audio, rate) if loud else None
        if pitch is None:
            self._without += 1
            if self._without >= _HELD:
                self._recent.clear()
        else:
            self._without = 0
            self._take(pitch.frequency_hz)
        return note_of(median(self._recent), self.concert_pitch_hz) if self._recent else None

    def _take(self, frequency_hz: float) -> None:
        """Another note begins anew."""
        if self._recent and abs(1200.0 * math.log2(frequency_hz / self._recent[-1])) > _SAME_CENTS:
            self._recent.clear()
        self._recent.append(frequency_hz)
