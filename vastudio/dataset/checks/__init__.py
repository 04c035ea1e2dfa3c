"""Judging recordings: one check per file, found by the registry."""

from vastudio.dataset.checks.check import Check, checks, judge_take, judge_takes
from vastudio.dataset.checks.evidence import Evidence, Reviewed, compare_takes, reviewed
from vastudio.dataset.checks.levels import SILENCE_DB, clipped_frames, measure

__all__ = [
    "SILENCE_DB",
    "Check",
    "Evidence",
    "Reviewed",
    "checks",
    "clipped_frames",
    "compare_takes",
    "judge_take",
    "judge_takes",
    "measure",
    "reviewed",
]
