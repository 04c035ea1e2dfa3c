"""Which knob positions to export in one go, and what to call the files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from vastudio.dataset.store import Dataset
from vastudio.errors import KnobError, did_you_mean
from vastudio.types import Knob, KnobValues, knob_vector

MOST_POSITIONS = 200
LONGEST_NAME = 120
"""Characters of a file's name without its suffix."""

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def grid(knobs: Sequence[Knob], counts: Mapping[str, int], fixed: KnobValues) -> list[dict[str, float]]:
    """Every combination of evenly spaced places on some dials; the others stand at `fixed` or their default.

    Parameters
    ----------
    counts:
        How many places, from one end to the other, by knob; 1 is the middle. A switch has its whole numbers.

    Raises
    ------
    KnobError
        For an unknown knob, a count below 1, a value outside its dial, more than `MOST_POSITIONS` positions.
    """
    names = [knob.name for knob in knobs]
    knob_vector(knobs, fixed)
    for name, count in counts.items():
        if name not in names:
            raise KnobError(f"There is no knob '{name}'.", did_you_mean(name, names))
        if count < 1:
            raise KnobError(f"Knob '{name}' cannot have {count} places.", "Give 1 or more.")
    places = [_places(knob, counts.get(knob.name), fixed) for knob in knobs]
    total = int(np.prod([len(values) for values in places]))
    if total > MOST_POSITIONS:
        raise KnobError(
            f"That would be {total} positions.", f"Choose fewer places: {MOST_POSITIONS} positions at most."
        )
    return [dict(zip(names, position, strict=True)) for position in product(*places)]


def _places(knob: Knob, count: int | None, fixed: KnobValues) -> list[float]:
    if count is None:
        return [fixed.get(knob.name, knob.default)]
    if knob.kind == "switch":
        whole = range(round(knob.minimum), round(knob.maximum) + 1)
        return [float(value) for value in whole][: max(count, 1)]
    if count == 1:
        return [knob.denormalised(0.5)]
    return [knob.denormalised(part) for part in np.linspace(0.0, 1.0, count).tolist()]


def of_dataset(dataset: Dataset, knobs: Sequence[Knob]) -> list[dict[str, float]]:
    """The positions at which a device was recorded, each once.

    Raises KnobError when the recordings know a knob that the model does not have.
    """
    found: list[dict[str, float]] = []
    for capture in dataset.captures():
        knob_vector(knobs, capture.knobs)
        values = dict(capture.knobs)
        if values not in found:
            found.append(values)
    return found


def file_name(name: str, knobs: Sequence[Knob], values: KnobValues, suffix: str) -> str:
    """What to call a file, such as `Overdrive – Drive 7.5 Tone 3.nam`: as a person would say it."""
    told = " ".join(f"{knob.title} {values.get(knob.name, knob.default):.4g}" for knob in knobs)
    whole = _FORBIDDEN.sub(" ", f"{name} – {told}" if told else name)
    clean = " ".join(whole.split()).strip(". ")
    return f"{clean[:LONGEST_NAME].rstrip() or 'Model'}{suffix}"


def unused(path: Path, taken: set[Path]) -> Path:
    """`path`, or with a number where another file of the same export has that name."""
    found, number = path, 2
    while found in taken:
        found, number = path.with_name(f"{path.stem} {number}{path.suffix}"), number + 1
    taken.add(found)
    return found
