"""A take that sounds like the one before, though a knob should have moved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from vastudio.dataset.checks.check import Check
from vastudio.dataset.checks.evidence import Reviewed
from vastudio.dataset.manifest import Finding

_EXACT = 1e-6  # difference below which two takes without noise are the same
_NOISE_MARGIN = 3.0
_MOST_GAIN_DB = 0.05
_MOST_NOISE = 0.01  # with more, a small turn of a knob would drown


def find(takes: Sequence[Reviewed]) -> Iterator[Finding]:
    """Compare each take with the one before it, where both were played the same."""
    for before, this in itertools.pairwise(takes):
        compared = this.previous
        moved = [name for name, value in this.values.items() if before.values.get(name) != value]
        if compared is None or not moved or compared.expected > _MOST_NOISE:
            continue
        alike = compared.likeness.difference < _EXACT + _NOISE_MARGIN * compared.expected
        if alike and abs(compared.likeness.gain_db) < _MOST_GAIN_DB and not compared.likeness.inverted:
            turns = [f"{name} from {before.values[name]:g} to {this.values[name]:g}" for name in moved]
            yield Finding(
                "warning",
                "unmoved",
                f"This take sounds like the one before it, though the plan turned {', '.join(turns)}.",
                "Set the knobs and record again, unless they do nothing at this position.",
                capture=this.capture,
                clip=this.clip,
                value=round(compared.likeness.difference, 8),
                unit="share of energy",
            )


CHECK = Check(codes=("unmoved",), takes=find)
