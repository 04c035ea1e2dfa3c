"""The Views tab: what the subject holds, as waveforms, spectrograms, spectra, measures and knobs.

Activities: new results arrive in the window's thread and submit drawing work; the pool prepares it; of
several requests only the newest result is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from vastudio.ui.actions import add_action
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.compare.subject import MOST_COLUMNS, Subject
from vastudio.ui.compare.views.analysis import Figures, Shown, Tracks, figures, tracks
from vastudio.ui.compare.views.export import make_exportable
from vastudio.ui.compare.views.knobs_card import KnobsCard
from vastudio.ui.compare.views.metrics_card import MetricsCard
from vastudio.ui.compare.views.spectra_source import SpectraSource
from vastudio.ui.compare.views.stage_card import StageCard
from vastudio.ui.compare.views.wave_card import WaveCard
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.time_window import TimeWindow

_SIDE_WIDTHS = (312, 340, 420, 500)
"""Room for the table of measures, by the number of models."""
_LEFT_WIDTH = 640
_WIDEST = 16_777_215


class ViewsTab(QWidget):
    """Everything shares one stretch of time and one set of marks.

    W selects and plays the worst second, Escape clears the selection, 1 to 4 choose which model is heard.
    """

    def __init__(
        self, session: Session, feed: EngineFeed, subject: Subject, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._subject = session, subject
        self._drawing = self._work(self._show_tracks)
        self._figuring = self._work(self._show_figures)
        self._tracks: Tracks | None = None
        self._figures: tuple[Figures, ...] = ()
        self.window_of_time = TimeWindow(self)
        self.marks = Marks(self)
        self._spectra = SpectraSource(session.pool, self.window_of_time, self)
        self.waves = WaveCard(self.window_of_time, self.marks)
        self.stage = StageCard(session, self.window_of_time, self.marks)
        self.metrics = MetricsCard()
        self.knobs = KnobsCard()
        self._arrange()
        self._connect(feed)
        self._add_actions()
        self._show_columns()
        make_exportable(self.waves, self.stage, self.window_of_time, lambda: self._tracks)

    def _work(self, on_done: Callable[..., None]) -> Latest:
        work = Latest(self._session.pool, self)
        work.done.connect(on_done)
        work.failed.connect(self._subject.failed)
        return work

    def _arrange(self) -> None:
        full = QWidget()
        left, self._right = QVBoxLayout(), QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, full)
        self._row.setContentsMargins(16, 0, 16, 16)
        for layout in (left, self._right, self._row):
            layout.setSpacing(12)
        left.addWidget(self.waves, 9)
        left.addWidget(self.stage, 10)
        self._right.addWidget(self.metrics)
        self._right.addWidget(self.knobs, 1)
        self._row.addLayout(left, 1)
        self._row.addLayout(self._right)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(full, "Views"))

    def _connect(self, feed: EngineFeed) -> None:
        session, subject = self._session, self._subject
        subject.columns_changed.connect(self._show_columns)
        subject.pair_changed.connect(self._show_pair)
        subject.rendered.connect(self._draw)
        subject.estimated.connect(self._show_metrics)
        subject.excerpt_changed.connect(lambda: self.marks.select(subject.excerpt))
        session.knobs_changed.connect(self._show_knobs)
        self.knobs.knob_moved.connect(session.set_knob)
        self.knobs.reset_requested.connect(subject.go_to_recorded)
        self.stage.spectrograms.scale_chosen.connect(lambda _scale: self._transform())
        self.stage.spectra.smoothing_chosen.connect(lambda _on: self._figure())
        self.stage.positions.failed.connect(subject.failed)
        self._spectra.ready.connect(self.stage.spectrograms.show_spectra)
        self._spectra.failed.connect(subject.failed)
        self.waves.second_chosen.connect(self.hear_stretch)
        for view in (self.waves.view, self.waves.strip, *self.stage.spectrograms.views):
            view.selected.connect(lambda start, stop: subject.set_excerpt((start, stop)))
            view.sought.connect(self._seek)
        feed.moved.connect(self._show_playhead)

    def _add_actions(self) -> None:
        add_action(self, "Hear the worst second", "W", self.waves.choose_worst, plain=True)
        add_action(self, "Clear the selection", "Esc", lambda: self._subject.set_excerpt(None))
        for column in range(MOST_COLUMNS):
            hear = partial(self._subject.hear, column)
            add_action(self, f"Hear model {column + 1}", str(column + 1), hear, plain=True)

    def activate(self) -> None:
        """The tab comes up."""

    def deactivate(self) -> None:
        """The tab goes: what only it wants to know is not measured any longer."""
        self.stage.positions.stop()

    @property
    def is_drawing(self) -> bool:
        """Whether there is something to draw that is not ready yet."""
        return self._drawing.is_busy or self._figuring.is_busy or self._spectra.is_busy

    # --- what is shown --------------------------------------------------------------------------------

    @property
    def _shown(self) -> Shown | None:
        subject = self._subject
        if subject.pair is None:
            return None
        return Shown(subject.pair, subject.renderings, subject.heard)

    def _show_columns(self) -> None:
        subject = self._subject
        self._fit()
        self.knobs.show_knobs(subject.columns[subject.heard].model.knobs if subject.columns else ())
        self._show_knobs()
        self._show_metrics()
        self._show_dataset()
        self._draw()

    def _fit(self) -> None:
        """Measures and knobs stand at the side, or below where that leaves too little room."""
        width = _SIDE_WIDTHS[max(len(self._subject.columns), 1) - 1]
        is_narrow = self.width() < _LEFT_WIDTH + width
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._row.setDirection(down if is_narrow else across)
        self._right.setDirection(across if is_narrow else down)
        self.metrics.setFixedWidth(width)
        self.knobs.setMinimumWidth(width if not is_narrow else 0)
        self.knobs.setMaximumWidth(width if not is_narrow else _WIDEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self._fit()

    def _show_knobs(self) -> None:
        self.knobs.show_values(self._session.studio.knob_values, self._subject.recorded_knobs)

    def _show_dataset(self) -> None:
        """The positions are those of the dataset, as long as the pair is one of its clips."""
        subject, dataset = self._subject, self._session.studio.dataset
        is_clip = subject.pair is not None and bool(subject.pair.capture)
        playable = subject.playables[subject.heard] if subject.columns else None
        self.stage.positions.set_subject(playable, dataset if is_clip else None)
        if subject.pair is not None:
            self.stage.positions.mark(subject.pair.capture)

    def _show_pair(self) -> None:
        pair = self._subject.pair
        self.marks.set_instant(None)
        self.marks.select(None)
        self._tracks, self._figures = None, ()
        self._spectra.forget()
        self.waves.show_tracks(None)
        self.waves.show_errors(None)
        self.stage.spectrograms.show_nothing()
        self._show_metrics()
        self._show_dataset()
        if pair is not None:
            self.window_of_time.reset(pair.seconds)
            self._draw()

    def _show_metrics(self) -> None:
        subject = self._subject
        final = tuple(comparison.metrics for comparison in subject.comparisons)
        waits = not final or any(a is not b for a, b in zip(final, subject.metrics, strict=False))
        note = "measuring…" if waits and subject.pair is not None else ""
        self.metrics.show_metrics(subject.metrics, max(len(subject.columns), 1), note)

    # --- drawing --------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """The recordings of a new pair first, alone: they are what a person waits for."""
        shown = self._shown
        if shown is not None:
            self._drawing.submit(partial(tracks, shown, self._tracks))
            if self._tracks is not None:
                self._transform()
                self._figure()

    def _transform(self) -> None:
        shown = self._shown
        if shown is not None:
            self._spectra.show(shown, self.stage.spectrograms.chosen_scale)

    def _figure(self) -> None:
        shown = self._shown
        if shown is not None and shown.renderings:
            smoothed = self.stage.spectra.smoothed.isChecked()
            work = partial(figures, shown.renderings, smoothed, self._figures)
            self._figuring.submit(lambda: (shown, work()))

    def _show_tracks(self, drawn: Tracks) -> None:
        is_first = self._tracks is None
        self._tracks = drawn
        self.waves.show_tracks(drawn)
        self.stage.close_up.show_tracks(drawn)
        self.stage.refresh_note()
        if is_first:
            self._transform()
            self._figure()

    def _show_figures(self, result: tuple[Shown, tuple[Figures, ...]]) -> None:
        shown, self._figures = result
        self.waves.show_errors(self._figures[shown.heard].errors)
        self.stage.spectra.show_figures(shown, self._figures)

    # --- hearing --------------------------------------------------------------------------------------

    def hear_stretch(self, start: float, stop: float) -> None:
        """Select a stretch and play it, wherever the player is."""
        self._subject.set_excerpt((start, stop))
        self._session.set_source("loop")
        self._session.seek(start)
        if not self._session.studio.player.playing:
            self._session.toggle_play()
        window = self.window_of_time
        if not window.start <= start <= stop <= window.stop:
            window.show(start - 1.0, stop + 1.0)

    def _seek(self, seconds: float) -> None:
        self.marks.set_instant(seconds)
        self._session.seek(seconds)

    def _show_playhead(self, seconds: float) -> None:
        if self.isVisible():
            self.marks.set_playhead(seconds if self._session.source == "loop" else None)
