"""Flat tops in the target, and a clean signal at full scale."""

from __future__ import annotations

from collections.abc import Iterator

from vastudio.audio.clipping import Clipping, find_clipping
from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import Finding


def find(take: Evidence) -> Iterator[Finding]:
    """Warn with the number of samples, the level, and the first place."""
    if take.levels.input_clipped_frames:
        frames = take.levels.input_clipped_frames
        yield Finding(
            "warning",
            "clipping_input",
            f"The clean signal clips: {frames} frames lie at full scale.",
            "Send a signal that was not clipped, or ignore this if it was meant so.",
            value=float(frames),
            unit="frames",
        )
    clipping = find_clipping(take.target)
    if clipping is None and take.floor is not None:
        clipping = find_clipping(take.target, take.floor.rms)
    if clipping is not None:
        yield _finding(take, clipping)


def _finding(take: Evidence, clipping: Clipping) -> Finding:
    at = take.at_seconds(int(clipping.starts[0]))
    tops = "1 flat top" if len(clipping.starts) == 1 else f"{len(clipping.starts)} flat tops"
    where = f"at {clipping.ceiling_db:.1f} dBFS, first at {at:.2f} s"
    hints = {
        "converter": "Lower the recording level and record again, unless the device itself does this.",
        "earlier stage": "Lower the level in front of the stage that clips, unless it is the device itself.",
    }
    return Finding(
        "warning",
        "clipping",
        f"The target clips: {tops} ({clipping.frames} frames) {where}.",
        hints[clipping.kind],
        at_seconds=at,
        value=float(clipping.frames),
        unit="frames",
    )


CHECK = Check(codes=("clipping", "clipping_input"), take=find)
