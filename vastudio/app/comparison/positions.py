"""All metrics at every knob position of a dataset, the worst position first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from vastudio.app.comparison.comparing import ComparisonMetrics, measure_clips
from vastudio.app.comparison.goals import GOALS
from vastudio.app.evaluate import captures_of, check_match
from vastudio.dataset.manifest import Capture
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render


@dataclass(frozen=True)
class PositionMetrics:
    """The metrics of one capture, all its clips together."""

    capture: str
    knobs: dict[str, float]
    split: str
    seconds: float
    metrics: ComparisonMetrics


@dataclass(frozen=True)
class PositionTable:
    """A model at every position of a split.

    Attributes
    ----------
    rows:
        The position with the highest ESR first.
    median, worst:
        Over the positions, metric by metric; values that are not numbers are left out. What is worst is the
        goal's matter: the highest, or the lowest of those that should be high.
    """

    model_name: str
    split: str
    rows: tuple[PositionMetrics, ...]
    median: dict[str, float]
    worst: dict[str, float]


def position_metrics(
    model: PlayableModel,
    dataset: Dataset,
    split: str = "validation",
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PositionTable:
    """Render every capture of a split (`validation`, `train` or `all`) at its own position and measure it.

    Parameters
    ----------
    on_progress:
        Called with captures done and captures in all, from 0 on; an exception from it ends the measuring.

    Raises
    ------
    DatasetError
        When the split is unknown or empty, or the knobs do not match.
    ModelFileError
        When the model cannot play at the dataset's rate.
    AudioFileError
        When a recording cannot be read.
    """
    captures = captures_of(dataset, split)
    model = check_match(model, dataset)
    rows = []
    for done, capture in enumerate(captures):
        on_progress(done, len(captures))
        rows.append(_row(model, dataset, capture))
    on_progress(len(captures), len(captures))
    rows.sort(key=lambda row: -row.metrics.esr)
    return PositionTable(model.name, split, tuple(rows), _medians(rows), _worsts(rows))


def _row(model: PlayableModel, dataset: Dataset, capture: Capture) -> PositionMetrics:
    clips = []
    for clip in capture.clips:
        clean, target = dataset.read_clip(clip)
        clips.append((clean, target, render(model, clean, capture.knobs)))
    seconds = sum(len(clean) for clean, _, _ in clips) / dataset.sample_rate
    metrics = measure_clips(clips, dataset.sample_rate)
    return PositionMetrics(capture.id, dict(capture.knobs), capture.split, seconds, metrics)


def _medians(rows: Sequence[PositionMetrics]) -> dict[str, float]:
    return {
        name: float(np.median(values)) if values else float("nan") for name, values in _columns(rows).items()
    }


def _worsts(rows: Sequence[PositionMetrics]) -> dict[str, float]:
    worst = {}
    for name, values in _columns(rows).items():
        is_low_bad = name in GOALS and GOALS[name].sense == "at least"
        worst[name] = (min if is_low_bad else max)(values, default=float("nan"))
    return worst


def _columns(rows: Sequence[PositionMetrics]) -> dict[str, list[float]]:
    """Every metric's values that are numbers (infinities are)."""
    names = [field.name for field in fields(ComparisonMetrics) if not field.name.endswith("_lufs")]
    values = {name: [float(getattr(row.metrics, name)) for row in rows] for name in names}
    return {name: [value for value in column if not np.isnan(value)] for name, column in values.items()}
