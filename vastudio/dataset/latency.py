"""One latency and one polarity for a dataset, out of what was measured on its clips.

A device and its converters delay every take alike, so the median over the clips that are sure
outweighs a single clip. A clip that is surely different keeps its own value, and a warning.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vastudio.audio.align import DISPERSIVE, Alignment
from vastudio.dataset.manifest import Finding

_VERY_SURE = 0.9
_UNRELATED = 0.35  # confidence below which nothing was found
_SURE_SAMPLES = 1.0
_DISPERSIVE_SAMPLES = 16.0
_LEAST_LATENCY_SAMPLES = 1.5  # converters delay by more; less is phase of the device's own filters


@dataclass(frozen=True)
class Correction:
    """What reading a clip undoes, and what is odd about it."""

    delay_samples: float
    inverted: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Latency:
    """What the clips agree on.

    Attributes
    ----------
    measured_samples:
        Median delay as measured.
    delay_samples:
        What of it is removed: never negative, and 0 where it may be the device's own filters.
    correlation_lag:
        Median lag of the plain correlation: latency plus the device's filters.
    is_sure:
        False where the device disperses, so that the delay holds to some samples only.
    """

    measured_samples: float
    delay_samples: float
    inverted: bool
    correlation_lag: float
    is_sure: bool

    def findings(self) -> tuple[Finding, ...]:
        """Return what to say about the dataset as a whole."""
        return tuple(
            finding for finding in (self._delay_finding(), self._polarity_finding()) if finding is not None
        )

    def correction(self, alignment: Alignment) -> Correction:
        """Return what to undo in the clip of `alignment`."""
        uncertainty = _uncertainty(alignment)
        if math.isinf(uncertainty):
            return Correction(self.delay_samples, self.inverted, (_unrelated(),))
        if alignment.delay_samples < -uncertainty:
            return Correction(0.0, False, (_early(alignment.delay_samples),))
        delay, inverted = self.delay_samples, self.inverted
        very_sure = alignment.confidence >= _VERY_SURE
        findings: list[Finding] = []
        difference = abs(alignment.delay_samples - self.measured_samples)
        if difference > uncertainty:
            if very_sure or difference > _DISPERSIVE_SAMPLES:
                delay = _removable(alignment.delay_samples)
            findings.append(_other_delay(alignment.delay_samples, delay))
        if self.is_sure and uncertainty == _SURE_SAMPLES and alignment.inverted != inverted:
            inverted = alignment.inverted if very_sure else inverted
            findings.append(_other_polarity(inverted))
        return Correction(delay, inverted, tuple(findings))

    def _delay_finding(self) -> Finding | None:
        if not self.delay_samples:
            return None
        lag = f"the plain correlation peaks at {self.correlation_lag:g}"
        if self.is_sure:
            message = f"The targets are {self.delay_samples:.2f} samples late ({lag})."
            return Finding("info", "delay", message, "Removed on reading.")
        message = f"The targets are about {self.delay_samples:.0f} samples late ({lag})."
        return Finding("warning", "delay", message, "Removed on reading. Record a loopback pair to be sure.")

    def _polarity_finding(self) -> Finding | None:
        if not self.inverted:
            return None
        return Finding("info", "inverted", "The targets are inverted.", "Turned round on reading.")


def settle(alignments: Sequence[Alignment]) -> Latency:
    """Return what most of the clips say: those that are sure if there are any, else all that cohere."""
    sure = [alignment for alignment in alignments if alignment.confidence >= DISPERSIVE]
    heard = sure or [alignment for alignment in alignments if alignment.confidence >= _UNRELATED]
    if not heard:
        return Latency(0.0, 0.0, False, 0.0, is_sure=False)
    delay = statistics.median(alignment.delay_samples for alignment in heard)
    return Latency(
        measured_samples=delay,
        delay_samples=_removable(delay) if sure or delay > _DISPERSIVE_SAMPLES else 0.0,
        inverted=2 * sum(alignment.inverted for alignment in sure) > len(sure),
        correlation_lag=statistics.median(alignment.correlation_lag for alignment in heard),
        is_sure=bool(sure),
    )


def is_told_by(finding: Finding, codes: Collection[str]) -> bool:
    """Whether what `finding` says follows from others: a target that says nothing has nothing in common."""
    return finding.code == "unrelated" and "no_answer" in codes


def _uncertainty(alignment: Alignment) -> float:
    """How far, in samples, a measured delay may lie from the true one."""
    if alignment.confidence >= DISPERSIVE:
        return _SURE_SAMPLES
    return _DISPERSIVE_SAMPLES if alignment.confidence >= _UNRELATED else math.inf


def _removable(delay_samples: float) -> float:
    return round(delay_samples, 3) if delay_samples >= _LEAST_LATENCY_SAMPLES else 0.0


def _unrelated() -> Finding:
    return Finding(
        "warning",
        "unrelated",
        "The target has next to nothing in common with the clean signal.",
        "Check that the two files belong together.",
    )


def _early(delay_samples: float) -> Finding:
    return Finding(
        "error",
        "early",
        f"The target is {-delay_samples:.2f} samples earlier than the clean signal.",
        "Are the two files swapped, or was the target trimmed? Import it with the right start.",
    )


def _other_delay(measured: float, removed: float) -> Finding:
    return Finding(
        "warning",
        "delay_differs",
        f"This clip is {measured:.2f} samples late, unlike the others; {removed:.2f} are removed.",
        "Record all takes through the same chain, or check this one.",
    )


def _other_polarity(turned: bool) -> Finding:
    return Finding(
        "warning",
        "polarity_differs",
        f"This clip's polarity differs from the others; it is {'turned round' if turned else 'kept'}.",
        "Record all takes through the same chain, or check this one.",
    )
