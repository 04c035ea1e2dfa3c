"""The knobs of a device, inferred from the positions at which it was captured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vastudio.dataset.manifest import Finding
from vastudio.dataset.planned import KnobRanges, PlannedCapture
from vastudio.errors import DatasetError, did_you_mean
from vastudio.types import Knob

_COMMON_RANGES = ((0.0, 1.0), (0.0, 10.0))
_FEW = 0.2


def infer_knobs(captures: Sequence[PlannedCapture], ranges: KnobRanges) -> tuple[Knob, ...]:
    """Return the knobs that `captures` turn, in their order there.

    A knob's range is the one in `ranges`; else 0..1 or 0..10, whichever holds all its positions
    first; else from the lowest to the highest position. It rests in the middle, or at its only
    position when it never moves.

    Raises
    ------
    DatasetError
        When captures name different knobs, `ranges` names a knob that none has, or a position is
        out of range.
    """
    names = list(captures[0].knobs) if captures else []
    _refuse_misfits(captures, names, ranges)
    return tuple(_knob(name, [capture.knobs[name] for capture in captures], ranges) for name in names)


def infer_range(positions: Sequence[float]) -> tuple[float, float]:
    """Return the smallest common dial that holds all `positions`, or their own range."""
    lowest, highest = min(positions), max(positions)
    for minimum, maximum in _COMMON_RANGES:
        if minimum <= lowest and highest <= maximum:
            return minimum, maximum
    return (lowest, highest) if lowest < highest else (min(lowest, 0.0), max(highest, 0.0))


def odd_positions(captures: Sequence[PlannedCapture], ranges: KnobRanges) -> tuple[Finding, ...]:
    """Warn about single positions far from all others of a knob whose range was inferred.

    One 5 among positions from 0 to 1 makes the dial 0 to 10: more often a slip than a position.
    """
    found = []
    for name in captures[0].knobs if captures else ():
        positions = [capture.knobs[name] for capture in captures]
        dial = infer_range(positions)
        for minimum, maximum in _COMMON_RANGES:
            outside = [capture for capture in captures if not minimum <= capture.knobs[name] <= maximum]
            if name not in ranges and 0 < len(outside) <= _FEW * len(captures):
                found.append(_odd_position(name, outside[0], (minimum, maximum), dial))
                break
    return tuple(found)


def _odd_position(
    name: str, capture: PlannedCapture, usual: tuple[float, float], dial: tuple[float, float]
) -> Finding:
    where = capture.clips[0].origin
    return Finding(
        "warning",
        "odd_position",
        f"{where}: {name} = {capture.knobs[name]:g}, nearly all others lie in {usual[0]:g} to {usual[1]:g}.",
        f"If it is a slip, mend it; the dial goes from {dial[0]:g} to {dial[1]:g} now.",
    )


def _refuse_misfits(captures: Sequence[PlannedCapture], names: list[str], ranges: KnobRanges) -> None:
    for capture in captures:
        if set(capture.knobs) != set(names):
            raise DatasetError(
                f"{capture.clips[0].origin} has the knobs {_listed(capture.knobs)}; others {_listed(names)}.",
                "Give every capture a value for the same knobs.",
            )
    for name, (minimum, maximum) in ranges.items():
        if name not in names:
            raise DatasetError(f"There is no knob '{name}' to give a range to.", did_you_mean(name, names))
        for capture in captures:
            if not minimum <= capture.knobs[name] <= maximum:
                raise DatasetError(
                    f"{capture.clips[0].origin}: {name} = {capture.knobs[name]:g} is outside its range.",
                    f"The range given is {minimum:g} to {maximum:g}.",
                )


def _listed(names: Mapping[str, float] | list[str]) -> str:
    return ", ".join(names) or "none"


def _knob(name: str, positions: Sequence[float], ranges: KnobRanges) -> Knob:
    minimum, maximum = ranges.get(name) or infer_range(positions)
    still = len(set(positions)) == 1
    return Knob(
        name,
        minimum=minimum,
        maximum=maximum,
        default=positions[0] if still else (minimum + maximum) / 2.0,
    )
