"""Mains hum in the recording that is not in the clean signal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vastudio.audio.hum import LEAST_SECONDS, Hum, find_hum
from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import Finding

_LEAST_SHARE_DB = -65.0  # relative to the target's RMS: an ESR of 3·10⁻⁷
_MATTERS_DB = -45.0
_OWN_DB = 20.0  # a device may amplify the clean signal's own hum by this much more than its music


def find(take: Evidence) -> Iterator[Finding]:
    """Tell mains frequency, level and loudest line; a warning from −45 dB relative to the signal on."""
    silence = take.floor if take.floor is not None and take.floor.seconds >= LEAST_SECONDS else None
    hum = find_hum(take.target, take.rate) if silence is None else silence.hum
    if hum is None or take.levels.rms_db is None:
        return
    share_db = hum.level_db - take.levels.rms_db
    if share_db < _LEAST_SHARE_DB or (silence is None and _is_played(take, hum, share_db)):
        return
    line = hum.loudest
    yield Finding(
        "warning" if share_db > _MATTERS_DB else "info",
        "hum",
        f"The target hums at {hum.mains_hz:.0f} Hz and multiples: {hum.level_db:.0f} dBFS, "
        f"{share_db:+.0f} dB relative to the signal, loudest at {line.multiple * hum.mains_hz:.0f} Hz.",
        "Look for a ground loop, and move the instrument cable away from mains transformers.",
        value=hum.level_db,
        unit="dBFS",
    )


def _is_played(take: Evidence, hum: Hum, share_db: float) -> bool:
    """Whether the clean signal hums about as much itself, or holds a note where the lines are."""
    played = find_hum(take.clean, take.rate)
    if played is None or take.levels.input_rms_db is None:
        return len(hum.harmonics) < 2 and not _lasts(take, hum)
    return share_db < played.level_db - take.levels.input_rms_db + _OWN_DB


def _lasts(take: Evidence, hum: Hum) -> bool:
    """Whether the hum is there in both halves of the target: a single line may be a long note."""
    halves = (find_hum(half, take.rate) for half in np.array_split(take.target, 2))
    return all(half is not None and half.mains_hz == hum.mains_hz for half in halves)


CHECK = Check(codes=("hum",), take=find)
