"""The controlling side of the metronome: what it is set to, and when its beats are (`kernels.metronome`).

One thread, the one that steers the player, calls everything here; nothing waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.engine.levels import gain
from vastudio.engine.mail import Mailbox
from vastudio.errors import KnobError
from vastudio.kernels import desk
from vastudio.kernels.memory import address
from vastudio.types import Audio

SLOWEST_BPM, FASTEST_BPM = 30.0, 300.0
MOST_BEATS, MOST_PARTS = 12, 4
LOWEST_DB, HIGHEST_DB = -60.0, 0.0

_CLICK_SECONDS = 0.03
_CLICKS = ((1760.0, 0.5), (1174.7, 0.35), (880.0, 0.18))
"""Hertz and level of the click of a bar, a beat, and a part of a beat."""
_LONG_AGO = -(1 << 40)
_UNIT = 1 << desk.BEAT_SHIFT


@dataclass(frozen=True)
class Beat:
    """What the metronome is set to.

    Attributes
    ----------
    bpm:
        Beats in a minute, 30 to 300.
    beats:
        Beats in a bar, 1 to 12; the first has an accent where there are more than one.
    parts:
        Clicks in a beat, 1 to 4.
    level_db:
        −60 to 0 dB.

    Raises KnobError when a number is out of its range.
    """

    bpm: float = 120.0
    beats: int = 4
    parts: int = 1
    level_db: float = -6.0

    def __post_init__(self) -> None:
        for name, value, lowest, highest in (
            ("tempo", self.bpm, SLOWEST_BPM, FASTEST_BPM),
            ("bar", self.beats, 1, MOST_BEATS),
            ("subdivision", self.parts, 1, MOST_PARTS),
            ("level", self.level_db, LOWEST_DB, HIGHEST_DB),
        ):
            if not lowest <= value <= highest:
                raise KnobError(
                    f"The metronome's {name} cannot be {value:g}.",
                    f"Its range is {lowest:g} to {highest:g}.",
                )


@dataclass(frozen=True)
class BeatGrid:
    """When the beats are, in frames of the player's clock: beat k at `origin` + k · `period`."""

    origin: float
    period: float
    beats: int

    def nearest_beat(self, frame: int) -> int:
        """The frame of the beat that is nearest to a frame."""
        return math.ceil(self.origin + round((frame - self.origin) / self.period) * self.period)

    def nearest_bar(self, frame: int) -> int:
        """The frame of the first beat of the bar that begins nearest to a frame."""
        bar = self.period * self.beats
        return math.ceil(self.origin + round((frame - self.origin) / bar) * bar)

    def whole_bars(self, frames: int) -> int:
        """The length in frames of the whole bars that come nearest to a length; at least one."""
        bar = self.period * self.beats
        return round(max(1, round(frames / bar)) * bar)

    def beat_at(self, frame: int) -> tuple[int, float]:
        """Which beat of the bar a frame lies in, from 0, and how far into it, 0..1."""
        passed = (frame - self.origin) / self.period
        return int(math.floor(passed) % self.beats), passed - math.floor(passed)


class Metronome:
    """The metronome of one chain: stopped, 4/4 at 120 at first. `set_rate` comes first."""

    def __init__(self, ints: npt.NDArray[np.int64], floats: npt.NDArray[np.float64]) -> None:
        self._ints, self._floats = ints, floats
        self._mail = Mailbox(ints, desk.BEAT_MAIL, desk.BEAT_TAKEN)
        ints[desk.BEAT_FROM] = _LONG_AGO
        ints[desk.BEAT_PARTS_NOW] = 1
        self._beat, self._is_on = Beat(), False
        self._rate = 0
        self._clicks = np.zeros((desk.BEAT_KINDS, 0), np.float32)

    def set_rate(self, sample_rate: int) -> None:
        """Set the sample rate in Hz. Only while nothing drives the chain; the beats begin anew."""
        if sample_rate == self._rate:
            return
        self._rate = sample_rate
        self._clicks = clicks(sample_rate)
        self._ints[desk.BEAT_RUNS] = 0
        self._ints[desk.BEAT_FROM] = _LONG_AGO
        self._send()

    @property
    def beat(self) -> Beat:
        """What it is set to."""
        return self._beat

    @property
    def is_on(self) -> bool:
        """Whether it was asked to sound."""
        return self._is_on

    def set_beat(self, beat: Beat) -> None:
        """Go on at other settings; another tempo keeps the place between two beats."""
        self._beat = beat
        self._send()

    def set_on(self, on: bool) -> None:
        """Begin with the first beat of a bar, or end."""
        if on != self._is_on:
            self._is_on = on
            self._send()

    def _send(self) -> None:
        beat = self._beat
        self._floats[desk.BEAT_LEVEL] = gain(beat.level_db) if beat.level_db > LOWEST_DB else 0.0
        places = {
            desk.BEAT_ON: int(self._is_on),
            desk.BEAT_PERIOD_ASKED: round(60.0 * self._rate / beat.bpm * _UNIT),
            desk.BEAT_BEATS: beat.beats,
            desk.BEAT_PARTS: beat.parts,
            desk.BEAT_CLICKS: address(self._clicks),
            desk.BEAT_FRAMES: self._clicks.shape[1],
        }
        self._mail.send(places, self._clicks)

    def flush(self) -> None:
        """Send what had to wait for the callback."""
        self._mail.flush()

    @property
    def grid(self) -> BeatGrid | None:
        """When its beats are; None while it does not run, or is about to change."""
        if not self._is_on or not self._mail.is_delivered:
            return None
        origin, period = int(self._ints[desk.BEAT_ORIGIN]), int(self._ints[desk.BEAT_PERIOD])
        return BeatGrid(origin / _UNIT, period / _UNIT, self._beat.beats)


def clicks(sample_rate: int) -> Audio:
    """The clicks of a bar, a beat and a part of a beat, (3, frames): sines that die away."""
    t = (np.arange(round(_CLICK_SECONDS * sample_rate)) + 0.5) / sample_rate
    fade = np.minimum(1.0, (_CLICK_SECONDS - t) / 0.005) * np.minimum(1.0, t / 0.0005)
    rows = [level * np.sin(2.0 * np.pi * hertz * t) * np.exp(-t / 0.008) * fade for hertz, level in _CLICKS]
    return np.ascontiguousarray(rows, np.float32)
