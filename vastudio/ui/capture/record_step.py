"""Recording: what to set now, a big button, and what has been recorded so far."""

from __future__ import annotations

import html
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vastudio.app.capture_project import ReadTake, SessionView, TakeRow
from vastudio.audio.level import to_db
from vastudio.ui.bridge.capture import CaptureBridge
from vastudio.ui.capture.setting_dials import SettingDials
from vastudio.ui.capture.takes_table import TakesTable
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.meter import LevelMeter
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import Track, WaveformView

_STEPS = 1000
_WIDE = 900
_TAKES = (270, 350)


class RecordStep(QWidget):
    """Signals
    -------
    review_requested():
        Everything is recorded, and the person wants to look at it.
    """

    review_requested = Signal()

    def __init__(self, bridge: CaptureBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._recording: int | None = None
        self._shown_wave: tuple[Path | None, int] | None = None
        self.now = Card("Take")
        self.dials = SettingDials()
        self.instruction = label("", "instruction", wrap=True)
        self.instruction.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.findings = Notice()
        self.record = QPushButton("Record")
        self.record.setProperty("kind", "record")
        self.record.setToolTip("Record this position (Enter)")
        self.skip = _button("Skip", "Leave this position out and go on (S)")
        self.retake = _button("Retake", "Record the last take once more (R)")
        self.pause = _button("Pause", "Stop after this take (P)")
        self.cancel = _button("Stop this take", "End the take at once; it is not kept (Esc)")
        self.bar = QProgressBar(textVisible=False, maximum=_STEPS)
        self.bar.setAccessibleName("Progress of the take")
        self.level = Card("Newest take")
        self.meter = LevelMeter("in")
        self._window = TimeWindow(self)
        self.wave = WaveformView("Newest take", self._window, labels=False)
        self.takes_card = Card("Takes")
        self.takes = TakesTable()
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.record, self.skip, self.retake, self.pause, self.cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        body = self.now.body
        body.addWidget(self.dials, 1)
        body.addWidget(self.findings)
        body.addWidget(self.instruction)
        body.addLayout(buttons)
        body.addWidget(self.bar)
        self.level.header.addWidget(self.meter)
        self.level.body.addWidget(self.wave, 1)
        self.level.setMinimumHeight(120)
        self.level.setMaximumHeight(190)
        self.takes_card.body.addWidget(self.takes, 1)
        middle = QVBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.now, 1)
        middle.addWidget(self.level)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(middle, 1)
        row.addWidget(self.takes_card)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.changed.connect(self.show_view)
        bridge.begun.connect(self._begin)
        bridge.progressed.connect(self._progress)
        bridge.recording_changed.connect(self._show_recording)
        bridge.busy_changed.connect(lambda _busy: self._update())
        bridge.wave_ready.connect(self._show_wave)
        self.record.clicked.connect(self.go_on)
        self.skip.clicked.connect(self.skip_position)
        self.retake.clicked.connect(self.retake_last)
        self.pause.clicked.connect(self.pause_session)
        self.cancel.clicked.connect(bridge.cancel)
        self.takes.picked.connect(self._look_at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list of takes is narrower where the window is."""
        self.takes_card.setFixedWidth(_TAKES[event.size().width() >= _WIDE])
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme: the instruction is written in its colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._update()
        super().changeEvent(event)

    # --- what a person does ---------------------------------------------------------------------------

    def go_on(self) -> None:
        """Record; or, where everything is recorded, go on to look at it."""
        view = self._bridge.view
        if view is None or self._bridge.is_busy:
            return
        if view.is_finished:
            self.review_requested.emit()
        else:
            self._bridge.record()

    def skip_position(self) -> None:
        """Pass the position at hand over."""
        if self.skip.isEnabled() and self.skip.isVisible():
            self._bridge.skip()

    def retake_last(self) -> None:
        """Go back to the last take, or to the one chosen in the list, to record it once more."""
        place = self._retake_place()
        if place is not None and self.retake.isEnabled():
            self.takes.clearSelection()
            self._bridge.choose(place)

    def pause_session(self) -> None:
        """Record nothing after the take at hand."""
        if self._bridge.is_recording:
            self._bridge.pause()
            self.pause.setEnabled(False)
            self.pause.setText("Pausing…")

    def _retake_place(self) -> int | None:
        view, picked = self._bridge.view, self.takes.picked_row
        if picked is not None and picked.attempts:
            return picked.place
        return view.last if view is not None else None

    def _look_at(self, place: int) -> None:
        view = self._bridge.view
        if view is not None and view.rows[place].file is not None:
            self._bridge.show_wave(view.rows[place])
        self._update()

    # --- what is shown --------------------------------------------------------------------------------

    def show_view(self, view: SessionView) -> None:
        """Show where the session stands."""
        self.dials.show_knobs(view.knobs)
        row = view.row
        if row is not None:
            self.dials.show_setting(row.values, view.moved if view.needs_hands else ())
        self.takes.show_rows(view.knobs, view.rows, view.current)
        self.takes_card.set_note(_summary(view))
        self._show_newest(view)
        self._update()

    def _show_newest(self, view: SessionView) -> None:
        """Draw the take that was recorded last, once."""
        recorded = [row for row in view.rows if row.file is not None]
        if not recorded:
            return
        row = recorded[-1] if view.last is None else view.rows[view.last]
        newest = (row.file, row.attempts)
        if newest != self._shown_wave and row.file is not None:
            self._shown_wave = newest
            self._bridge.show_wave(row)

    def _begin(self, place: int) -> None:
        self._recording = place
        self.findings.clear()
        view = self._bridge.view
        if view is not None:
            row = view.rows[place]
            self.dials.show_setting(row.values, view.moved if view.needs_hands else ())
            self.takes.show_rows(view.knobs, view.rows, place)
        self._update()

    def _progress(self, done: float, peak: float) -> None:
        view = self._bridge.view
        by_itself = view is not None and not view.needs_hands and done == 0.0
        self.bar.setRange(0, 0 if by_itself else _STEPS)
        self.bar.setValue(round(done * _STEPS))
        if peak > 0.0:
            self.meter.show_level(to_db(peak), peak >= 1.0)

    def _show_recording(self, recording: bool) -> None:
        if not recording:
            self._recording = None
            self.bar.setRange(0, _STEPS)
            self.bar.setValue(0)
        self._update()

    def _show_wave(self, take: ReadTake, track: Track) -> None:
        place, seconds = take.place, len(take.target) / take.rate
        self._window.reset(seconds)
        self.wave.show_tracks([track], take.rate)
        view = self._bridge.view
        if view is None or place >= len(view.rows):
            return
        row = view.rows[place]
        peak = "silent" if row.peak_db is None else f"peak {numbers.decibels(row.peak_db)}FS"
        self.level.set_note(f"take {place + 1} · {peak} · {numbers.duration(seconds)}")

    def _update(self) -> None:
        view = self._bridge.view
        if view is None:
            return
        recording, is_idle = self._bridge.is_recording, not self._bridge.is_busy
        self._title(view)
        self.instruction.setText(self._instruction(view))
        self.record.setText(self._record_text(view))
        self.record.setEnabled(is_idle)
        tip = "Look at what was recorded (Enter)" if view.is_finished else "Record this position (Enter)"
        self.record.setToolTip(tip)
        self.record.setProperty("kind", "primary" if view.is_finished else "record")
        self.record.style().unpolish(self.record)
        self.record.style().polish(self.record)
        self.record.setVisible(not recording)
        self.skip.setVisible(not recording and not view.is_finished)
        self.skip.setEnabled(is_idle)
        place = self._retake_place()
        self.retake.setVisible(not recording)
        self.retake.setEnabled(is_idle and place is not None)
        self.retake.setText("Retake" if place is None else f"Retake {place + 1}")
        self.pause.setVisible(recording and not view.needs_hands)
        if not recording:
            self.pause.setEnabled(True)
            self.pause.setText("Pause")
        self.cancel.setVisible(recording)
        self.bar.setVisible(recording)
        self.meter.setVisible(view.needs_hands)
        self.level.title.setText("Return level" if view.needs_hands else "Newest take")
        self._show_findings(view)

    def _title(self, view: SessionView) -> None:
        place = view.current if self._recording is None else self._recording
        if view.is_finished and self._recording is None:
            self.now.title.setText(f"All {len(view.rows)} takes are done")
            self.now.set_note("")
            return
        self.now.title.setText(f"Take {min(place, len(view.rows) - 1) + 1} of {len(view.rows)}")
        self.now.set_note(_change(view))

    def _instruction(self, view: SessionView) -> str:
        if self._recording is not None:
            values = view.rows[self._recording].values
            what = _spelt(view, values, frozenset()) if not view.needs_hands else "do not touch anything"
            return f"Recording — {what}"
        row = view.row
        if row is None:
            return "Everything in the plan is recorded."
        if not view.needs_hands:
            return "The knobs turn by themselves: nothing to set"
        if not view.moved:
            return "Leave every knob as it is, then record"
        return f"Set {_spelt(view, row.values, view.moved)}, then record"

    def _record_text(self, view: SessionView) -> str:
        if view.is_finished:
            return "Review the takes"
        if not view.needs_hands:
            opened = view.count("open")
            return f"●  Record {numbers.count(opened, 'take')}"
        row = view.row
        again = row is not None and row.status == "rejected"
        return f"●  Record {'again, ' if again else ''}{view.take_seconds:.0f} s"

    def _show_findings(self, view: SessionView) -> None:
        """What is wrong with the take at hand, or with the last one."""
        row = _row_to_explain(view)
        if self._recording is not None or row is None or not row.trouble:
            if view.news and not any(each.attempts for each in view.rows):
                self.findings.say(view.news[0])
            elif row is None or not row.trouble:
                self.findings.clear()
            return
        worst = row.trouble[0]
        message = f"Take {row.place + 1}: {worst.message}"
        is_bad = worst.severity == "error"
        self.findings.say(message, worst.hint, severity="error" if is_bad else "warning")


def _row_to_explain(view: SessionView) -> TakeRow | None:
    if view.row is not None and view.row.status == "rejected":
        return view.row
    return view.rows[view.last] if view.last is not None else None


def _change(view: SessionView) -> str:
    """What is different from the last take, in a few words."""
    if not view.needs_hands or view.row is None:
        return ""
    if view.last is None:
        return "check every knob"
    moved = [knob.title for knob in view.knobs if knob.name in view.moved]
    if not moved:
        return "the same again"
    if len(moved) == 1:
        return f"only {moved[0]} changes from the last take"
    return f"{', '.join(moved[:-1])} and {moved[-1]} change from the last take"


def _spelt(view: SessionView, values: object, marked: frozenset[str]) -> str:
    """`Gain to 7, Bass to 3`, those to turn in amber."""
    assert isinstance(values, dict)
    amber = tokens().meaning.target
    parts = []
    for knob in view.knobs:
        if marked and knob.name not in marked:
            continue
        text = f"{html.escape(knob.title)} {'to ' if marked else ''}{values[knob.name]:g}"
        parts.append(f"<b style='color: {amber}'>{text}</b>" if marked else text)
    return ", ".join(parts)


def _summary(view: SessionView) -> str:
    """`13 good · 1 to repeat · 31 left (24 min)`."""
    parts = [f"{view.count('accepted')} good"]
    if view.count("rejected"):
        parts.append(f"{view.count('rejected')} to repeat")
    left = view.count("open")
    if left:
        time = "" if view.seconds_left is None else f" ({numbers.duration(view.seconds_left)})"
        parts.append(f"{left} left{time}")
    return " · ".join(parts)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
