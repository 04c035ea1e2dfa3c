"""A device that does not repeat itself: chorus, tremolo, a loose contact, a knob that was touched."""

from __future__ import annotations

from collections.abc import Iterator

from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import Finding

_MOST = 3e-3  # difference beyond noise: −25 dB
_MOST_GAIN_DB = 0.3
_NOISE_MARGIN = 4.0


def find(take: Evidence) -> Iterator[Finding]:
    """Compare the target's answers to the same stretch of clean signal, played twice."""
    noise = 2.0 * take.noise_share(len(take.target))
    for at, likeness in take.repeats:
        beyond = likeness.difference - _NOISE_MARGIN * noise
        if beyond > _MOST:
            yield Finding(
                "warning",
                "unsteady",
                f"The same signal, played again at {at:.2f} s, came back {100.0 * likeness.difference:.1f} % "
                "different.",
                "Switch modulation off; check the cables; leave the knobs alone while a take runs.",
                at_seconds=at,
                value=round(likeness.difference, 5),
                unit="share of energy",
            )
            return
        if abs(likeness.gain_db) > _MOST_GAIN_DB and noise < _MOST:
            yield Finding(
                "warning",
                "gain_moved",
                f"The same signal, played again at {at:.2f} s, came back {likeness.gain_db:+.1f} dB louder.",
                "Leave all gains alone while a take runs, and record again.",
                at_seconds=at,
                value=round(likeness.gain_db, 2),
                unit="dB",
            )
            return


CHECK = Check(codes=("unsteady", "gain_moved"), take=find)
