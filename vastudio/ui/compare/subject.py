"""What the Compare page compares: a pair of recordings, up to four models beside it, a stretch of time.

Activities: everything here runs in the window's thread; reading, rendering and measuring run in the pool, in
this order and newest first, so that signals can be drawn and heard before they are measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vastudio.app.comparison.comparing import Comparison, ComparisonMetrics, Rendering
from vastudio.app.comparison.pair import Pair, dataset_pair, file_pair, recorded_values
from vastudio.app.studio import OpenedModel, read_model
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.types import KnobValues
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.compare.columns import Column, Key, measure_all, render_all

MOST_COLUMNS = 4
"""More models than this beside each other cannot be told apart."""

_SHORTEST_SECONDS = 0.02
_LONG_SECONDS = 20.0
"""Of pairs longer than this, what is measured at once is told before the rest."""


class Subject(QObject):
    """Pair, columns, results and excerpt; the tabs of the page show them and never keep their own.

    Attributes
    ----------
    pair:
        The recordings; None while there are none.
    columns:
        The models, in the order of their columns. The open model is `columns[heard]`, the first at the start.
    renderings:
        What the models make of the pair, one for each column, or nothing.
    comparisons:
        The same, measured: one for each column, or nothing while there is something to wait for.
    metrics:
        Those of each column as far as they are known, or nothing: what takes long is nan at first.
    excerpt:
        Start and stop, in seconds, of the selected stretch.
    is_locked:
        Whether pair, models and knobs are to stay as they are: a listening test is running.

    Signals
    -------
    pair_changed(), columns_changed(), rendered(), estimated(), compared(), excerpt_changed():
        There is a new one of what the attributes hold: `estimated` tells of `metrics`.
    busy_changed(bool), locked_changed(bool):
        Whether there is something to wait for; whether the person may choose something else.
    failed(object):
        The StudioError that ended the reading or measuring.
    """

    pair_changed = Signal()
    columns_changed = Signal()
    rendered = Signal()
    estimated = Signal()
    compared = Signal()
    excerpt_changed = Signal()
    busy_changed = Signal(bool)
    locked_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_active = False
        self._known: dict[Key, Rendering] = {}
        self._dials: dict[str, float] = {}
        self.pair: Pair | None = None
        self.columns: tuple[Column, ...] = ()
        self.heard = 0
        self.renderings: tuple[Rendering, ...] = ()
        self.comparisons: tuple[Comparison, ...] = ()
        self.metrics: tuple[ComparisonMetrics, ...] = ()
        self.excerpt: tuple[float, float] | None = None
        self.is_locked = False
        self._reading = self._work(self._show_pair)
        self._opening = self._work(self._show_opened)
        self._rendering = self._work(self._show_renderings)
        self._estimating = self._work(self._show_estimates)
        self._measuring = self._work(self._show_comparisons)
        session.model_changed.connect(self._follow_model)
        session.knobs_changed.connect(self._compare)
        session.listening_changed.connect(self.set_locked)
        self._follow_model()

    def _work(self, on_done: Callable[..., None]) -> Latest:
        work = Latest(self._session.pool, self)
        work.done.connect(on_done)
        work.failed.connect(self.failed)
        work.busy_changed.connect(lambda _busy: self.busy_changed.emit(self.is_busy))
        return work

    @property
    def is_busy(self) -> bool:
        """Whether there are results to wait for."""
        works = (self._reading, self._opening, self._rendering, self._estimating, self._measuring)
        return any(work.is_busy for work in works)

    @property
    def playables(self) -> tuple[PlayableModel, ...]:
        """What plays the model of each column."""
        return tuple(column.playable for column in self.columns)

    def set_active(self, active: bool) -> None:
        """Only while somebody looks are models rendered and measured."""
        self._is_active = active
        if active:
            self._compare()
        else:
            for work in (self._reading, self._rendering, self._estimating, self._measuring):
                work.forget()

    def set_locked(self, locked: bool) -> None:
        """Keep the person from choosing something else, or allow it again."""
        self.is_locked = locked
        self.locked_changed.emit(locked)

    # --- the pair -------------------------------------------------------------------------------------

    def choose_clip(self, dataset: Dataset, capture: str, clip: int = 0) -> None:
        """Compare with a clip of a dataset."""
        self._reading.submit(partial(dataset_pair, dataset, capture, clip))

    def choose_files(self, clean: Path, target: Path, knobs: KnobValues | None = None) -> None:
        """Compare with two audio files, recorded at `knobs` where that is known."""
        self._reading.submit(partial(file_pair, clean, target, knobs))

    def forget_pair(self) -> None:
        """There is nothing to compare with."""
        self._reading.forget()
        self.pair = None
        self._forget_results()
        self.pair_changed.emit()

    def _show_pair(self, pair: Pair) -> None:
        self.pair = pair
        self._forget_results()
        self.set_excerpt(None)
        self.pair_changed.emit()
        self.go_to_recorded()

    def _forget_results(self) -> None:
        self._known.clear()
        self.renderings = self.comparisons = self.metrics = ()

    # --- knobs ----------------------------------------------------------------------------------------

    @property
    def recorded_knobs(self) -> dict[str, float]:
        """Where the knobs of the open model stood when the target was recorded; empty where nobody knows."""
        if self.pair is None or not self.pair.knobs or not self.columns:
            return {}
        return recorded_values(self.columns[self.heard].model.knobs, self.pair)

    @property
    def foreign_knobs(self) -> list[str]:
        """The open model's knobs that the recorded device, where its knobs are known, does not have."""
        if self.pair is None or not self.pair.knobs or not self.columns:
            return []
        return [
            knob.title for knob in self.columns[self.heard].model.knobs if knob.name not in self.pair.knobs
        ]

    def go_to_recorded(self) -> None:
        """Turn the open model's knobs to where the target was recorded, and compare."""
        self._session.set_knobs(self.recorded_knobs)

    def values_of(self, index: int) -> dict[str, float]:
        """Where the knobs of a column's model stand: models share what has the same name."""
        if index == self.heard:
            return dict(self._session.studio.knob_values)
        knobs = self.columns[index].model.knobs
        resting = recorded_values(knobs, self.pair) if self.pair else {k.name: k.default for k in knobs}
        shared = {knob.name: self._dials.get(knob.name, resting[knob.name]) for knob in knobs}
        return {knob.name: min(max(shared[knob.name], knob.minimum), knob.maximum) for knob in knobs}

    # --- the models -----------------------------------------------------------------------------------

    def add_model(self, path: Path) -> None:
        """Put another model beside the others, as soon as a worker has read it."""
        self._opening.submit(lambda: (None, read_model(path)))

    def replace_model(self, index: int, path: Path) -> None:
        """Put another model in the place of one."""
        if index == self.heard:
            self._session.open_model(path)
        else:
            self._opening.submit(lambda: (index, read_model(path)))

    def remove_column(self, index: int) -> None:
        """Take a model away; the last one stays."""
        if len(self.columns) < 2:
            return
        if index == self.heard:
            self.hear(index - 1 if index else 1)
        self.heard -= index < self.heard
        self._set_columns([column for place, column in enumerate(self.columns) if place != index])
        self._compare()

    def hear(self, index: int) -> None:
        """Have the player play the model of a column."""
        if not 0 <= index < len(self.columns) or self.is_locked:
            return
        if index != self.heard:
            self._session.use_model(self.columns[index].opened, knobs=self.values_of(index))
        self._session.set_monitor("model")

    def _show_opened(self, result: tuple[int | None, OpenedModel]) -> None:
        index, opened = result
        columns = list(self.columns)
        if index is not None and index < len(columns) and index != self.heard:
            columns[index] = Column(opened)
        elif len(columns) < MOST_COLUMNS:
            columns.append(Column(opened))
        self._set_columns(columns)
        self._compare()

    def _follow_model(self) -> None:
        """The player has another model: one of the columns, or a new one in the place of the heard one."""
        studio = self._session.studio
        if studio.model is None or studio.playable is None or studio.model_path is None:
            self._set_columns([])
            return
        for place, playable in enumerate(self.playables):
            if playable is studio.playable:
                self.heard = place
                self.columns_changed.emit()
                return
        columns = list(self.columns)
        opened = OpenedModel(studio.model_path, studio.model, studio.playable)
        columns[self.heard : self.heard + 1] = [Column(opened)]
        self._set_columns(columns)
        if self._is_active:
            self.go_to_recorded()

    def _set_columns(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.renderings = self.comparisons = self.metrics = ()
        self.columns_changed.emit()

    # --- results --------------------------------------------------------------------------------------

    def _compare(self) -> None:
        self._dials.update(self._session.studio.knob_values)
        if not self._is_active or self.pair is None or not self.columns:
            return
        wanted = [(column, self.values_of(place)) for place, column in enumerate(self.columns)]
        self._estimating.forget()
        self._measuring.forget()
        self._rendering.submit(partial(render_all, self.pair, wanted, dict(self._known)))

    def _show_renderings(self, renderings: dict[Key, Rendering]) -> None:
        self._known = renderings
        self.renderings = tuple(renderings.values())
        self.rendered.emit()
        if self.pair is not None and self.pair.seconds > _LONG_SECONDS:
            self._estimating.submit(partial(measure_all, renderings, quick=True))
        else:
            self._measuring.submit(partial(measure_all, renderings, quick=False))

    def _show_estimates(self, comparisons: dict[Key, Comparison]) -> None:
        self.metrics = tuple(comparison.metrics for comparison in comparisons.values())
        self.estimated.emit()
        self._measuring.submit(partial(measure_all, self._known, quick=False))

    def _show_comparisons(self, comparisons: dict[Key, Comparison]) -> None:
        self._known = dict(comparisons)
        self.renderings = self.comparisons = tuple(comparisons.values())
        self.metrics = tuple(comparison.metrics for comparison in self.comparisons)
        self.estimated.emit()
        self.compared.emit()

    # --- the stretch ----------------------------------------------------------------------------------

    def set_excerpt(self, excerpt: tuple[float, float] | None) -> None:
        """Select a stretch, in seconds in either order, and loop it; one too short to hear selects none."""
        if excerpt is not None and self.pair is not None:
            start, stop = (min(max(second, 0.0), self.pair.seconds) for second in sorted(excerpt))
            excerpt = (start, stop) if stop - start >= _SHORTEST_SECONDS else None
        if excerpt != self.excerpt:
            self.excerpt = excerpt
            self._session.set_excerpt(*(excerpt or (None,)))
            self.excerpt_changed.emit()
