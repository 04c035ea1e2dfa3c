"""Levels and the loop: how loud it goes out, how loud and how late it comes back, what else comes with it."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QWidget,
)

from vastudio.app.capture_project import NEEDS_LEVELS, Draft
from vastudio.app.loop_measure import HOTTEST_DB, QUIETEST_DB, LoopReport
from vastudio.audio.level import to_db
from vastudio.ui.bridge.capture import CaptureBridge
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.meter import LevelMeter
from vastudio.ui.widgets.metric_table import MetricRow, MetricTable
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import Track, WaveformView

_STEPS = 1000
_BY_HAND = (
    "Turn the device up to where it will be loudest, then measure: 20 seconds go out and come back. Lower "
    "the send if the device is driven harder than by a guitar, and the interface's input gain if the return "
    "comes close to full scale. A return that peaks between "
    f"{numbers.fixed(QUIETEST_DB, 0)} and {numbers.fixed(HOTTEST_DB, 0)} dBFS is good."
)
_BY_ITSELF = (
    "This source needs no levels: what it returns is stored as numbers that cannot clip, and nobody "
    "turns a gain between two takes. Measuring it shows latency, polarity and noise all the same."
)


class LevelsStep(QWidget):
    """Signals
    -------
    continued():
        The levels are right: go on.
    """

    continued = Signal()

    def __init__(self, bridge: CaptureBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.draft = Draft()
        self.report: LoopReport | None = None
        self.card = Card("Levels")
        self.explanation = label("", "quiet", wrap=True)
        self.send = QDoubleSpinBox(minimum=-60.0, maximum=0.0, suffix=" dB", value=-12.0)
        self.send.setDecimals(1)
        self.send.setAccessibleName("Send level")
        self.send.setToolTip("How loud the signal goes out, relative to full scale")
        self.meter = LevelMeter("in")
        self.send_dbu = _dbu("Send", "Level at the device's input of a sine that is sent at full scale")
        self.return_dbu = _dbu("Return", "Level at the device's output of a sine recorded at full scale")
        self.knows_dbu = QCheckBox("I have measured the levels in dBu")
        self.knows_dbu.setToolTip("Optional: models can then be played at the level of the real device")
        self.measure = QPushButton("Measure")
        self.measure.setToolTip("Play 20 seconds through the device and judge what comes back")
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("End the measurement")
        self.bar = QProgressBar(textVisible=False, maximum=_STEPS)
        self.bar.setAccessibleName("Progress of the measurement")
        self.notice = Notice()
        self.result = Card("What came back")
        self.table = MetricTable("What came back")
        self._window = TimeWindow(self)
        self.wave = WaveformView("What came back", self._window)
        self.go_on = QPushButton("Continue to the knobs")
        self.go_on.setProperty("kind", "primary")
        self.go_on.setToolTip("Use these levels, and go on")
        self._arrange()
        self._connect()
        self._show_running(False)
        self.show_draft(self.draft)

    def _arrange(self) -> None:
        form = self._form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.addRow(label("Send level", "quiet"), self.send)
        form.addRow(label("Return", "quiet"), self.meter)
        body = self.card.body
        body.setSpacing(12)
        body.addWidget(self.explanation)
        body.addLayout(form)
        buttons = QHBoxLayout()
        buttons.addWidget(self.measure)
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        body.addLayout(buttons)
        body.addWidget(self.bar)
        body.addWidget(self.knows_dbu)
        body.addWidget(self.send_dbu)
        body.addWidget(self.return_dbu)
        body.addWidget(self.notice)
        body.addStretch(1)
        self.card.setFixedWidth(300)
        self._empty = label("Nothing measured yet.", "note", wrap=True)
        self.result.body.addWidget(self._empty, 1, Qt.AlignmentFlag.AlignTop)
        self.result.body.addWidget(self.table)
        self.result.body.addWidget(self.wave, 1)
        end = QHBoxLayout()
        end.addStretch(1)
        end.addWidget(self.go_on)
        self.result.body.addLayout(end)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.card)
        row.addWidget(self.result, 1)

    def _connect(self) -> None:
        bridge = self._bridge
        self.measure.clicked.connect(self._measure)
        self.stop.clicked.connect(bridge.cancel)
        self.go_on.clicked.connect(self.continued)
        self.knows_dbu.toggled.connect(self.send_dbu.setVisible)
        self.knows_dbu.toggled.connect(self.return_dbu.setVisible)
        bridge.measuring_changed.connect(self._show_running)
        bridge.progressed.connect(self._progress)
        bridge.measured.connect(self._show_report)

    def show_draft(self, draft: Draft, *, can_edit: bool = True) -> None:
        """Show the levels of a source; those of a session that has begun stay as they are."""
        if (draft.kind, draft.options) != (self.draft.kind, self.draft.options):
            self._forget()
        self.draft = draft
        by_hand = draft.kind in NEEDS_LEVELS
        self.explanation.setText(_BY_HAND if by_hand else _BY_ITSELF)
        self.send.setValue(float(draft.options.get("send_db", self.send.value())))
        for part in (self.send, self.meter):
            self._form.setRowVisible(part, by_hand)
        self.send.setEnabled(can_edit)
        self.card.set_note("" if can_edit else "fixed for this capture")
        self.knows_dbu.setVisible(by_hand and can_edit)
        for part in (self.send_dbu, self.return_dbu):
            part.setVisible(by_hand and can_edit and self.knows_dbu.isChecked())
        self.measure.setEnabled(draft.kind != "files")

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the send level chosen here."""
        if draft.kind not in NEEDS_LEVELS:
            return draft
        known = self.knows_dbu.isChecked()
        return dataclasses.replace(
            draft,
            options={**draft.options, "send_db": self.send.value()},
            send_dbu=self.send_dbu.value() if known else None,
            return_dbu=self.return_dbu.value() if known else None,
        )

    def _measure(self) -> None:
        self.notice.clear()
        self.meter.clear()
        self._bridge.measure(self.apply(self.draft))

    def _forget(self) -> None:
        self.report = None
        self.table.hide()
        self.wave.hide()
        self._empty.show()
        self.result.set_note("")

    def _show_running(self, running: bool) -> None:
        self.measure.setVisible(not running)
        self.stop.setVisible(running)
        self.bar.setVisible(running)
        self.go_on.setEnabled(not running)
        if self.report is None:
            self._forget()

    def _progress(self, done: float, peak: float) -> None:
        self.bar.setValue(round(done * _STEPS))
        if peak > 0.0:
            self.meter.show_level(to_db(peak), peak >= 1.0)

    def _show_report(self, report: LoopReport) -> None:
        self.report = report
        self._empty.hide()
        self.table.show()
        self.wave.show()
        self.table.show_rows(rows_of(report))
        self._window.reset(len(report.audio) / report.sample_rate)
        self.wave.show_tracks([Track.of("Return", "target", report.audio)], report.sample_rate)
        wrong = [finding for finding in report.findings if finding.severity != "info"]
        worst = min(wrong, key=lambda finding: finding.severity != "error", default=None)
        self.result.set_note("as it should be" if worst is None else f"{len(wrong)} to look at")
        if worst is not None:
            is_bad = worst.severity == "error"
            self.notice.say(worst.message, worst.hint, severity="error" if is_bad else "warning")
        elif report.peak_db is not None and report.peak_db < QUIETEST_DB:
            self.notice.say("The return is quiet.", "Turn up the interface's input gain.", severity="warning")
        else:
            self.notice.say("The path is as it should be.", "Go on with the knobs.", severity="good")


