"""Looking at what was recorded: every take, what the checks say about it, and the way to a model."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vastudio.app.capture_project import ReadTake, SessionView, TakeRow
from vastudio.dataset.manifest import Finding
from vastudio.dataset.review import Report
from vastudio.ui.bridge.capture import CaptureBridge
from vastudio.ui.capture.takes_table import TakesTable
from vastudio.ui.theme.tokens import Meaning
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import label
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import Track, WaveformView

_NARROWEST, _SHARE = 260, 0.33
_SIGNS: dict[str, tuple[str, Meaning]] = {
    "info": ("✓", "good"),
    "warning": ("!", "warning"),
    "error": ("✕", "bad"),
}


class ReviewStep(QWidget):
    """Signals
    -------
    retake_requested(int):
        The person wants to record this position once more.
    hear_requested(object):
        The person wants to hear this ReadTake.
    train_requested(object):
        Train on the dataset in this folder.
    """

    retake_requested = Signal(int)
    hear_requested = Signal(object)
    train_requested = Signal(object)

    def __init__(self, bridge: CaptureBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._report: Report | None = None
        self._take: ReadTake | None = None
        self.takes_card = Card("Takes")
        self.takes = TakesTable(verbose=True)
        self.take_card = Card("Take")
        self._window = TimeWindow(self)
        self.wave = WaveformView("Chosen take", self._window)
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(0, 0, 4, 0)
        self.retake = QPushButton("Record it again")
        self.retake.setToolTip("Go back to this position and record it once more (R)")
        self.hear = QPushButton("Hear it")
        self.hear.setToolTip("Loop this take; C and T below change between what was played and recorded")
        self.whole = Card("The whole capture")
        self._whole_list = QWidget()
        self._whole_lines = QVBoxLayout(self._whole_list)
        self._whole_lines.setContentsMargins(0, 0, 4, 0)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress of the checks")
        self.bar.hide()
        self.worst = QPushButton("Add the worst places")
        self.worst.setToolTip("Add the three positions at which the newest model of this capture errs most")
        self.retake_all = QPushButton("Repeat the bad takes")
        self.retake_all.setToolTip("Record every take with an error once more")
        self.train = QPushButton("Train on it")
        self.train.setProperty("kind", "primary")
        self.train.setToolTip("Open this dataset on the Train page")
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        self.takes_card.body.addWidget(self.takes, 1)
        self.take_card.body.addWidget(self.wave, 1)
        findings = scrolling(self._list, "Findings of the chosen take")
        findings.setFixedHeight(96)
        self.take_card.body.addWidget(findings)
        self.take_card.header.addWidget(self.hear)
        self.take_card.header.addWidget(self.retake)
        self.whole.body.addWidget(self.bar)
        self.whole.body.addWidget(scrolling(self._whole_list, "Findings of the capture"), 1)
        row = QHBoxLayout()
        row.addWidget(self.worst)
        row.addWidget(self.retake_all)
        row.addStretch(1)
        row.addWidget(self.train)
        self.whole.body.addLayout(row)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.take_card, 3)
        right.addWidget(self.whole, 2)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(12)
        columns.addWidget(self.takes_card)
        columns.addLayout(right, 1)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.changed.connect(self.show_view)
        bridge.opened.connect(lambda _view: self._forget())
        bridge.wave_ready.connect(self._show_wave)
        bridge.reviewing.connect(self._show_progress)
        bridge.reviewed.connect(self._show_report)
        self.takes.picked.connect(self._look_at)
        self.retake.clicked.connect(self.retake_chosen)
        self.hear.clicked.connect(self._hear)
        self.worst.clicked.connect(bridge.add_worst)
        self.retake_all.clicked.connect(bridge.retake_rejected)
        self.train.clicked.connect(self._train)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list of takes is narrower where the window is."""
        self.takes_card.setFixedWidth(max(_NARROWEST, round(event.size().width() * _SHARE)))
        super().resizeEvent(event)

    def look(self) -> None:
        """Judge the takes as they are now, and show the first one that asks for something."""
        view = self._bridge.view
        if view is None:
            return
        self._bridge.review()
        if self.takes.picked_row is None:
            first = next((row for row in view.rows if row.trouble), None)
            first = first or next((row for row in view.rows if row.file), None)
            if first is not None:
                self.takes.pick(first.place)

    def retake_chosen(self) -> None:
        """Record the chosen take once more."""
        row = self.takes.picked_row
        if row is not None and not self._bridge.is_busy:
            self.retake_requested.emit(row.place)

    def _hear(self) -> None:
        if self._take is not None:
            self.hear_requested.emit(self._take)

    def _train(self) -> None:
        view = self._bridge.view
        if view is not None:
            self.train_requested.emit(view.folder)

    def _forget(self) -> None:
        self._report = self._take = None
        self.wave.show_tracks([], 1)

    # --- what is shown --------------------------------------------------------------------------------

    def show_view(self, view: SessionView) -> None:
        """Show the takes."""
        self.takes.show_rows(view.knobs, view.rows, -1)
        good = view.count("accepted")
        self.takes_card.set_note(f"{good} of {len(view.rows)} can be used")
        self.train.setEnabled(good > 0)
        self.retake_all.setEnabled(view.count("rejected") > 0)
        self._show_whole(view)
        row = self.takes.picked_row
        if row is not None:
            self._show_row(view.rows[row.place])

    def _look_at(self, place: int) -> None:
        view = self._bridge.view
        if view is None:
            return
        row = view.rows[place]
        self._show_row(row)
        if row.file is not None:
            self._bridge.show_wave(row)
        else:
            self.wave.show_tracks([], 1)

    def _show_row(self, row: TakeRow) -> None:
        peak = "" if row.peak_db is None else f"{numbers.decibels(row.peak_db)}FS · "
        purpose = "held out to judge the model" if row.split == "validation" else "to learn from"
        self.take_card.title.setText(f"Take {row.place + 1}")
        self.take_card.set_note(f"{peak}{purpose}")
        self.retake.setEnabled(True)
        self.hear.setEnabled(self._take is not None and self._take.place == row.place)
        found = [*row.findings, *self._of(f"{row.place:03d}")]
        if row.file is None:
            empty = "This position was not recorded."
        else:
            empty = "Level, delay, polarity, silence and noise are as they should be."
        _fill(self._lines, _distinct(found), empty, "info" if row.file else "warning")

    def _show_whole(self, view: SessionView) -> None:
        found = [*view.findings, *self._of("")]
        good, held = view.count("accepted"), sum(row.split == "validation" for row in view.rows)
        rejected, opened = view.count("rejected"), view.count("open")
        state = f"{numbers.count(good, 'take')} can be used, {held} of the plan's are held out."
        if rejected:
            state += f" {rejected} cannot."
        if opened:
            state += f" {numbers.count(opened, 'position')} not recorded yet."
        if self._report is not None:
            wrong = len({f.capture for f in self._report.findings if f.severity != "info" and f.capture})
            judged = numbers.count(self._report.takes, "take")
            if wrong:
                state += f" {numbers.count(wrong, 'take')} of {judged} ask for a look."
            else:
                state += f" All {judged} passed every check."
        _fill(self._whole_lines, _distinct(found), state, "warning" if rejected else "info", always=True)

    def _of(self, capture: str) -> list[Finding]:
        """What the newest review says about a capture, or about all of them together."""
        if self._report is None:
            return []
        return [finding for finding in self._report.findings if finding.capture == capture]

    def _show_wave(self, take: ReadTake, track: Track) -> None:
        row = self.takes.picked_row
        if row is not None and row.place == take.place:
            self._take = take
            self.hear.setEnabled(True)
            self._window.reset(len(take.target) / take.rate)
            self.wave.show_tracks([track], take.rate)

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.show()
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.whole.set_note(f"checking take {done + 1} of {total}")

    def _show_report(self, report: Report) -> None:
        self._report = report
        self.bar.hide()
        self.whole.set_note(f"{numbers.count(report.takes, 'take')} checked")
        view = self._bridge.view
        if view is not None:
            self.show_view(view)


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Each thing once, the worst first."""
    once = {(finding.code, finding.severity): finding for finding in findings}
    return sorted(once.values(), key=lambda finding: ("error", "warning", "info").index(finding.severity))


def _fill(
    column: QVBoxLayout, findings: Sequence[Finding], summary: str, severity: str, *, always: bool = False
) -> None:
    while (item := column.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
    if always or not any(finding.severity != "info" for finding in findings):
        column.addWidget(_line(severity, summary))
    for finding in findings:
        where = "" if finding.at_seconds is None else f"At {finding.at_seconds:.2f} s: "
        column.addWidget(_line(finding.severity, f"{where}{finding.message} {finding.hint}".strip()))
    column.addStretch(1)


def _line(severity: str, text: str) -> QWidget:
    sign, meaning = _SIGNS[severity]
    mark = label(sign, meaning=meaning)
    mark.setFixedWidth(14)
    mark.setAccessibleName(severity)
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(mark, alignment=Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(text, "note", wrap=True), 1)
    return widget
