"""Clocks that run apart between what plays and what records."""

from __future__ import annotations

from collections.abc import Iterator

from vastudio.audio.drift import Drift
from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import Finding

_SURE = 5.0  # standard errors
_LEAST_PPM = 5.0  # of a drift that music tells; what a device does to notes looks like less
_HINTS = {
    "correct": "Resampled on reading. Use one interface for both directions to be rid of it.",
    "refuse": "Set both devices to the same sample rate, or use one interface for both directions.",
}


def drift_of(take: Evidence) -> Drift | None:
    """The drift of a take, where there is one beyond doubt and it matters."""
    movement = take.movement
    if movement is None or movement.jumps:
        return None
    drift = Drift(movement.samples_per_second / take.rate * 1e6, take.seconds, take.rate)
    least_ppm = 0.0 if take.landmarks.clicks else _LEAST_PPM
    sure = abs(movement.samples_per_second) > _SURE * movement.uncertainty and abs(drift.ppm) > least_ppm
    return drift if sure and drift.decision != "fine" else None


def find(take: Evidence) -> Iterator[Finding]:
    """Tell the drift in parts per million, and what follows from it."""
    drift = drift_of(take)
    if drift is None:
        return
    faster = "fast" if drift.ppm > 0.0 else "slow"
    yield Finding(
        "error" if drift.decision == "refuse" else "info",
        "drift",
        f"The recording clock is {abs(drift.ppm):.1f} ppm {faster}. {drift.reason}",
        _HINTS[drift.decision],
        value=round(drift.ppm, 1),
        unit="ppm",
    )


CHECK = Check(codes=("drift",), take=find, version=2)
