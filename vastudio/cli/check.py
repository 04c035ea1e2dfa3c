"""vastudio check: judge the recordings of a dataset with the checks as they are today."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from vastudio.cli._command import Command, Output
from vastudio.dataset.manifest import Finding
from vastudio.dataset.review import REPORT_VERSION, Report, ReviewProgress, review
from vastudio.dataset.store import Dataset

FOUND = 1
"""Exit code of `--strict` where something was found."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, help="dataset folder, or a capture session's")
    parser.add_argument(
        "--strict", action="store_true", help=f"exit with {FOUND} on an error or a warning, for scripts"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Read every recording, judge it, and print what was found. Nothing is altered."""
    dataset = Dataset.open(arguments.dataset)

    def tell(progress: ReviewProgress) -> None:
        output.progress(f"{progress.done + 1} of {progress.total}: capture {progress.capture}")

    report = review(dataset, tell)
    output.result(_record(dataset, report), _text(dataset, report))
    found = report.count("error") + report.count("warning")
    return FOUND if arguments.strict and found else 0


def _record(dataset: Dataset, report: Report) -> dict[str, object]:
    return {
        "version": REPORT_VERSION,
        "dataset": dataset.path,
        "takes": report.takes,
        "checks": dict(report.versions),
        "counts": {severity: report.count(severity) for severity in ("error", "warning", "info")},
        "findings": [asdict(finding) for finding in report.findings],
    }


def _text(dataset: Dataset, report: Report) -> str:
    errors, warnings = report.count("error"), report.count("warning")
    lines = [f"{dataset.path}: {report.takes} takes, {errors} errors, {warnings} warnings"]
    lines += [_line(finding) for finding in report.findings]
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    where = f" (capture {finding.capture})" if finding.capture else ""
    return f"{finding.severity}{where}: {finding.message} {finding.hint}".rstrip()


COMMAND = Command("judge the recordings of a dataset", configure, run)
