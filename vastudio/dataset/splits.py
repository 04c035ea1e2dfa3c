"""Which captures a model never learns from, so that it can be judged on them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from vastudio.dataset.manifest import Capture, Clip

VALIDATION_SHARE = 0.15
FEWEST_POSITIONS = 4
"""With fewer knob positions than this, all are needed for training: the ends of the clips are held out."""


def assign(captures: Sequence[Capture]) -> tuple[Capture, ...]:
    """Hold out about 15 % of the knob positions for validation; which ones depends on their values only.

    Positions at a corner of the knob space (every knob at its lowest or highest captured value) stay
    in training: between captured positions a model can interpolate, beyond them it must guess. With
    fewer than 4 usable positions, or corners only, the ends of the clips are held out instead.
    """
    usable = [capture for capture in captures if capture.usable_clips]
    inner = [capture for capture in usable if not _is_corner(capture, usable)]
    if len(usable) < FEWEST_POSITIONS or not inner:
        return hold_out_ends(captures)
    count = max(1, round(VALIDATION_SHARE * len(usable)))
    held_out = {capture.id for capture in sorted(inner, key=_draw)[:count]}
    return tuple(
        dataclasses.replace(capture, split="validation" if capture.id in held_out else "train")
        for capture in captures
    )


def hold_out_ends(captures: Sequence[Capture]) -> tuple[Capture, ...]:
    """Make the last 15 % of every usable clip a validation capture of its own, after all the others."""
    shortened: list[Capture] = []
    ends: list[Capture] = []
    for capture in captures:
        if not capture.usable_clips:
            shortened.append(dataclasses.replace(capture, split="train"))
            continue
        clips = tuple(_cut(clip, 0, _kept(clip)) for clip in capture.clips)
        shortened.append(dataclasses.replace(capture, clips=clips, split="train"))
        tails = tuple(_cut(clip, _kept(clip), clip.frames) for clip in capture.usable_clips)
        identity = f"{len(captures) + len(ends):03d}"
        ends.append(Capture(identity, capture.knobs, "validation", tails))
    return (*shortened, *ends)


def _kept(clip: Clip) -> int:
    return clip.frames - round(VALIDATION_SHARE * clip.frames)


def _cut(clip: Clip, start: int, stop: int) -> Clip:
    return dataclasses.replace(
        clip,
        input_start=clip.input_start + start,
        output_start=clip.output_start + start,
        frames=stop - start,
        delay_samples=clip.delay_samples + start * (clip.clock_ratio - 1.0),
    )


def _is_corner(capture: Capture, captures: Sequence[Capture]) -> bool:
    for name, value in capture.knobs.items():
        positions = [other.knobs[name] for other in captures]
        if value not in (min(positions), max(positions)):
            return False
    return True


def _draw(capture: Capture) -> str:
    """A fair and repeatable draw: the hash of the knob values."""
    return hashlib.sha256(json.dumps(capture.knobs, sort_keys=True).encode()).hexdigest()
