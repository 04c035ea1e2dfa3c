"""Noise that limits how close a model can come."""

from __future__ import annotations

from collections.abc import Iterator

from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import Finding

_MATTERS_DB = -35.0  # relative to the target's RMS: no model comes below an ESR of 3·10⁻⁴


def find(take: Evidence) -> Iterator[Finding]:
    """Warn where the noise in silence is above −35 dB of the signal."""
    if take.floor is None or take.levels.rms_db is None or not take.answer.is_there:
        return
    share_db = take.floor.noise_db - take.levels.rms_db
    if share_db > _MATTERS_DB:
        yield Finding(
            "warning",
            "noise",
            f"Noise lies {-share_db:.0f} dB below the signal only ({take.floor.noise_db:.0f} dBFS).",
            "Raise the recording level, or turn the device's gain down if the noise is its own.",
            value=take.floor.noise_db,
            unit="dBFS",
        )


CHECK = Check(codes=("noise",), take=find, version=2)
