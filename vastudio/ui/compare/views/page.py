"""The Views tab: what the subject holds, as waveforms, spectrograms, measures and knobs.

Activities: new results arrive in the window's thread and submit drawing work; the pool prepares it; of
several requests only the newest result is shown.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from vastudio.app.comparison.comparing import Rendering
from vastudio.audio.spectral import Scale
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.compare.subject import Subject
from vastudio.ui.compare.views.analysis import spectra, tracks
from vastudio.ui.compare.views.knobs_card import KnobsCard
from vastudio.ui.compare.views.metrics_card import MetricsCard
from vastudio.ui.compare.views.spectra_card import SpectraCard
from vastudio.ui.compare.views.wave_card import WaveCard
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.time_window import TimeWindow

_SIDE_WIDTH = 312


class ViewsTab(QWidget):
    """Everything shares one stretch of time."""

    def __init__(
        self, session: Session, feed: EngineFeed, subject: Subject, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._subject = session, subject
        self._drawing = Latest(session.pool, self)
        self._transforming = Latest(session.pool, self)
        self.window_of_time = TimeWindow(self)
        self.waves = WaveCard(self.window_of_time)
        self.spectra = SpectraCard(self.window_of_time)
        self.metrics = MetricsCard()
        self.knobs = KnobsCard()
        self._arrange()
        self._connect(feed)

    def _arrange(self) -> None:
        full = QWidget()
        grid = QGridLayout(full)
        grid.setContentsMargins(16, 0, 16, 16)
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
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(full, "Views"))

    def _connect(self, feed: EngineFeed) -> None:
        session, subject = self._session, self._subject
        subject.columns_changed.connect(self._show_model)
        subject.pair_changed.connect(self._show_pair)
        subject.rendered.connect(self._show_renderings)
        subject.compared.connect(self._show_comparisons)
        subject.failed.connect(lambda _error: self._show_nothing())
        session.knobs_changed.connect(self._show_knobs)
        self.knobs.knob_moved.connect(session.set_knob)
        self.knobs.reset_requested.connect(subject.go_to_recorded)
        self._drawing.done.connect(lambda drawn: self.waves.show_tracks(*drawn))
        self._transforming.done.connect(self.spectra.show_spectra)
        for work in (self._drawing, self._transforming):
            work.failed.connect(subject.failed)
        self.spectra.scale_chosen.connect(lambda _scale: self._transform())
        self.waves.view.sought.connect(session.seek)
        feed.moved.connect(self._show_playhead)
        self._show_model()

    def activate(self) -> None:
        """The tab comes up."""

    def deactivate(self) -> None:
        """The tab goes."""

    @property
    def _heard(self) -> Rendering | None:
        subject = self._subject
        return subject.renderings[subject.heard] if subject.renderings else None

    def _show_model(self) -> None:
        columns = self._subject.columns
        self.knobs.show_knobs(columns[self._subject.heard].model.knobs if columns else ())
        self._show_knobs()

    def _show_knobs(self) -> None:
        self.knobs.show_values(self._session.studio.knob_values, self._subject.recorded_knobs)

    def _show_pair(self) -> None:
        pair = self._subject.pair
        self._show_nothing()
        if pair is not None:
            self.window_of_time.reset(pair.seconds)

    def _show_renderings(self) -> None:
        rendering = self._heard
        if rendering is not None:
            rate = rendering.sample_rate
            self._drawing.submit(lambda: (tracks(rendering), rate))
            self._transform()

    def _show_comparisons(self) -> None:
        comparisons = self._subject.comparisons
        self.metrics.show_metrics(comparisons[self._subject.heard].metrics if comparisons else None)

    def _transform(self) -> None:
        scale: Scale = self.spectra.chosen_scale
        if self._heard is not None:
            self._transforming.submit(partial(spectra, self._heard, scale))

    def _show_nothing(self) -> None:
        self.waves.show_tracks((), 1)
        self.metrics.show_metrics(None)

    def _show_playhead(self, seconds: float) -> None:
        if self.isVisible():
            self.waves.view.set_playhead(seconds if self._session.source == "loop" else None)
