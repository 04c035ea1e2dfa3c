"""A gain that was nudged: a level that its neighbours on the dials do not explain.

How loud a device answers is a smooth function of its knobs and of how loud it was played. A quadratic in
these, fitted so that single takes cannot pull it (iteratively reweighted, Huber 1964), leaves the takes that
do not belong. What is left is also looked at in the order of recording: a gain that was nudged stays nudged.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Reviewed
from vastudio.dataset.manifest import Finding

_Real = npt.NDArray[np.float64]

_LEAST_JUMP_DB = 3.0
_DEVIATIONS = 6.0
_MAD_TO_DEVIATION = 1.4826
_LEAST_SHIFT_DB = 0.7
_SHIFT_DEVIATIONS = 7.0
_FEWEST_BESIDE = 5
_LEAST_SAME_DB = 0.3
_ROUNDS = 30
_HINT = "Check the gains of the interface and of the device, and record this take again."


def find(takes: Sequence[Reviewed]) -> Iterator[Finding]:
    """Warn about single takes, about lasting shifts, and about two takes of one position."""
    sounding = [take for take in takes if math.isfinite(take.gain_db) and take.has_answer]
    yield from _same_position(sounding)
    design = _design(sounding)
    if design is None:
        return
    residuals = _residuals(design, np.array([take.output_db for take in sounding]))
    scatter = _MAD_TO_DEVIATION * float(np.median(np.abs(residuals)))
    limit = max(_LEAST_JUMP_DB, _DEVIATIONS * scatter)
    odd = np.abs(residuals) > limit
    for take, residual in zip(itertools.compress(sounding, odd), residuals[odd], strict=True):
        yield _finding(take, float(residual), "than its neighbours on the dials suggest")
    if not odd.any():
        yield from _shift(sounding, residuals)


def _same_position(takes: Sequence[Reviewed]) -> Iterator[Finding]:
    """Two takes of one position, played equally loud, have one level."""
    for first, second in itertools.combinations(takes, 2):
        if first.capture == second.capture or dict(first.values) != dict(second.values):
            continue
        jump = second.output_db - first.output_db
        if abs(second.input_db - first.input_db) < 0.1 and abs(jump) > _LEAST_SAME_DB:
            yield _finding(second, jump, f"than capture {first.capture} at the same position")


def _design(takes: Sequence[Reviewed]) -> _Real | None:
    """Columns of a quadratic in the knobs and the input level; None for too few takes."""
    if not takes:
        return None
    knobs = 2.0 * np.array([list(take.knobs.values()) for take in takes]).reshape(len(takes), -1) - 1.0
    played = np.array([take.input_db for take in takes])
    if np.ptp(played) > 0.1:
        knobs = np.column_stack([knobs, (played - played.mean()) / 10.0])
    count = knobs.shape[1]
    pairs = [knobs[:, i] * knobs[:, j] for i, j in itertools.combinations_with_replacement(range(count), 2)]
    full = np.column_stack([np.ones(len(takes)), knobs, *pairs])
    plain = np.column_stack([np.ones(len(takes)), knobs])
    for design in (full, plain):
        if len(takes) >= 2 * design.shape[1] + _FEWEST_BESIDE:
            return design
    return None


def _residuals(design: _Real, levels: _Real) -> _Real:
    """What the fit leaves of each level, had that level not been in it (leave-one-out), in dB."""
    weights = np.ones(len(levels))
    residuals = levels - np.median(levels)
    for _ in range(_ROUNDS):
        root = np.sqrt(weights)[:, None]
        weighted = design * root
        inverse = np.linalg.pinv(weighted.T @ weighted + 1e-6 * np.eye(design.shape[1]))
        leverage = np.einsum("ij,jk,ik->i", weighted, inverse, weighted)
        residuals = levels - design @ (inverse @ (weighted.T @ (levels * root[:, 0])))
        scale = max(_MAD_TO_DEVIATION * float(np.median(np.abs(residuals))), 0.05)
        weights = 1.0 / np.maximum(np.abs(residuals) / (1.345 * scale), 1.0)
    return np.asarray(residuals / np.maximum(1.0 - leverage, 0.2))


def _shift(takes: Sequence[Reviewed], residuals: _Real) -> Iterator[Finding]:
    """The place in the order of recording where the level shifts for good, if it does."""
    scatter = max(_MAD_TO_DEVIATION * float(np.median(np.abs(residuals - np.median(residuals)))), 0.02)
    best, strength, jump = 0, 0.0, 0.0
    for index in range(_FEWEST_BESIDE, len(residuals) - _FEWEST_BESIDE + 1):
        before, after = residuals[:index], residuals[index:]
        step = float(np.median(after) - np.median(before))
        error = 1.2533 * scatter * math.sqrt(1.0 / len(before) + 1.0 / len(after))
        if abs(step) / error > strength:
            best, strength, jump = index, abs(step) / error, step
    if strength > _SHIFT_DEVIATIONS and abs(jump) > _LEAST_SHIFT_DB:
        yield _finding(takes[best], jump, "than before, and so are all that follow it")


def _finding(take: Reviewed, jump_db: float, than: str) -> Finding:
    return Finding(
        "warning",
        "level_jump",
        f"This take is {abs(jump_db):.1f} dB {'louder' if jump_db > 0.0 else 'quieter'} {than}.",
        _HINT,
        capture=take.capture,
        clip=take.clip,
        value=round(jump_db, 2),
        unit="dB",
    )


CHECK = Check(codes=("level_jump",), takes=find)
