"""Holes in the target, and samples that were lost or came twice."""

from __future__ import annotations

from collections.abc import Iterator

from vastudio.audio.dropouts import find_dropouts
from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import Finding

_HINT = "Choose a larger block, close other programs, and record again."
_WORDS = {"held": "stands still", "repeated": "repeats a block", "gap": "breaks off"}


def find(take: Evidence) -> Iterator[Finding]:
    """Holes are warnings; a delay that jumps is an error: all that follows is out of place."""
    holes = find_dropouts(take.target, take.clean, take.rate, take.lag)
    if holes:
        first = holes[0]
        at = take.at_seconds(first.start)
        more = f", and at {len(holes) - 1} more places" if len(holes) > 1 else ""
        yield Finding(
            "warning",
            "dropout",
            f"The target {_WORDS[first.kind]} for {first.frames} frames at {at:.3f} s{more}.",
            _HINT,
            at_seconds=at,
            value=float(len(holes)),
            unit="places",
        )
    movement = take.movement
    if movement is not None and movement.jumps:
        jump = movement.jumps[0]
        what = "come too early" if jump.samples < 0.0 else "come too late"
        more = f", and it jumps {len(movement.jumps) - 1} times more" if len(movement.jumps) > 1 else ""
        at = take.at_seconds(round(jump.at_s * take.rate))
        yield Finding(
            "error",
            "delay_jumps",
            f"From about {at:.1f} s on the target's samples {what} by {abs(jump.samples):.0f}{more}.",
            _HINT,
            at_seconds=at,
            value=jump.samples,
            unit="samples",
        )


CHECK = Check(codes=("dropout", "delay_jumps"), take=find, version=2)