def rows_of(report: LoopReport) -> list[MetricRow]:
    """The measures as rows of a table, each with a plain verdict."""
    is_silent = report.peak_db is None
    peak_fits = not is_silent and QUIETEST_DB <= (report.peak_db or 0.0) <= HOTTEST_DB
    latency = "—" if is_silent else f"{numbers.fixed(report.delay_ms, 2)} ms"
    samples = "—" if is_silent else numbers.fixed(report.delay_samples, 2)
    drift = "—" if report.drift_ppm is None else f"{numbers.fixed(report.drift_ppm, 1)} ppm"
    hum = "none" if report.hum_db is None else f"{report.hum_hz:.0f} Hz, {numbers.decibels(report.hum_db)}FS"
    found = {finding.code for finding in report.findings if finding.severity != "info"}
    return [
        MetricRow("Latency", latency, "any", report.is_sure, "Removed from every take on reading"),
        MetricRow("In samples", samples, "any", report.is_sure, "Sub-sample, as takes are corrected"),
        MetricRow("Sure of it", f"{report.confidence * 100:.0f} %", "75 %", report.is_sure),
        MetricRow("Polarity", "turned round" if report.inverted else "as played", "any", not is_silent),
        MetricRow(
            "Peak of the return",
            "silence" if is_silent else f"{numbers.decibels(report.peak_db or 0.0)}FS",
            f"{numbers.fixed(QUIETEST_DB, 0)} to {numbers.fixed(HOTTEST_DB, 0)}",
            peak_fits,
        ),
        MetricRow("Clipped samples", str(report.clipped_frames), "0", report.clipped_frames == 0),
        MetricRow(
            "Noise floor",
            "—" if report.noise_db is None else f"{numbers.decibels(report.noise_db)}FS",
            "quiet",
            "noise" not in found and not is_silent,
        ),
        MetricRow("Mains hum", hum, "none", "hum" not in found),
        MetricRow("Clock drift", drift, "0 ppm", "drift" not in found),
        MetricRow("Lost blocks", str(report.dropouts), "0", report.dropouts == 0 and "dropout" not in found),
    ]


def _dbu(name: str, tip: str) -> QDoubleSpinBox:
    spin = QDoubleSpinBox(minimum=-60.0, maximum=60.0, suffix=" dBu", value=4.0, prefix=f"{name} ")
    spin.setAccessibleName(f"{name} level at full scale")
    spin.setToolTip(tip)
    return spin
