"""Judging a dataset's recordings anew, with the checks as they are today.

Nothing is altered: the recordings are read as they were recorded, and what is found is returned beside what
the manifest has kept about files that only the import saw.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from vastudio.audio import io
from vastudio.dataset import latency
from vastudio.dataset.checks import (
    Evidence,
    Reviewed,
    checks,
    compare_takes,
    judge_take,
    judge_takes,
    reviewed,
)
from vastudio.dataset.manifest import Capture, Clip, Finding
from vastudio.dataset.store import Dataset

REPORT_VERSION = 1

_TAIL_SECONDS = 0.5
"""Of the target, read beyond the clip: what belongs to its end comes late."""

_RE_JUDGED = ("delay", "inverted", "unrelated", "early")


@dataclass(frozen=True)
class Report:
    """What the checks found.

    Attributes
    ----------
    versions:
        Version of every check by its name.
    findings:
        About the whole dataset first, then capture by capture.
    takes:
        How many recordings were judged.
    """

    versions: Mapping[str, int]
    findings: tuple[Finding, ...]
    takes: int

    def count(self, severity: str) -> int:
        """How many findings have that severity."""
        return sum(finding.severity == severity for finding in self.findings)


@dataclass(frozen=True)
class ReviewProgress:
    """`done` of `total` takes are judged; `capture` is at hand."""

    done: int
    total: int
    capture: str


def review(dataset: Dataset, on_progress: Callable[[ReviewProgress], None] | None = None) -> Report:
    """Judge every take of `dataset`; takes about a tenth of the recordings' length.

    `on_progress` is called before each take in the caller's thread; an exception from it ends the review.

    Raises
    ------
    AudioFileError
        When a recording cannot be read.
    """
    takes = list(_recorded(dataset))
    kept: list[Reviewed] = []
    found: list[Finding] = []
    before: Evidence | None = None
    for done, (capture, index, clip) in enumerate(takes):
        if on_progress:
            on_progress(ReviewProgress(done, len(takes), capture.id))
        evidence = _evidence(dataset, clip)
        own = judge_take(evidence)
        found += [dataclasses.replace(finding, capture=capture.id, clip=index) for finding in own]
        if not any(finding.severity == "error" for finding in own):
            previous = None if before is None else compare_takes(before, evidence)
            kept.append(reviewed(evidence, capture.id, index, dataset.knobs, capture.knobs, previous))
            before = evidence
    silent = {(finding.capture, finding.clip) for finding in found if finding.code == "no_answer"}
    found += (
        finding
        for finding in _beside_each_other(kept)
        if finding.code != "unrelated" or (finding.capture, finding.clip) not in silent
    )
    every = (*_kept(dataset), *sorted(found, key=lambda finding: (finding.capture, finding.clip)))
    whole = tuple(finding for finding in every if not finding.capture)
    versions = {name: check.version for name, check in checks().items()}
    return Report(versions, (*whole, *(one for one in every if one.capture)), len(takes))


def _recorded(dataset: Dataset) -> Iterator[tuple[Capture, int, Clip]]:
    """Every clip that can be read, once: ends held out for validation belong to the take they end."""
    for capture in dataset.manifest.captures:
        unreadable = {finding.clip for finding in capture.findings if finding.code == "rate"}
        for index, clip in enumerate(capture.clips):
            if index not in unreadable and not capture.id.endswith("-end"):
                yield capture, index, clip


def _evidence(dataset: Dataset, clip: Clip) -> Evidence:
    clean, rate = io.read(dataset.path / clip.input, clip.input_start, clip.frames)
    frames = clip.frames + round(_TAIL_SECONDS * rate)
    target, _ = io.read(dataset.path / clip.output, clip.output_start, frames)
    return Evidence(clean, target, rate, clip.output_start)


def _beside_each_other(takes: list[Reviewed]) -> Iterator[Finding]:
    """What one latency for all takes says, then what the checks find; each thing about a take once."""
    agreed = latency.settle([take.alignment for take in takes])
    yield from agreed.findings()
    said = set()
    for finding in judge_takes(takes):
        said.add((finding.code, finding.capture, finding.clip))
        yield finding
    for take in takes:
        for finding in agreed.correction(take.alignment).findings:
            if (finding.code, take.capture, take.clip) not in said:
                yield dataclasses.replace(finding, capture=take.capture, clip=take.clip)


def _kept(dataset: Dataset) -> Iterator[Finding]:
    """What the manifest says beyond what the checks judge again."""
    again = {code for check in checks().values() for code in check.codes} | set(_RE_JUDGED)
    for finding in dataset.manifest.all_findings():
        if finding.code not in again:
            yield finding
