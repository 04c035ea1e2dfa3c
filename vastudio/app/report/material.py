"""What a report tells, gathered: positions, comparisons to look at and listen to, probe, listening tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vastudio.app.comparison.comparing import Comparison, measure_rendering, render_pair
from vastudio.app.comparison.naming import told_apart
from vastudio.app.comparison.pair import Pair, dataset_pair, recorded_values
from vastudio.app.comparison.positions import PositionTable, position_metrics
from vastudio.app.listening import sessions
from vastudio.app.listening.pooling import Pool, pool
from vastudio.app.listening.ratings import Summary, summarise
from vastudio.app.probe.report import Report as ProbeReport
from vastudio.app.probe.report import report as probe
from vastudio.app.probe.subject import Subject
from vastudio.app.studio import OpenedModel
from vastudio.dataset.store import Dataset
from vastudio.types import KnobValues

_SHORTEST_MARK = 12

Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class ModelPart:
    """One model of the report.

    Attributes
    ----------
    file_hash:
        SHA-256 (hex) of the model file.
    table:
        Its metrics at every position; None without a dataset.
    probe:
        How it behaves by itself; None where that was not asked for.
    pools, ratings:
        Listening tests of this very file.
    """

    opened: OpenedModel
    file_hash: str
    table: PositionTable | None
    probe: ProbeReport | None
    pools: tuple[Pool, ...]
    ratings: tuple[Summary, ...]

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.opened.model.name


@dataclass(frozen=True, eq=False)
class Shown:
    """A pair that is shown in full, and why this one; one comparison for each model."""

    title: str
    comparisons: tuple[Comparison, ...]

    @property
    def pair(self) -> Pair:
        """What was recorded."""
        return self.comparisons[0].pair


@dataclass(frozen=True, eq=False)
class Material:
    """Everything a report tells. `shown` has the worst position first; listening tests may be left out.

    `unread` has a note on every listening session that is damaged, and so is not counted.
    """

    models: tuple[ModelPart, ...]
    dataset: Dataset | None
    split: str
    shown: tuple[Shown, ...]
    tells_listening: bool = True
    unread: tuple[str, ...] = ()


def gather(
    models: Sequence[OpenedModel],
    *,
    dataset: Dataset | None = None,
    split: str = "validation",
    pair: Pair | None = None,
    values: KnobValues | None = None,
    listening_folder: Path | None = None,
    with_probe: bool = True,
    with_listening: bool = True,
    on_progress: Progress = lambda _what: None,
) -> Material:
    """Measure what a report tells.

    Parameters
    ----------
    models:
        At least one; the positions to show are chosen by the first.
    dataset, split:
        Measure at all positions of a split, and show the worst and a typical one.
    pair:
        Show this pair; with a dataset, beside its positions.
    values:
        Where knobs stand for the probe and for `pair`, where not as recorded.
    listening_folder:
        Where listening sessions lie, if not in the user's folder.
    with_probe, with_listening:
        Whether the models are probed, and whether listening tests are told.
    on_progress:
        Is told what comes next; an exception from it ends the work.

    Raises
    ------
    DatasetError, AudioFileError, KnobError
        As `position_metrics`, `dataset_pair` and `compare` do.
    """
    models = told_apart(models)
    tables = [_table(opened, dataset, split, on_progress) for opened in models]
    shown = []
    if pair is not None:
        shown.append(_shown("The recording", models, pair, values or {}, on_progress))
    if dataset is not None and tables[0] is not None:
        for title, place in _chosen(tables[0]).items():
            chosen = _worst_clip(models[0], dataset, place)
            shown.append(_shown(title, models, chosen, {}, on_progress))
    read, unread = sessions.read_all(listening_folder) if with_listening else ({}, [])
    parts = []
    for opened, table in zip(models, tables, strict=True):
        file_hash = hashlib.sha256(opened.path.read_bytes()).hexdigest()
        ours = [test for test in read.values() if _is_about(test.subject.models, file_hash)]
        found = _probe(opened, values or {}, on_progress) if with_probe else None
        parts.append(ModelPart(opened, file_hash, table, found, tuple(pool(ours)), tuple(summarise(ours))))
    return Material(tuple(parts), dataset, split, tuple(shown), with_listening, tuple(unread))


def _probe(opened: OpenedModel, values: KnobValues, on_progress: Progress) -> ProbeReport:
    def tell(_done: int, _total: int, what: str) -> None:
        on_progress(f"{opened.model.name}: {what[0].lower()}{what[1:]}")

    return probe(Subject.of(opened.playable), _own(opened, values), on_progress=tell)


def _table(
    opened: OpenedModel, dataset: Dataset | None, split: str, on_progress: Progress
) -> PositionTable | None:
    if dataset is None:
        return None

    def tell(done: int, total: int) -> None:
        on_progress(f"{opened.model.name}: position {done} of {total}")

    return position_metrics(opened.playable, dataset, split, tell)


def _chosen(table: PositionTable) -> dict[str, str]:
    """Captures by why they are shown: the worst, and the one in the middle."""
    worst, middle = table.rows[0], table.rows[len(table.rows) // 2]
    if middle is worst:
        return {"The position": worst.capture}
    return {"The worst position": worst.capture, "A typical position": middle.capture}


def _worst_clip(opened: OpenedModel, dataset: Dataset, capture: str) -> Pair:
    """The clip of a capture where the first model is furthest off."""
    pairs = [dataset_pair(dataset, capture, index) for index in range(len(dataset.capture(capture).clips))]
    if len(pairs) == 1:
        return pairs[0]

    def error(pair: Pair) -> float:
        rendering = render_pair(opened.playable, pair, recorded_values(opened.playable.knobs, pair))
        return measure_rendering(rendering, quick=True).metrics.esr

    return max(pairs, key=error)


def _shown(
    title: str, models: Sequence[OpenedModel], pair: Pair, values: KnobValues, on_progress: Progress
) -> Shown:
    comparisons = []
    for opened in models:
        on_progress(f"{opened.model.name}: {pair.title}")
        knobs = {**recorded_values(opened.playable.knobs, pair), **_own(opened, values)}
        comparisons.append(measure_rendering(render_pair(opened.playable, pair, knobs)))
    return Shown(title, tuple(comparisons))


def _own(opened: OpenedModel, values: KnobValues) -> dict[str, float]:
    ours = {knob.name for knob in opened.playable.knobs}
    return {name: value for name, value in values.items() if name in ours}


def _is_about(models: Mapping[str, str], file_hash: str) -> bool:
    """Whether a listening test heard the file with this hash, written down whole or shortened."""
    marks = [mark.removeprefix("sha256:") for mark in models.values()]
    return any(len(mark) >= _SHORTEST_MARK and file_hash.startswith(mark) for mark in marks)
