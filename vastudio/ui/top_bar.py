"""The bar at the top: what is open, the levels, the device, and how the engine copes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from vastudio.app.architectures import label_of
from vastudio.app.library import esr_text
from vastudio.engine.stream import Meters, StreamStats
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.meter import LevelMeter
from vastudio.ui.widgets.text import ElidedLabel, label

HEIGHT = 44
_HIGH_LOAD = 0.7


class TopBar(QFrame):
    """Brand, model pill, input and output meters, device pill, load pill."""

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(HEIGHT)
        self._session = session
        self.model = ElidedLabel("", "pill")
        self.input, self.output = LevelMeter("in"), LevelMeter("out")
        self.device = ElidedLabel("", "pill")
        self.load = ElidedLabel("", "pill")
        self.load.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(11)
        row.addWidget(label("VA Studio", "brand"))
        row.addWidget(self.model, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for widget in (self.input, self.output, self.device, self.load):
            row.addWidget(widget, alignment=Qt.AlignmentFlag.AlignVCenter)
        session.model_changed.connect(self._show_model)
        session.audio_changed.connect(self._show_device)
        feed.metered.connect(self._show_meters)
        feed.counted.connect(self._show_stats)
        self._show_model()
        self._show_device()
        self._show_stats(session.studio.player.stats())

    def _show_model(self) -> None:
        model = self._session.studio.model
        if model is None:
            self.model.set_full_text("No model")
            return
        text = f"{model.name} — {label_of(model.architecture, model.config.get('hidden'))}"
        if model.evaluation is not None:
            text += f" · ESR {esr_text(model.evaluation.median_esr)}"
        self.model.set_full_text(text)

    def _show_device(self) -> None:
        studio = self._session.studio
        if studio.player.is_silent:
            self.device.set_full_text("No audio device", studio.audio_problem or "Playing on a silent clock")
            self.device.set_meaning("warning")
            return
        stats = studio.player.stats()
        text = f"{studio.player.device_name} · {stats.sample_rate / 1000:g} kHz · {stats.block} frames"
        latency, tip = self._latency()
        self.device.set_full_text(text + latency, tip)
        self.device.set_meaning(None)

    def _latency(self) -> tuple[str, str]:
        """The round trip as it was measured, else as the device reports it, and which of both it is."""
        studio = self._session.studio
        audio, reported = studio.settings.audio, studio.player.latency_seconds
        if audio.latency_samples is not None:
            milliseconds, tip = 1e3 * audio.latency_samples / audio.sample_rate, "Round trip as measured"
        elif reported is not None:
            milliseconds, tip = 1e3 * reported, "Round trip as reported; Settings can measure it"
        else:
            return "", ""
        return f" · {numbers.fixed(milliseconds, 1)} ms", f"{studio.player.device_name}. {tip}"

    def _show_meters(self, meters: Meters) -> None:
        self.input.show_level(meters.input_peak_db, meters.input_clipped)
        self.output.show_level(meters.output_peak_db, meters.output_clipped)

    def _show_stats(self, stats: StreamStats) -> None:
        text = f"Load {numbers.fixed(100 * stats.load, 0)} % · {numbers.count(stats.dropouts, 'dropout')}"
        troubled = stats.dropouts > 0 or stats.faults > 0 or stats.load > _HIGH_LOAD
        faults = f", {numbers.count(stats.faults, 'fault')} mended" if stats.faults else ""
        self.load.set_full_text(text, f"Share of the time between two blocks that the engine needs{faults}")
        self.load.set_meaning("warning" if troubled else "good")
