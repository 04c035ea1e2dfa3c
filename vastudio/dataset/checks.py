"""What is measured on a clean/target pair, and what is worth telling a person."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from vastudio.audio import level
from vastudio.audio.align import Alignment
from vastudio.dataset.manifest import Finding, Measurement
from vastudio.types import Audio

SILENCE_DB = -90.0
"""A peak below this is silence: the noise of a 16-bit converter."""

_QUIET_DB = -40.0
_RAIL = 0.9995
_RUN_FRAMES = 3
_DC_FLOOR = 1e-3
_DC_SHARE = 0.01  # of the target's power


def measure(clean: Audio, target: Audio, alignment: Alignment) -> Measurement:
    """Return what the manifest keeps of one pair: its alignment and its levels."""
    return Measurement(
        delay_samples=round(alignment.delay_samples, 3),
        confidence=round(alignment.confidence, 4),
        correlation_lag=alignment.correlation_lag,
        input_peak_db=_finite(level.peak_db(clean)),
        input_rms_db=_finite(level.rms_db(clean)),
        peak_db=_finite(level.peak_db(target)),
        rms_db=_finite(level.rms_db(target)),
        dc=round(float(np.mean(target, dtype=np.float64)), 7),
        input_clipped_frames=clipped_frames(clean),
        clipped_frames=clipped_frames(target),
    )


def findings(measured: Measurement) -> Iterator[Finding]:
    """Yield what the levels of one clip say."""
    if _is_silent(measured.peak_db):
        yield Finding(
            "error", "silent_target", "The target is silent.", "Check the cable, then record again."
        )
        return
    if _is_silent(measured.input_peak_db):
        yield Finding(
            "error", "silent_input", "The clean signal is silent.", "Choose the file that was played."
        )
        return
    for name, frames in (
        ("clean signal", measured.input_clipped_frames),
        ("target", measured.clipped_frames),
    ):
        if frames:
            yield Finding(
                "warning",
                "clipping",
                f"The {name} clips: {frames} frames lie at full scale.",
                "Lower the recording level, unless the device itself does this.",
            )
    if measured.dc**2 > _DC_SHARE * _power(measured.rms_db) and abs(measured.dc) > _DC_FLOOR:
        yield Finding(
            "warning",
            "dc",
            f"The target has a DC offset of {measured.dc:+.4f}.",
            "Check the interface, or high-pass the recording at 10 Hz.",
        )
    if measured.peak_db is not None and measured.peak_db < _QUIET_DB:
        yield Finding(
            "info", "quiet", f"The target peaks at {measured.peak_db:.1f} dBFS only.", "Noise may be learned."
        )


def clipped_frames(x: Audio) -> int:
    """Count the samples in runs of 3 or more at full scale of one sign."""
    return sum(_frames_in_runs(sign * x >= _RAIL) for sign in (1, -1))


def _frames_in_runs(at_rail: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    edges = np.flatnonzero(np.diff(at_rail, prepend=False, append=False))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= _RUN_FRAMES].sum())


def _finite(level_db: float) -> float | None:
    return round(level_db, 2) if math.isfinite(level_db) else None


def _is_silent(peak: float | None) -> bool:
    return peak is None or peak < SILENCE_DB


def _power(rms_db: float | None) -> float:
    return 0.0 if rms_db is None else level.from_db(rms_db) ** 2
