"""What the checks look at: one take with all that was measured on it, and takes beside each other.

Measurements are made when a check first asks for them, and once.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vastudio.audio import align
from vastudio.audio.align import Alignment
from vastudio.audio.answer import Answer, measure_answer
from vastudio.audio.clicks import click_movements
from vastudio.audio.clipping import runs
from vastudio.audio.delay_track import track_delay
from vastudio.audio.jump_proof import Witness, proven_jumps
from vastudio.audio.landmarks import Landmarks, Repeat, find_landmarks
from vastudio.audio.likeness import Likeness, liken
from vastudio.audio.movement import Movement, fit_movement, steady_slope
from vastudio.audio.noise import Floor, measure_floor
from vastudio.audio.transfer import Transfer, measure_transfer
from vastudio.dataset.checks.levels import measure
from vastudio.dataset.manifest import Measurement
from vastudio.types import Audio, Knob, KnobValues

_Real = npt.NDArray[np.float64]

_SETTLING_SECONDS = 0.25
_SHORTEST_SECONDS = 0.5
_MOST_DELAY_SECONDS = 0.02
_FEWEST_CLICKS = 4
_SAME = 0.05  # difference between two answers to one phrase that are one answer, moved
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
    def answer(self) -> Answer:
        """How loud the device answers, beside its own noise."""
        return measure_answer(self.clean[max(0, -self.lag) :], self.target[max(0, self.lag) :], self.rate)

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
        seeming = fit_movement(track.times_s, track.delays)
        if seeming is None:
            return None
        jumps = seeming.jumps and proven_jumps(
            self.clean, self.target, self.rate, self.lag, seeming.jumps, self._witnesses
        )
        if not jumps and self._spans(self._clicks):
            return Movement((), *steady_slope(*self._clicks))
        if jumps or not seeming.jumps:
            return dataclasses.replace(seeming, jumps=jumps)
        return Movement((), *_least(seeming, steady_slope(track.times_s, track.delays)))

    @cached_property
    def _clicks(self) -> tuple[_Real, _Real]:
        """Times in seconds and delays in samples of the clicks' answers."""
        return click_movements(self.target, self.landmarks.clicks, self.rate, self.lag)

    def _spans(self, clicks: tuple[_Real, _Real]) -> bool:
        """Whether clicks tell how far a take moved: ten times better than the music between them."""
        times, _ = clicks
        return len(times) >= _FEWEST_CLICKS and bool(times[-1] - times[0] > 0.5 * self.seconds)

    @property
    def _witnesses(self) -> tuple[Witness, ...]:
        """What was played before and again later: phrases, and clicks at both ends."""
        found = [
            Witness(
                (repeat.first + repeat.frames) / self.rate, repeat.second / self.rate, alike.delay_samples
            )
            for repeat, alike in self._heard_again
            if alike.difference < _SAME and not alike.inverted
        ]
        if self._spans(self._clicks):
            times, delays = self._clicks
            late = times > times.mean()
            moved = float(np.median(delays[late]) - np.median(delays[~late]))
            found.append(Witness(float(times[~late][-1]), float(times[late][0]), moved))
        return tuple(found)

    @cached_property
    def repeats(self) -> tuple[tuple[float, Likeness], ...]:
        """For each repeat in the clean signal: where it comes again (seconds), how alike the targets are."""
        settling = round(_SETTLING_SECONDS * self.rate)
        return tuple(
            (self.at_seconds(repeat.second + self.lag + settling), alike)
            for repeat, alike in self._heard_again
        )

    @cached_property
    def _heard_again(self) -> tuple[tuple[Repeat, Likeness], ...]:
        """Repeats in the clean signal, and how alike the targets are once both have settled."""
        settling = round(_SETTLING_SECONDS * self.rate)
        reach = round(_MOST_DELAY_SECONDS * self.rate)
        found = []
        for repeat in self.landmarks.repeats:
            first, second = (start + self.lag + settling for start in (repeat.first, repeat.second))
            frames = min(repeat.frames - settling, len(self.target) - second)
            if first >= 0 and frames >= _SHORTEST_SECONDS * self.rate:
                parts = (self.target[start : start + frames] for start in (first, second))
                a, b = (part - part.mean() for part in parts)
                found.append((repeat, liken(a, b, reach)))
        return tuple(found)

    @cached_property
    def transfer(self) -> Transfer:
        """The device's phase in this take."""
        return measure_transfer(self.clean, self.target, self.rate, self.lag)

    def noise_share(self, frames: int) -> float:
        """Power of the floor relative to that of the target's first `frames`."""
        power = float(np.mean(np.square(self.target[:frames], dtype=np.float64)))
        return 0.0 if self.floor is None or power == 0.0 else self.floor.rms**2 / power


def _least(first: Movement, slope: tuple[float, float]) -> tuple[float, float]:
    """Slope and error of a drift that is there with and without the jumps that music seems to show."""
    if first.samples_per_second * slope[0] <= 0.0:
        return 0.0, slope[1]
    if abs(first.samples_per_second) < abs(slope[0]):
        return first.samples_per_second, first.uncertainty
    return slope


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
    has_answer:
        Whether the device says more than its own noise.
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
    has_answer: bool = True

    @property
    def gain_db(self) -> float:
        """Level of the target relative to the clean signal, −inf for silence."""
        return self.output_db - self.input_db if math.isfinite(self.input_db) else -math.inf


def reviewed(
    take: Evidence,
    capture: str,
    clip: int,
    knobs: Sequence[Knob],
    values: KnobValues,
    previous: Comparison | None = None,
) -> Reviewed:
    """Return what is kept of `take`, recorded at the dial positions `values`. Raises KnobError."""
    return Reviewed(
        capture=capture,
        clip=clip,
        knobs={knob.name: knob.normalised(values.get(knob.name, knob.default)) for knob in knobs},
        values=dict(values),
        alignment=take.alignment,
        transfer=take.transfer,
        input_db=_known(take.levels.input_rms_db),
        output_db=_known(take.levels.rms_db),
        previous=previous,
        has_answer=take.answer.is_there,
    )


def _known(level_db: float | None) -> float:
    return -math.inf if level_db is None else level_db
