"""How the device does: latency, load, dropouts; a tone on each output and a measurement through a cable."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from vastudio.app.device_test import RoundTrip
from vastudio.engine.stream import StreamStats
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.settings.device_trial import DeviceTrial
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label

MOST_OUTPUTS = 8
_NOT_MEASURED = "not measured yet"


class CheckCard(Card):
    """Listens to the engine while it is seen."""

    def __init__(
        self, session: Session, feed: EngineFeed, trial: DeviceTrial, parent: QWidget | None = None
    ) -> None:
        super().__init__("Check", parent)
        self._session, self._trial = session, trial
        self.load, self.trouble, self.latency = label(""), label(""), label("", wrap=True)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Count dropouts from now on")
        self.reset.setAccessibleName("Reset dropouts")
        self.measure = QPushButton("Measure round trip")
        self.measure.setToolTip("Play a second of noise through a cable from the output to the input")
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("End the tone or the measurement")
        self.tones = [self._tone_button(channel) for channel in range(1, MOST_OUTPUTS + 1)]
        self.notice = Notice()
        self._arrange()
        self._connect(feed)
        self.show_outputs(2)
        self._show_latency()
        self._show_running(False)

    def _tone_button(self, channel: int) -> QPushButton:
        button = QPushButton(str(channel))
        button.setAccessibleName(f"Test tone on output {channel}")
        button.setToolTip(f"Play a quiet tone (440 Hz, −20 dBFS) on output {channel}")
        button.setFixedWidth(40)
        button.clicked.connect(lambda: self._trial.play_tone(channel))
        return button

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.addRow(label("Load", "quiet"), self.load)
        form.addRow(label("Dropouts", "quiet"), _row(self.trouble, self.reset))
        form.addRow(label("Latency", "quiet"), _row(self.latency, self.measure))
        form.addRow(label("Test tone", "quiet"), _row(*self.tones, self.stop))
        self.body.addLayout(form)
        self.body.addWidget(self.notice)

    def _connect(self, feed: EngineFeed) -> None:
        trial = self._trial
        feed.counted.connect(self._show_stats)
        self.reset.clicked.connect(self._forget)
        self.measure.clicked.connect(self._begin_measuring)
        self.stop.clicked.connect(trial.cancel)
        trial.running_changed.connect(self._show_running)
        trial.measured.connect(self._show_measured)
        trial.failed.connect(self.notice.show_error)
        self._session.audio_changed.connect(self._show_latency)

    def show_outputs(self, count: int) -> None:
        """Offer a tone on each of so many outputs."""
        for channel, button in enumerate(self.tones, 1):
            button.setVisible(channel <= count)

    def _begin_measuring(self) -> None:
        self.notice.clear()
        self._trial.measure()

    def _forget(self) -> None:
        self._session.studio.player.forget_trouble()
        self._show_stats(self._session.studio.player.stats())

    def _show_stats(self, stats: StreamStats) -> None:
        if not self.isVisible():
            return
        self.load.setText(
            f"{numbers.fixed(100 * stats.load, 1)} % of the time"
            f" · longest block {numbers.fixed(stats.longest_block_us / 1e3, 2)} ms"
        )
        text = numbers.count(stats.dropouts, "dropout")
        late = f" · {numbers.count(stats.late, 'late block')}" if stats.late else ""
        self.trouble.setText(text + late)

    def _show_latency(self) -> None:
        player, audio = self._session.studio.player, self._session.studio.settings.audio
        told = player.latency_seconds
        parts = [f"{numbers.fixed(1e3 * told, 1)} ms reported"] if told is not None else []
        if audio.latency_samples is None:
            parts.append(_NOT_MEASURED)
        else:
            milliseconds = 1e3 * audio.latency_samples / audio.sample_rate
            parts.append(
                f"{numbers.fixed(milliseconds, 2)} ms"
                f" ({numbers.fixed(audio.latency_samples, 1)} samples) measured"
            )
        self.latency.setText(" · ".join(parts))

    def _show_measured(self, found: RoundTrip) -> None:
        if found.dropouts:
            self.notice.say(
                f"{numbers.count(found.dropouts, 'block')} got lost while it was measured.",
                "Choose a larger block and measure again.",
                severity="warning",
            )
        elif found.inverted:
            self.notice.say("What came back has the opposite polarity.", severity="info")
        self._show_latency()

    def _show_running(self, running: bool) -> None:
        for button in (*self.tones, self.measure):
            button.setEnabled(not running)
        self.stop.setEnabled(running)


def _row(first: QLabel | QPushButton, *others: QPushButton) -> QHBoxLayout:
    """Buttons stand together at the left; behind a text they stand at the right."""
    row = QHBoxLayout()
    row.setSpacing(6)
    if isinstance(first, QLabel):
        row.addWidget(first, 1)
        for button in others:
            row.addWidget(button)
        return row
    for button in (first, *others):
        row.addWidget(button)
    row.addStretch(1)
    return row
