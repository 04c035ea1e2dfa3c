"""What the takes of a dataset show beside each other, put down with the capture it is about."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from vastudio.dataset.checks import Evidence, Reviewed, checks, compare_takes, judge_takes, reviewed
from vastudio.dataset.manifest import Capture, Finding
from vastudio.types import Knob, KnobValues


class TakesBeside:
    """Collects takes in the order they were recorded; of older ones only what comparing needs is kept."""

    def __init__(self, knobs: Sequence[Knob]) -> None:
        self._knobs = tuple(knobs)
        self._takes: list[Reviewed] = []
        self._last: Evidence | None = None

    def add(self, take: Evidence, capture: str, clip: int, values: KnobValues) -> None:
        """Add clip number `clip` of `capture`, recorded at the dial positions `values`. Raises KnobError."""
        previous = None if self._last is None else compare_takes(self._last, take)
        self._takes.append(reviewed(take, capture, clip, self._knobs, values, previous))
        self._last = take

    def findings(self) -> tuple[Finding, ...]:
        """What the checks find by looking at all takes."""
        return judge_takes(self._takes)


def codes() -> frozenset[str]:
    """Codes of all findings that comparing takes can make."""
    return frozenset(code for check in checks().values() if check.takes for code in check.codes)


def noted(captures: Iterable[Capture], findings: Sequence[Finding]) -> tuple[Capture, ...]:
    """Return `captures` with the `findings` about each; nothing is said about a clip twice."""
    return tuple(_noted(capture, findings) for capture in captures)


def _noted(capture: Capture, findings: Sequence[Finding]) -> Capture:
    said = {(finding.code, finding.clip) for finding in capture.findings}
    new = (
        finding
        for finding in findings
        if finding.capture == capture.id and (finding.code, finding.clip) not in said
    )
    return dataclasses.replace(capture, findings=(*capture.findings, *new))
