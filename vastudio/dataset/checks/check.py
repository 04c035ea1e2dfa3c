"""What a check is, and running them all.

Every module of this package that defines `CHECK` is a check: one new file adds one. Versions count up when a
check judges otherwise than before, so that a report says what it was made with; old captures are judged anew
from their recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vastudio import registry
from vastudio.dataset.checks.evidence import Evidence, Reviewed
from vastudio.dataset.manifest import Finding

TakeCheck = Callable[[Evidence], Iterator[Finding]]
DatasetCheck = Callable[[Sequence[Reviewed]], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """A check: `take` judges one recording, `takes` those of a dataset in the order they were recorded.

    `codes` are those of all findings it can make. `first` checks come before the others; where they find an
    error the others have nothing to look at.
    """

    codes: tuple[str, ...]
    take: TakeCheck | None = None
    takes: DatasetCheck | None = None
    version: int = 1
    first: bool = False


def checks() -> dict[str, Check]:
    """Return every check by its module's name."""
    return registry.discover("vastudio.dataset.checks", "CHECK")


def judge_take(evidence: Evidence) -> tuple[Finding, ...]:
    """Return what all checks find in one take. Takes about a tenth of its length."""
    found: list[Finding] = []
    for check in sorted(checks().values(), key=lambda check: not check.first):
        if check.take is None:
            continue
        if not check.first and any(finding.severity == "error" for finding in found):
            break
        found += check.take(evidence)
    return tuple(found)


def judge_takes(takes: Sequence[Reviewed]) -> tuple[Finding, ...]:
    """Return what all checks find by looking at the takes of a dataset beside each other."""
    found: list[Finding] = []
    for check in checks().values():
        if check.takes is not None:
            found += check.takes(takes)
    return tuple(found)
