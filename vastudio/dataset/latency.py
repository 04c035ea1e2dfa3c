"""One latency and one polarity for a dataset, out of what was measured on its clips.

A device and its converters delay every take alike, so the median over the clips that are sure
outweighs a single clip. Only a clip that is very sure of something else keeps its own value.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from vastudio.audio.align import Alignment
from vastudio.dataset.manifest import Finding

CONFIDENT = 0.75
"""Confidence from which a measured delay counts."""

_VERY_CONFIDENT = 0.9
_AGREEMENT_SAMPLES = 1.0
_FILTER_PHASE_SAMPLES = 1.0  # converters delay by more; less is phase of the device's own filters
_EARLIEST_SAMPLES = -1.0


@dataclass(frozen=True)
class Correction:
    """What reading a clip undoes, and what to say about it."""

    delay_samples: float
    inverted: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Latency:
    """What the confident clips agree on. `delay_samples` is 0 or more; early targets are errors."""

    delay_samples: float
    inverted: bool

    def correction(self, reading: Alignment) -> Correction:
        """Return what to undo in the clip of `reading`."""
        if reading.confidence < CONFIDENT:
            return self._unsure(reading)
        if reading.delay_samples < _EARLIEST_SAMPLES:
            return Correction(0.0, False, (_early(reading.delay_samples),))
        delay, inverted = self.delay_samples, self.inverted
        findings: list[Finding] = []
        if abs(_worth_removing(reading.delay_samples) - delay) > _AGREEMENT_SAMPLES:
            if reading.confidence >= _VERY_CONFIDENT:
                delay = _worth_removing(reading.delay_samples)
            findings.append(_disagreement(reading, delay))
        if reading.inverted != inverted:
            if reading.confidence >= _VERY_CONFIDENT:
                inverted = reading.inverted
            findings.append(_odd_polarity(inverted))
        return Correction(delay, inverted, (*findings, *_removed(delay, inverted, reading)))

    def _unsure(self, reading: Alignment) -> Correction:
        if not self.delay_samples and not self.inverted:
            return Correction(0.0, False, ())
        notes = _removed(self.delay_samples, self.inverted, reading)
        return Correction(self.delay_samples, self.inverted, notes)


def settle(readings: Sequence[Alignment]) -> Latency:
    """Return the median delay and the polarity of most of the confident clips."""
    sure = [reading for reading in readings if reading.confidence >= CONFIDENT]
    if not sure:
        return Latency(0.0, False)
    delay = statistics.median(reading.delay_samples for reading in sure)
    inverted = sum(reading.inverted for reading in sure) * 2 > len(sure)
    return Latency(_worth_removing(delay), inverted)


def _worth_removing(delay_samples: float) -> float:
    return round(delay_samples, 3) if delay_samples >= _FILTER_PHASE_SAMPLES else 0.0


def _removed(delay: float, inverted: bool, reading: Alignment) -> tuple[Finding, ...]:
    notes = []
    if delay:
        lag = f" (the plain correlation peaks at {reading.correlation_lag})"
        notes.append(
            Finding("info", "delay", f"The target is {delay:.2f} samples late{lag}.", "Removed on reading.")
        )
    if inverted:
        notes.append(Finding("info", "inverted", "The target is inverted.", "Turned round on reading."))
    return tuple(notes)


def _early(delay_samples: float) -> Finding:
    return Finding(
        "error",
        "early",
        f"The target is {-delay_samples:.2f} samples earlier than the clean signal.",
        "Are the two files swapped, or was the target trimmed? Import it with the right start.",
    )


def _disagreement(reading: Alignment, used: float) -> Finding:
    return Finding(
        "warning",
        "delay_differs",
        f"This clip is {reading.delay_samples:.2f} samples late, unlike the others; {used:.2f} are removed.",
        "Record all takes through the same chain, or check this one.",
    )


def _odd_polarity(used: bool) -> Finding:
    return Finding(
        "warning",
        "polarity_differs",
        f"This clip's polarity differs from the others; it is {'turned round' if used else 'kept'}.",
        "Record all takes through the same chain, or check this one.",
    )
