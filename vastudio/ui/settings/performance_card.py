"""How fast the engine is on this computer: measured when asked for, beside other engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vastudio.engine import preparation
from vastudio.ui.bridge.measuring import Measurement
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.figure_table import Figures, FigureTable
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import ElidedLabel, label

_BLOCK = 64
_TITLES = {
    "gru": "GRU, {} units",
    "lstm": "LSTM, {} units",
    "wavenet": "WaveNet {}",
    "convolution": "Cabinet, {:,} samples",
    "equaliser": "Equaliser, {} bands",
    "gate": "Gate",
    "rack": "Whole rack, {}",
}
_INVITATION = (
    "Measures every processor for about a minute, in a process of its own. "
    "What else runs on this computer meanwhile shows in the figures."
)


class PerformanceCard(Card):
    """A button, progress while it measures, then a table."""

    def __init__(self, measurement: Measurement | None = None, parent: QWidget | None = None) -> None:
        super().__init__("Performance", parent)
        self.measurement = measurement or Measurement(self)
        self.facts = label("", "note", wrap=True)
        self.start = QPushButton("Measure")
        self.start.setToolTip("Measure how fast models and effects play on this computer")
        self.invitation = label(_INVITATION, "quiet", wrap=True)
        headings = ("ns per sample", "% of a core", "× onnxruntime")
        self.table = FigureTable("Speed of the engine", headings)
        self.loads = label("", "note", wrap=True)
        self.busy = QWidget()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress of the measurement")
        self.busy_text = ElidedLabel("", "note")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End the measurement")
        self.notice = Notice()
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        self.header.addWidget(self.start)
        busy = QVBoxLayout(self.busy)
        busy.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        line.addWidget(self.busy_text)
        line.addStretch(1)
        line.addWidget(self.cancel)
        busy.addWidget(self.bar)
        busy.addLayout(line)
        for widget in (self.facts, self.invitation, self.busy, self.notice, self.table, self.loads):
            self.body.addWidget(widget)
        for widget in (self.busy, self.table, self.loads):
            widget.hide()
        self.body.addStretch(1)
        self._show_facts()

    def _connect(self) -> None:
        measurement = self.measurement
        self.start.clicked.connect(measurement.start)
        self.cancel.clicked.connect(measurement.cancel)
        measurement.running_changed.connect(self._show_running)
        measurement.progressed.connect(self._show_progress)
        measurement.done.connect(self.show_report)
        measurement.failed.connect(self.notice.show_error)
        measurement.cancelled.connect(lambda: self.notice.say("Cancelled: nothing was measured."))

    def close_measurement(self) -> None:
        """End a measurement that goes on."""
        self.measurement.close()

    def _show_facts(self) -> None:
        prepared = preparation.report()
        self.facts.setVisible(prepared is not None)
        if prepared is not None:
            self.facts.setText(facts(prepared))

    def _show_running(self, running: bool) -> None:
        self.busy.setVisible(running)
        self.invitation.setVisible(not running and not self.table.rowCount())
        self.start.setEnabled(not running)
        if running:
            self.notice.clear()
            self.bar.setRange(0, 0)
            self.busy_text.set_full_text("Starting…")

    def _show_progress(self, done: int, total: int, text: str) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.busy_text.set_full_text(text)

    def show_report(self, report: Mapping[str, Any]) -> None:
        """Show a report of `vastudio bench engine --json`."""
        rows = report["rows"]
        self.invitation.hide()
        self.table.show_rows(
            [_figures(row) for row in rows if row["block"] == _BLOCK and row["ratio"] is None]
        )
        self.loads.setText(_loads(rows))
        for widget in (self.table, self.loads):
            widget.show()
        for note in report.get("notes", ()):
            self.notice.say(note)


def facts(prepared: preparation.Preparation) -> str:
    """What making the engine ready took, in a line."""
    if prepared.compiled:
        made = f"{prepared.compiled} functions compiled at this start"
    else:
        made = "everything found compiled"
    return f"Works on {prepared.lanes} numbers at a time · {made} · ready in {prepared.seconds:.1f} s"


def _figures(row: Mapping[str, Any]) -> Figures:
    times = row["times_faster_than_onnxruntime"]
    error, floor = row["max_abs_error"], row["floor_ns"]
    tips = [f"Blocks of {_BLOCK} samples, the median of {row['kernel']} {row['size']}"]
    tips += [f"No less than {floor:.1f} ns is possible on this core"] if floor is not None else []
    tips += [f"Largest error against double precision {error:.0e}"] if error is not None else []
    values = (
        _number(row["ns_per_sample"]),
        f"{row['realtime_percent']:.2f}",
        "—" if times is None else f"{times:.1f}",
    )
    return Figures(title(row["kernel"], row["size"]), values, "\n".join(tips))


def title(kernel: str, size: int | str) -> str:
    """What people call a kernel of a size."""
    named = size
    if isinstance(size, str):
        words = size.replace("-", " ")
        named = words[:2].upper() + words[2:] if kernel == "wavenet" else words.replace("gru", "GRU")
    return _TITLES.get(kernel, f"{kernel} {{}}").format(named)


def _number(nanoseconds: float) -> str:
    return f"{nanoseconds:.1f}" if nanoseconds < 100 else f"{nanoseconds:.0f}"


def _loads(rows: Sequence[Mapping[str, Any]]) -> str:
    """How much more work turning knobs and dying sounds are."""
    ratios = {row["kernel"]: row["ratio"] for row in rows if row["ratio"] is not None}
    parts = [f"in blocks of {_BLOCK} samples at 48 kHz"]
    if "knob-turning" in ratios:
        parts.append(f"while knobs turn {ratios['knob-turning']:.2f} times the load")
    if "tail" in ratios:
        parts.append(f"while a sound dies away {ratios['tail']:.2f} times")
    return "; ".join(parts).capitalize().replace("khz", "kHz") + "."
