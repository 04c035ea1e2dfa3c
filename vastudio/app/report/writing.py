"""A report as one HTML file, and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vastudio import __version__
from vastudio.app.comparison.records import comparison_record, pair_record, table_record
from vastudio.app.report import background, html, sections
from vastudio.app.report.material import Material, ModelPart


def write_report(path: Path, material: Material, made: datetime | None = None) -> Path:
    """Write the page atomically and return its path.

    Everything lies in the file: pictures as drawings that follow light and dark, sounds as FLAC. With two
    positions and one model it takes about 6 MB.

    Parameters
    ----------
    made:
        The time told in the page; now where it is not given.

    Raises
    ------
    OutputError
        When `path` cannot be written.
    """
    names = " and ".join(part.name for part in material.models)
    body = [
        html.header(f"{names}: how close is it?" if len(material.models) == 1 else names, _lead(material))
    ]
    body.append(sections.headline(material))
    for number, item in enumerate(material.shown):
        body.append(sections.shown(item, f"g{number}"))
    if material.dataset is not None:
        body += [sections.positions(part, material.dataset) for part in material.models]
    if material.shown:
        body.append(sections.goals())
    if material.tells_listening:
        body.append(background.listening(material))
    body += [background.probe(part) for part in material.models]
    body.append(background.provenance(material))
    day = (made or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M %Z")
    body.append(f"<footer>Made {day} by VA Studio {__version__}. Nothing here comes from a network.</footer>")
    return html.write_page(path, f"{names}: report", body)


def report_record(material: Material) -> dict[str, Any]:
    """The report without sounds and pictures, for other programs."""
    return {
        "dataset": _dataset_record(material),
        "shown": [
            {
                "title": item.title,
                "pair": pair_record(item.pair),
                "models": [comparison_record(comparison) for comparison in item.comparisons],
            }
            for item in material.shown
        ],
        "models": [_model_record(part) for part in material.models],
        "listening_not_counted": list(material.unread),
    }


def _lead(material: Material) -> str:
    if material.dataset is None:
        if material.shown:
            return f"Held against {material.shown[0].pair.origin}."
        return "Measured by itself: there is no recording to hold it against."
    table = material.models[0].table
    assert table is not None  # there is a dataset
    count = len(table.rows)
    what = {"validation": "that training has never heard", "train": "that it was trained on"}.get(
        table.split, "of the dataset"
    )
    return (
        f"Held against {count} {'position' if count == 1 else 'positions'} of {material.dataset.name} {what}."
    )


def _dataset_record(material: Material) -> dict[str, Any] | None:
    dataset = material.dataset
    if dataset is None:
        return None
    return {"path": str(dataset.path), "content_hash": dataset.content_hash, "split": material.split}


def _model_record(part: ModelPart) -> dict[str, Any]:
    return {
        "file": str(part.opened.path),
        "sha256": part.file_hash,
        "name": part.name,
        "positions": table_record(part.table) if part.table is not None else None,
        "probe": part.probe.record() if part.probe is not None else None,
        "listening": {"abx": _pools(part), "ratings": [asdict(item) for item in part.ratings]},
        "provenance": dict(part.opened.model.provenance),
    }


def _pools(part: ModelPart) -> Sequence[dict[str, Any]]:
    return [
        {
            "mode": item.mode, "listeners": len(item.listeners), "sessions": item.sessions,
            "correct": item.tally.correct, "trials": item.tally.trials, "p": item.tally.p,
            "upper_bound": item.tally.upper_bound, "finding": item.verdict.finding,
            "words": item.verdict.words,
        }
        for item in part.pools
    ]  # fmt: skip
