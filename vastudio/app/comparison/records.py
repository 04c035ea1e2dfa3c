"""Comparisons as plain records and as CSV tables, for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from vastudio.app.comparison.bands import null_by_band
from vastudio.app.comparison.comparing import Comparison, ComparisonMetrics
from vastudio.app.comparison.goals import GOALS
from vastudio.app.comparison.pair import Pair
from vastudio.app.comparison.positions import PositionTable
from vastudio.app.comparison.spectrum import average_spectra
from vastudio.app.comparison.timeline import error_over_time


def pair_record(pair: Pair) -> dict[str, Any]:
    """Describe a pair without its audio."""
    return {
        "title": pair.title, "origin": pair.origin, "capture": pair.capture, "clip": pair.clip,
        "knobs": dict(pair.knobs), "sample_rate": pair.sample_rate, "seconds": pair.seconds,
        "notes": list(pair.notes),
    }  # fmt: skip


def metrics_record(metrics: ComparisonMetrics) -> dict[str, Any]:
    """Each metric with its goal; loudness as it is. What is not finite is None."""
    record: dict[str, Any] = {}
    for name, value in asdict(metrics).items():
        goal = GOALS.get(name)
        number = value if math.isfinite(value) else None
        if goal is None:
            record[name] = number
        else:
            record[name] = {"value": number, "goal": goal.limit, "unit": goal.unit, "met": goal.is_met(value)}
    return record


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Everything measured of one comparison."""
    bands, timeline = null_by_band(comparison), error_over_time(comparison)
    return {
        "model": comparison.model_name,
        "knobs": dict(comparison.knobs),
        "metrics": metrics_record(comparison.metrics),
        "gains_db": asdict(comparison.gains),
        "null_by_band": {"centres_hz": bands.centres_hz.tolist(), "depth_db": bands.depth_db.tolist()},
        "error_over_time": {"times_s": timeline.times_s.tolist(), "esr_db": timeline.esr_db.tolist()},
        "worst_second": {"start_s": timeline.worst_second_s, "esr_db": timeline.worst_second_db},
    }


def table_record(table: PositionTable) -> dict[str, Any]:
    """All positions of a model, the worst first."""
    return {
        "model": table.model_name,
        "split": table.split,
        "median": table.median,
        "worst": table.worst,
        "positions": [
            {
                "capture": row.capture, "knobs": row.knobs, "split": row.split, "seconds": row.seconds,
                "metrics": metrics_record(row.metrics),
            }
            for row in table.rows
        ],
    }  # fmt: skip


def comparison_csv(comparisons: Sequence[Comparison]) -> str:
    """One number a line: model, measure, where it was measured (Hz or seconds), value, unit."""
    rows: list[Sequence[object]] = []
    for item in comparisons:
        rows += [(item.model_name, *row) for row in _measures(item)]
    return _csv(("model", "measure", "at", "at_unit", "value", "unit"), rows)


def tables_csv(tables: Sequence[PositionTable]) -> str:
    """One position of a model a line: capture, split, knobs, and every metric in a column of its own."""
    knobs = list(dict.fromkeys(name for table in tables for row in table.rows for name in row.knobs))
    names = list(ComparisonMetrics.__dataclass_fields__)
    rows = [
        (table.model_name, row.capture, row.split, *(row.knobs.get(name, "") for name in knobs),
         *(getattr(row.metrics, name) for name in names))
        for table in tables for row in table.rows
    ]  # fmt: skip
    return _csv(("model", "capture", "split", *(f"knob {name}" for name in knobs), *names), rows)


def _measures(item: Comparison) -> Iterable[tuple[object, ...]]:
    for name, value in asdict(item.metrics).items():
        unit = GOALS[name].unit if name in GOALS else "LUFS"
        yield name, "", "", value, unit
    bands, timeline, spectra = null_by_band(item), error_over_time(item), average_spectra(item, smoothed=True)
    for hz, depth in zip(bands.centres_hz, bands.depth_db, strict=True):
        yield "null_by_band", float(hz), "Hz", float(depth), "dB"
    for seconds, level in zip(timeline.times_s, timeline.esr_db, strict=True):
        yield "error_over_time", float(seconds), "s", float(level), "dB"
    for name in ("clean", "target", "model"):
        levels = getattr(spectra, f"{name}_db")
        for hz, level in zip(spectra.frequencies_hz, levels, strict=True):
            yield f"spectrum_{name}", float(hz), "Hz", float(level), "dB"


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: object) -> object:
    """Numbers with nine figures that count; an empty cell for what is not a number."""
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.9g}"
    return cell
