"""The "Hear it now" strip: knobs, what is heard at which position, and how close it is there."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.library import esr_text
from vastudio.engine.stream import Monitor
from vastudio.types import Knob
from vastudio.ui.bridge.feed import INTERVAL_MILLISECONDS
from vastudio.ui.bridge.session import Session
from vastudio.ui.train.hearing import Hearing, Take
from vastudio.ui.train.newest import Heard, PlayNewest
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import ElidedLabel, label
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import WaveformView

_KNOB, _CELL_WIDTH = 72, 92
_KNOBS_IN_VIEW = 3
_HEIGHT, _EMPTY_HEIGHT = 222, 104
_FREE = "Free knobs · demo phrase"
_MONITORS = (
    Segment("clean", "Clean", "clean", "Hear the clean input (C)"),
    Segment("target", "Target", "target", "Hear the recorded device (T)"),
    Segment("model", "Model", "model", "Hear the model (M)"),
)
_NOTHING = "A run can be heard from its first validation on, some seconds after its start."
_READY = "Listen to the newest state of the run, its knobs live, beside the recorded device."
_NO_TARGET = "There is no recording to hear with free knobs: choose a position"


class HearCard(Card):
    """Shows a `Hearing` and steers it."""

    def __init__(self, session: Session, newest: PlayNewest, parent: QWidget | None = None) -> None:
        super().__init__("Hear it now", parent)
        self._session, self._newest = session, newest
        self.hearing = Hearing(session, newest, self)
        self.cells: dict[str, KnobCell] = {}
        self.listen = QPushButton("Listen")
        self.listen.setCheckable(True)
        self.listen.setToolTip("Load every better state of the run into the player, and play")
        self.empty = label(_NOTHING, "quiet", wrap=True)
        self.position = ElidedCombo("Recorded position")
        self.monitor = Segmented("Heard here", _MONITORS)
        self.back = QPushButton("Back to the position")
        self.back.setProperty("kind", "link")
        self.back.setToolTip("Turn the knobs to where the target was recorded")
        self.esr = ElidedLabel("", "note")
        window = TimeWindow(self)
        self.window_of_time = window
        self.wave = WaveformView("Target and model", window, labels=False)
        self.wave.setToolTip("Target and model over each other; wheel zooms, drag pans, click seeks")
        self.wave.set_overlay(True)
        self._knobs = scrolling(QWidget(), "Knobs of the run's model")
        self._stack = QStackedWidget()
        self._timer = QTimer(self, interval=INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._follow)
        self._arrange()
        self._connect()
        self._show_positions()
        self._show_model(None)

    def _arrange(self) -> None:
        self.header.addWidget(self.listen)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self.position, 1)
        choices.addWidget(self.monitor)
        figures = QHBoxLayout()
        figures.addWidget(self.esr)
        figures.addStretch(1)
        figures.addWidget(self.back)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addLayout(choices)
        right.addWidget(self.wave, 1)
        right.addLayout(figures)
        full = QWidget()
        row = QHBoxLayout(full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self._knobs)
        row.addLayout(right, 1)
        self._knobs.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.position.setMinimumContentsLength(4)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(full)
        self.body.addWidget(self._stack, 1)

    def _connect(self) -> None:
        session, hearing = self._session, self.hearing
        self.listen.toggled.connect(self._toggle)
        self.position.activated.connect(lambda _index: hearing.choose(self.position.currentData()))
        self.monitor.chosen.connect(session.set_monitor)
        self.back.clicked.connect(hearing.back_to_position)
        self.wave.sought.connect(session.seek)
        hearing.positions_changed.connect(self._show_positions)
        hearing.model_changed.connect(self._show_model)
        hearing.taken.connect(self._show_take)
        self._newest.offered.connect(self._show_offer)
        session.model_changed.connect(self._on_model)
        session.knobs_changed.connect(self._show_knobs)
        session.monitor_changed.connect(self._show_monitor)
        session.loop_changed.connect(self._show_target)
        session.source_changed.connect(lambda _source: self._show_target())
        self._show_monitor(session.monitor)
        self._show_target()

    def _show_monitor(self, monitor: Monitor) -> None:
        """What is heard, where there is a button for it: the null belongs to the Compare page."""
        if any(segment.key == monitor for segment in _MONITORS):
            self.monitor.select(monitor)

    def showEvent(self, event: QShowEvent) -> None:
        """Loop the chosen position again."""
        super().showEvent(event)
        self.hearing.set_shown(True)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page comes up: the loop is its."""
        self._timer.stop()
        self.hearing.set_shown(False)
        super().hideEvent(event)

    def _follow(self) -> None:
        """Show where the sound is."""
        player = self._session.studio.player
        heard = self.hearing.is_looped and self._session.source == "loop"
        self.wave.set_playhead(player.position / player.sample_rate if heard else None)

    # --- what is shown --------------------------------------------------------------------------------

    def _toggle(self, on: bool) -> None:
        self.listen.setText("Stop listening" if on else "Listen")
        self.hearing.set_enabled(on)
        self._show_offer()

    def _show_offer(self) -> None:
        offers = self._newest.newest is not None
        self.empty.setText(_READY if offers else _NOTHING)
        self.listen.setEnabled(offers or self.listen.isChecked())

    def _show_positions(self) -> None:
        positions = self.hearing.positions
        if [self.position.itemData(i) for i in range(1, self.position.count())] != list(positions):
            self.position.clear()
            self.position.addItem(_FREE, "")
            for key, text in positions.items():
                self.position.addItem(text, key)
        self.position.setCurrentIndex(self.position.findData(self.hearing.capture))

    def _show_model(self, heard: Heard | None) -> None:
        self.set_note("" if heard is None else f"{heard.title}, live knobs")
        self._show_offer()
        self._show_state()

    def _show_state(self) -> None:
        """Knobs and waveform while the run is what the player plays; otherwise how to get there."""
        has_model = self.hearing.has_model
        if has_model:
            model = self._session.studio.model
            knobs = model.knobs if model is not None else ()
            if tuple(cell.dial.knob for cell in self.cells.values()) != knobs:
                self._fill_knobs(knobs)
            self._show_knobs()
        self._stack.setCurrentIndex(1 if has_model else 0)
        self.setFixedHeight(_HEIGHT if has_model else _EMPTY_HEIGHT)

    def _on_model(self) -> None:
        """The run's model, or one that the person opened: then nothing better is loaded in its place."""
        if self.listen.isChecked() and self.hearing.has_been_left:
            self.listen.setChecked(False)
        self._show_state()

    def _fill_knobs(self, knobs: tuple[Knob, ...]) -> None:
        self.cells = {}
        holder = QWidget()
        holder.setProperty("role", "page")
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for knob in knobs:
            cell = KnobCell(knob, "model", _KNOB)
            cell.setFixedWidth(_CELL_WIDTH)
            cell.moved.connect(self._session.set_knob)
            self.cells[knob.name] = cell
            row.addWidget(cell, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._knobs.setWidget(holder)
        self._knobs.setFixedWidth(min(len(knobs), _KNOBS_IN_VIEW) * _CELL_WIDTH)
        self._knobs.setVisible(bool(knobs))

    def _show_knobs(self) -> None:
        values = self._session.studio.knob_values
        for name, cell in self.cells.items():
            if name in values and cell.value != values[name]:
                with QSignalBlocker(cell):
                    cell.set_value(values[name])
        self.back.setVisible(self.hearing.has_model and not self.hearing.is_at_position)

    def _show_take(self, take: Take | None) -> None:
        if take is None:
            self.wave.show_tracks((), 1)
            free = (
                ""
                if self.hearing.capture
                else "Turn the knobs; choose a position to hear the device beside it."
            )
            self.esr.set_full_text(free)
            return
        seconds = len(take.clean) / take.rate
        if self.window_of_time.length != seconds:
            self.window_of_time.reset(seconds)
        self.wave.show_tracks(take.tracks, take.rate)
        self.esr.set_full_text(f"ESR {esr_text(take.esr)} at this position")

    def _show_target(self) -> None:
        has_target = self._session.has_target
        self.monitor.set_available("target", has_target, _MONITORS[1].tip if has_target else _NO_TARGET)
