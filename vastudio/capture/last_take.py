"""The take before this one, kept in memory to notice at once that a knob was not turned."""

from __future__ import annotations

from vastudio.dataset.checks import Evidence, Reviewed, compare_takes
from vastudio.dataset.checks.unmoved import find
from vastudio.dataset.manifest import Finding
from vastudio.types import KnobValues


class LastTake:
    """Remembers the newest take that a person set the knobs for."""

    def __init__(self) -> None:
        self._take: tuple[Evidence, Reviewed] | None = None

    def compare(self, evidence: Evidence, values: KnobValues) -> tuple[Finding, ...]:
        """Return what is odd about a take beside the one before it, and remember it instead."""
        before, self._take = self._take, None
        reviewed = Reviewed(
            capture="",
            clip=0,
            knobs={},
            values=dict(values),
            alignment=evidence.alignment,
            transfer=evidence.transfer,
            input_db=0.0,
            output_db=0.0,
            previous=None if before is None else compare_takes(before[0], evidence),
        )
        self._take = (evidence, reviewed)
        return () if before is None else tuple(find([before[1], reviewed]))
