"""The Compare page: clean, target and model of one clip, seen, measured and heard.

Activities: choices and knobs arrive in the window's thread and submit work; the pool renders, measures
and transforms; of several requests only the newest result is shown.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.comparison.comparing import Comparison
from vastudio.audio.spectral import Scale
from vastudio.errors import DatasetError
from vastudio.types import Knob
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.compare.analysis import Analysis, analyse, spectra
from vastudio.ui.compare.controls import Controls
from vastudio.ui.compare.empty import EmptyCompare
from vastudio.ui.compare.knobs_card import KnobsCard
from vastudio.ui.compare.metrics_card import MetricsCard
from vastudio.ui.compare.spectra_card import SpectraCard
from vastudio.ui.compare.wave_card import WaveCard
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.time_window import TimeWindow

_SIDE_WIDTH = 312


class ComparePage(QWidget):
    """While it is shown, the player loops the chosen clip with the knobs at its position."""

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_active = False
        self._knobs_before: dict[str, float] = {}
        self._model_before: object = None
        self._looped: tuple[object, str, int] | None = None
        self.comparison: Comparison | None = None
        self._analysing = Latest(session.pool, self)
        self._transforming = Latest(session.pool, self)
        self.window_of_time = TimeWindow(self)
        self.controls = Controls(session)
        self.notice = Notice()
        self.waves = WaveCard(self.window_of_time)
        self.spectra = SpectraCard(self.window_of_time)
        self.metrics = MetricsCard()
        self.knobs = KnobsCard()
        self.empty = EmptyCompare()
        self._stack = QStackedWidget()
        self._arrange()
        self._connect(feed)
        self._show_dataset()
        self._show_model()

    def _arrange(self) -> None:
        full = QWidget()
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addWidget(self.waves, 0, 0, 2, 1)
        grid.addWidget(self.spectra, 2, 0)
        grid.addWidget(self.metrics, 0, 1)
        grid.addWidget(self.knobs, 1, 1, 2, 1)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(1, 4)
        grid.setRowStretch(2, 6)
        for card in (self.metrics, self.knobs):
            card.setFixedWidth(_SIDE_WIDTH)
        column = QVBoxLayout(full)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.controls)
        column.addWidget(self.notice)
        column.addLayout(grid, 1)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(scrolling(full, "Compare"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _connect(self, feed: EngineFeed) -> None:
        session = self._session
        session.dataset_changed.connect(self._show_dataset)
        session.model_changed.connect(self._show_model)
        session.knobs_changed.connect(self._on_knobs)
        self.controls.clip_chosen.connect(self._start_over)
        self.knobs.knob_moved.connect(session.set_knob)
        self.knobs.reset_requested.connect(self._set_captured_knobs)
        self._analysing.done.connect(self._show_analysis)
        self._analysing.failed.connect(self._show_failure)
        self._transforming.done.connect(self.spectra.show_spectra)
        self._transforming.failed.connect(self.notice.show_error)
        self.spectra.scale_chosen.connect(self._transform)
        self.waves.view.sought.connect(session.seek)
        feed.moved.connect(self._show_playhead)

    # --- being shown ----------------------------------------------------------------------------------

    def activate(self) -> None:
        """The page comes up: loop the clip, knobs at its position; remember where they stood."""
        self._is_active = True
        self._session.set_comparing(True)
        self._knobs_before = dict(self._session.studio.knob_values)
        self._model_before = self._session.studio.model
        self._start_over()

    def deactivate(self) -> None:
        """The page goes: the demo phrase again, and the knobs where they stood."""
        if not self._is_active:
            return
        self._is_active = False
        self._session.set_comparing(False)
        self._analysing.forget()
        if self._looped is not None:
            self._looped = None
            self._session.use_demo_phrase()
        if self._session.studio.model is self._model_before and self._knobs_before:
            self._session.set_knobs(self._knobs_before)

    # --- what is compared -----------------------------------------------------------------------------

    def _show_dataset(self) -> None:
        dataset = self._session.studio.dataset
        if dataset is not None:
            try:
                self.controls.show_dataset(dataset, dataset.captures())
            except DatasetError as error:
                self.controls.show_dataset(dataset, ())
                self.notice.show_error(error)
        self._choose_state()
        self._start_over()

    def _show_model(self) -> None:
        model = self._session.studio.model
        self.knobs.show_knobs(model.knobs if model else ())
        self._choose_state()
        self._start_over()

    def _choose_state(self) -> None:
        studio = self._session.studio
        has_model, has_dataset = studio.model is not None, studio.dataset is not None
        self.empty.explain(has_model=has_model, has_dataset=has_dataset)
        self._stack.setCurrentIndex(1 if has_model and has_dataset else 0)

    def _start_over(self) -> None:
        """Another clip, model or dataset: knobs to the capture's position, everything anew."""
        if self._is_active and self._stack.currentIndex() == 1:
            self._looped = None
            self._set_captured_knobs()

    def _captured_knobs(self) -> dict[str, float]:
        chosen, model = self.controls.chosen, self._session.studio.model
        if chosen is None or model is None or any(knob.name not in chosen[0].knobs for knob in model.knobs):
            return {}
        return {knob.name: _on_dial(knob, chosen[0].knobs[knob.name]) for knob in model.knobs}

    def _set_captured_knobs(self) -> None:
        self._session.set_knobs(self._captured_knobs())

    def _on_knobs(self) -> None:
        if not self._is_active:
            return
        self.knobs.show_values(self._session.studio.knob_values, self._captured_knobs())
        self._analyse()

    def _analyse(self) -> None:
        studio, chosen = self._session.studio, self.controls.chosen
        if studio.playable is None or studio.dataset is None or chosen is None:
            return
        capture, clip = chosen
        values = dict(studio.knob_values)
        self._analysing.submit(partial(analyse, studio.playable, studio.dataset, capture.id, clip, values))

    # --- results --------------------------------------------------------------------------------------

    def _show_analysis(self, analysis: Analysis) -> None:
        if not self._is_active:
            return
        self.notice.clear()
        result = self.comparison = analysis.comparison
        identity = (self._session.studio.dataset, result.capture, result.clip)
        if self._looped != identity:
            self._looped = identity
            self.window_of_time.reset(len(result.clean) / result.sample_rate)
            title = f"{self.controls.capture.currentText()} — {self.controls.clip.currentText()}"
            self._session.use_loop(result.clean, result.target, result.sample_rate, title)
        self.waves.show_analysis(analysis)
        self.metrics.show_metrics(result.metrics)
        self._transform(self.spectra.chosen_scale)

    def _transform(self, scale: Scale) -> None:
        if self.comparison is not None:
            self._transforming.submit(partial(spectra, self.comparison, scale))

    def _show_failure(self, error: object) -> None:
        self.comparison = None
        self.waves.show_analysis(None)
        self.metrics.show_metrics(None)
        self.notice.show_error(error)  # type: ignore[arg-type]

    def _show_playhead(self, seconds: float) -> None:
        if self._is_active and self.isVisible():
            heard = self._looped is not None and self._session.source == "loop"
            self.waves.view.set_playhead(seconds if heard else None)


def _on_dial(knob: Knob, value: float) -> float:
    return min(max(value, knob.minimum), knob.maximum)
