"""Delay and polarity against the captures whose knobs stood nearly the same."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from vastudio.audio.transfer import Offset, offset_between
from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Reviewed
from vastudio.dataset.manifest import Finding

_NEIGHBOURS = 6
_FEWEST = 3
_LEAST_HEIGHT = 0.4
_CLEAR = 0.5  # log ratio between the polarities
_MOST_SAMPLES = 2.5  # what a turned knob may do to the phase
_DEVIATIONS = 6.0
_MAD_TO_DEVIATION = 1.4826
_ROUNDS = 20

_Real = npt.NDArray[np.float64]

_offset = functools.lru_cache(maxsize=8192)(offset_between)
"""A session asks for the same pairs after every take."""


def find(takes: Sequence[Reviewed]) -> Iterator[Finding]:
    """Warn about takes later or earlier than their neighbours, or the other way up."""
    if len(takes) < _FEWEST:
        return
    beside = nearest(takes, _NEIGHBOURS)
    offsets = [
        [_offset(takes[other].transfer, take.transfer) for other in row]
        for take, row in zip(takes, beside, strict=True)
    ]
    delays, polarities = _delays(beside, offsets), _polarities(beside, offsets)
    delays -= np.median(delays)
    scatter = _MAD_TO_DEVIATION * float(np.median(np.abs(delays)))
    limit = max(_MOST_SAMPLES, _DEVIATIONS * scatter)
    for take, delay, polarity in zip(takes, delays, polarities, strict=True):
        if abs(delay) > limit:
            yield _late(take, float(delay))
        if polarity < 0:
            yield _inverted(take)


def nearest(takes: Sequence[Reviewed], count: int) -> npt.NDArray[np.intp]:
    """Indices of the `count` other takes with the least total turn of knobs, shape (takes, at most count)."""
    places = np.array([list(take.knobs.values()) for take in takes]).reshape(len(takes), -1)
    distance = np.abs(places[:, None] - places[None]).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")[:, : min(count, len(takes) - 1)]


def _delays(beside: npt.NDArray[np.intp], offsets: Sequence[Sequence[Offset]]) -> _Real:
    """One delay per take that explains all offsets best in the sense of medians."""
    measured = np.array([[offset.delay_samples for offset in row] for row in offsets])
    known = np.array([[offset.height > _LEAST_HEIGHT for offset in row] for row in offsets])
    delays = np.zeros(len(beside))
    for _ in range(_ROUNDS):
        expected = np.where(known, delays[beside] + measured, np.nan)
        settled = known.any(axis=1)
        delays[settled] = np.nanmedian(expected[settled], axis=1)
    return delays


def _polarities(beside: npt.NDArray[np.intp], offsets: Sequence[Sequence[Offset]]) -> _Real:
    """+1 for the polarity of most takes, −1 for the other, by vote of the neighbours."""
    votes = np.array(
        [[_vote(offset) if offset.height > _LEAST_HEIGHT else 0.0 for offset in row] for row in offsets]
    )
    signs = np.ones(len(beside))
    for _ in range(_ROUNDS):
        total = (votes * signs[beside]).sum(axis=1)
        signs = np.where(total == 0.0, signs, np.sign(total))
    return signs if signs.sum() >= 0.0 else -signs


def _vote(offset: Offset) -> float:
    return float(np.sign(offset.polarity)) if abs(offset.polarity) > _CLEAR else 0.0


def _late(take: Reviewed, samples: float) -> Finding:
    word = "later" if samples > 0.0 else "earlier"
    return Finding(
        "warning",
        "delay_differs",
        f"This take is {abs(samples):.1f} samples {word} than its neighbours on the dials.",
        "Record all takes through the same chain with the same block size, and this one again.",
        capture=take.capture,
        clip=take.clip,
        value=round(samples, 2),
        unit="samples",
    )


def _inverted(take: Reviewed) -> Finding:
    return Finding(
        "warning",
        "polarity_differs",
        "This take is inverted compared with its neighbours.",
        "Record all takes through the same chain, and this one again.",
        capture=take.capture,
        clip=take.clip,
    )


CHECK = Check(codes=("delay_differs", "polarity_differs"), takes=find)
