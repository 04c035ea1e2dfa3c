"""Jumps of a delay that are beyond doubt, told from what a device does to loud, low or high notes.

A stage that distorts answers some samples earlier or later as level and pitch change, and short stretches of
a faultless recording seem to jump. A lost or repeated block differs: it moves all frequencies, all that
follows, by one whole number of samples. Two things prove that: the same signal, played before and after,
comes back that much later (a witness), or the device's phase before and after differs by just that delay.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vastudio.audio.movement import Jump
from vastudio.audio.transfer import height_at, measure_transfer, offset_between
from vastudio.types import Audio

LEAST_UNWITNESSED = 8
"""Samples: what a device seems to jump by is less. Less than this takes a witness."""

_AWAY_SECONDS = 0.4  # a jump's place is known to a quarter of a second
_FEWEST_SECONDS = 0.75
_MOST_REST = 0.35  # samples
_LEAST_HEIGHT = 0.5
_CLEARLY = 0.25
_DEVICE_REACH = 3
_WHOLE = 0.2
_UNMOVED = 0.5


@dataclass(frozen=True)
class Witness:
    """The same was played until `first_s` and from `second_s` on; the later answer came `shift` later.

    Times in seconds, the shift in samples.
    """

    first_s: float
    second_s: float
    shift: float

    def saw(self, jump: Jump) -> bool:
        """Whether the jump lies between."""
        return self.first_s <= jump.at_s <= self.second_s


def proven_jumps(
    clean: Audio,
    target: Audio,
    rate: int,
    lag: int,
    candidates: Sequence[Jump],
    witnesses: Sequence[Witness],
) -> tuple[Jump, ...]:
    """Return those of `candidates` that are proven, whole, in order of time.

    `clean` and `target` are mono at `rate` Hz, the target `lag` samples later or so at its beginning.
    """
    jumps = list(_by_phase(clean, target, rate, lag, candidates))
    for witness in sorted(witnesses, key=lambda witness: witness.second_s - witness.first_s):
        seen = [jump for jump in jumps if witness.saw(jump)]
        rest = witness.shift - sum(jump.samples for jump in seen)
        if abs(rest) < _UNMOVED:
            continue
        others = [jump for jump in candidates if witness.saw(jump) and not _is_among(jump, seen)]
        fitting = [jump for jump in others if _explains(jump, rest)]
        if fitting:
            best = min(fitting, key=lambda jump: abs(jump.samples - rest))
            jumps.append(dataclasses.replace(best, samples=float(round(rest))))
        elif abs(witness.shift) < _UNMOVED:
            jumps = [jump for jump in jumps if not witness.saw(jump)]
    return tuple(sorted(jumps, key=lambda jump: jump.at_s))


def _is_among(jump: Jump, others: Sequence[Jump]) -> bool:
    return any(jump.at_s == other.at_s for other in others)


def _explains(jump: Jump, shift: float) -> bool:
    """Whether a jump that music tells roughly is the one that a witness tells exactly."""
    is_whole = abs(shift - round(shift)) < _WHOLE and round(shift) != 0
    return is_whole and abs(jump.samples - shift) < 0.7 + 0.25 * abs(shift)


def _by_phase(clean: Audio, target: Audio, rate: int, lag: int, candidates: Sequence[Jump]) -> Iterator[Jump]:
    """Jumps across which the device's phase moves by a whole number of samples and by nothing else."""
    large = sorted(
        (jump for jump in candidates if abs(jump.samples) >= LEAST_UNWITNESSED - 0.5),
        key=lambda jump: jump.at_s,
    )
    ends = [0.0, *(jump.at_s for jump in large), min(len(clean), len(target)) / rate]
    for index, jump in enumerate(large):
        before = (ends[index], jump.at_s - _AWAY_SECONDS)
        after = (
            jump.at_s + _AWAY_SECONDS,
            ends[index + 2] - (_AWAY_SECONDS if index + 1 < len(large) else 0),
        )
        samples = round(jump.samples)
        if min(before[1] - before[0], after[1] - after[0]) < _FEWEST_SECONDS:
            continue
        if _moves_by(clean, target, rate, lag, before, after, samples):
            yield dataclasses.replace(jump, samples=float(samples))
        lag += samples


def _moves_by(
    clean: Audio,
    target: Audio,
    rate: int,
    lag: int,
    before: tuple[float, float],
    after: tuple[float, float],
    samples: int,
) -> bool:
    """Whether the stretch `after` (seconds) is `samples` later than the stretch `before`, and that is all."""
    first, second = (slice(round(start * rate), round(stop * rate)) for start, stop in (before, after))
    was = measure_transfer(clean[first], target[first], rate, lag)
    now = measure_transfer(clean[second], target[second], rate, lag + samples)
    offset = offset_between(was, now)
    if abs(offset.delay_samples - samples) > _MOST_REST or offset.height < _LEAST_HEIGHT:
        return False
    unmoved = max(height_at(was, now, float(delay)) for delay in range(-_DEVICE_REACH, _DEVICE_REACH + 1))
    return bool(offset.height - unmoved > _CLEARLY and offset.polarity > 0.0)
