"""What the checks look at: one take with all that was measured on it, and takes beside each other.

Measurements are made when a check first asks for them, and once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vastudio.audio import align
from vastudio.audio.align import Alignment
from vastudio.audio.clicks import click_movements
from vastudio.audio.clipping import runs
from vastudio.audio.delay_track import track_delay
from vastudio.audio.landmarks import Landmarks, find_landmarks
from vastudio.audio.likeness import Likeness, liken
from vastudio.audio.movement import Movement, fit_movement, steady_slope
from vastudio.audio.noise import Floor, measure_floor
from vastudio.audio.transfer import Transfer, measure_transfer
from vastudio.dataset.checks.levels import measure
from vastudio.dataset.manifest import Measurement
from vastudio.types import Audio

_SETTLING_SECONDS = 0.25
_SHORTEST_SECONDS = 0.5
_MOST_DELAY_SECONDS = 0.02
_LEAST_MOVED = 0.5
_MIDDLE_SECONDS = 4.0
_LEAST_HEIGHT = 0.6  # of a track; that of unrelated signals is lower


class Evidence:
    """One take: clean signal and target, mono, both at `rate` Hz, the target as it was recorded.

    `target_start` is where in its file the target begins, in frames, so that findings can say where.
    """

    def __init__(self, clean: Audio, target: Audio, rate: int, target_start: int = 0) -> None:
        self.clean = clean
        self.target = target
        self.rate = rate
        self.target_start = target_start

    def at_seconds(self, frame: int) -> float:
        """Where a frame of the target lies, in seconds from the beginning of its file."""
        return round((self.target_start + frame) / self.rate, 3)

    @property
    def seconds(self) -> float:
        """Length of the target."""
        return len(self.target) / self.rate

    @cached_property
    def alignment(self) -> Alignment:
        """Latency and polarity as far as this take alone tells them."""
        return align.measure(self.clean, self.target, self.rate)

    @cached_property
    def lag(self) -> int:
        """Whole samples by which the target is later, the device's filters included.

        Where the whole take does not cohere its middle is asked: with another clock the ends lie apart.
        """
        middle, half = len(self.target) // 2, round(_MIDDLE_SECONDS * self.rate / 2)
        if self.alignment.confidence >= align.DISPERSIVE or middle < half:
            return self.alignment.correlation_lag
        part = slice(middle - half, middle + half)
        return align.whole_lag(self.clean[part], self.target[part], self.rate)

    @cached_property
    def levels(self) -> Measurement:
        """Levels, and the alignment once more, as the manifest keeps them."""
        return measure(self.clean, self.target, self.alignment)

    @cached_property
    def landmarks(self) -> Landmarks:
        """Silences, clicks and repeats of the clean signal."""
        return find_landmarks(self.clean, self.rate)

    @cached_property
    def floor(self) -> Floor | None:
        """What the device says in the longest silence; None where the clean signal has none."""
        return measure_floor(self.target, self.landmarks.silences, self.rate, self.lag)

    @cached_property
    def movement(self) -> Movement | None:
        """Jumps and drift of the delay; None where too little sounds."""
        track = track_delay(self.clean, self.target, self.rate, self.lag)
        if not len(track.heights) or np.median(track.heights) < _LEAST_HEIGHT:
            return None
        coarse = fit_movement(track.times_s, track.delays)
        return coarse if coarse is None else self._by_clicks(coarse)

    def _by_clicks(self, coarse: Movement) -> Movement:
        """Clicks at both ends of a take tell how far it moved ten times better than the music between them.

        What the music takes for a jump, and the clicks do not, is the device's.
        """
        clicks = self.landmarks.clicks
        if len(clicks) < 2 or clicks[-1] - clicks[0] < 0.5 * len(self.clean):
            return coarse
        times, delays = click_movements(self.target, clicks, self.rate, self.lag)
        fine = fit_movement(times, delays)
        if fine is None or times[-1] - times[0] < 0.5 * self.seconds:
            return coarse
        moved = float(np.median(delays[times > times.mean()]) - np.median(delays[times < times.mean()]))
        jumped = sum(jump.samples for jump in coarse.jumps)
        if coarse.jumps and abs(moved) > _LEAST_MOVED and abs(moved - jumped) < abs(moved) / 2.0 + 1.0:
            return coarse
        return Movement((), *steady_slope(times, delays))

    @cached_property
    def repeats(self) -> tuple[tuple[float, Likeness], ...]:
        """For each repeat in the clean signal: where it comes again (seconds), how alike the targets are."""
        settling = round(_SETTLING_SECONDS * self.rate)
        reach = round(_MOST_DELAY_SECONDS * self.rate)
        found = []
        for repeat in self.landmarks.repeats:
            first, second = (start + self.lag + settling for start in (repeat.first, repeat.second))
            frames = min(repeat.frames - settling, len(self.target) - second)
            if first >= 0 and frames >= _SHORTEST_SECONDS * self.rate:
                parts = (self.target[start : start + frames] for start in (first, second))
                a, b = (part - part.mean() for part in parts)
                found.append((self.at_seconds(second), liken(a, b, reach)))
        return tuple(found)

    @cached_property
    def transfer(self) -> Transfer:
        """The device's phase in this take."""
        return measure_transfer(self.clean, self.target, self.rate, self.lag)

    def noise_share(self, frames: int) -> float:
        """Power of the floor relative to that of the target's first `frames`."""
        power = float(np.mean(np.square(self.target[:frames], dtype=np.float64)))
        return 0.0 if self.floor is None or power == 0.0 else self.floor.rms**2 / power


@dataclass(frozen=True)
class Comparison:
    """A take against the one recorded before it, where both were played the same: `seconds` of it."""

    likeness: Likeness
    seconds: float
    expected: float
    """Difference that noise alone explains."""


def compare_takes(before: Evidence, this: Evidence) -> Comparison | None:
    """Compare two takes over the longest stretch that both were played at the same time; None without one."""
    frames = min(len(before.clean), len(this.clean))
    starts, lengths = runs(before.clean[:frames] == this.clean[:frames])
    if not len(starts):
        return None
    longest = int(np.argmax(lengths))
    start, length = int(starts[longest]), int(lengths[longest])
    sounding = float(np.abs(before.clean[start : start + length]).max(initial=0.0)) > 0.0
    length = min(length, len(before.target) - start, len(this.target) - start)
    if not sounding or length < _SHORTEST_SECONDS * this.rate:
        return None
    a, b = (one.target[start : start + length] for one in (before, this))
    likeness = liken(a - a.mean(), b - b.mean(), round(_MOST_DELAY_SECONDS * this.rate))
    noise = before.noise_share(start + length) + this.noise_share(start + length)
    return Comparison(likeness, length / this.rate, noise)


@dataclass(frozen=True)
class Reviewed:
    """What is kept of a take to compare it with the others of its dataset.

    Attributes
    ----------
    capture, clip:
        Id and index in the manifest.
    knobs, values:
        Positions by knob name, mapped to 0..1 over the knob's range, and as on the dial.
    input_db, output_db:
        RMS of clean signal and target in dBFS, −inf for silence.
    previous:
        How it compares with the take before it; None for the first, and where the two share no signal.
    """

    capture: str
    clip: int
    knobs: Mapping[str, float]
    values: Mapping[str, float]
    alignment: Alignment
    transfer: Transfer
    input_db: float
    output_db: float
    previous: Comparison | None

    @property
    def gain_db(self) -> float:
        """Level of the target relative to the clean signal, −inf for silence."""
        return self.output_db - self.input_db if math.isfinite(self.input_db) else -math.inf
