"""The Play page: choose a model, turn its knobs, see input and output."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vastudio.ui.bridge.choosers import model_chooser
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.play.level_card import LEVEL, TRIM, LevelCard
from vastudio.ui.play.model_panel import ModelPanel
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.spectrum import FRAMES, SpectrumView
from vastudio.ui.widgets.text import ElidedLabel, label


class PlayPage(QWidget):
    """Signals
    -------
    open_requested(), train_requested(), settings_requested():
        The person wants a model file, the Train page, the Settings page.
    """

    open_requested = Signal()
    train_requested = Signal()
    settings_requested = Signal()

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.chooser = model_chooser(session, self)
        self.chooser.setMaximumWidth(460)
        self.open_button = QPushButton("Open model…")
        self.open_button.setToolTip("Open a .vamodel file (Ctrl+O)")
        self.device_line = ElidedLabel("", "note")
        self.device_settings = QPushButton("Audio settings")
        self.panel = ModelPanel()
        self.input = LevelCard("Input", TRIM)
        self.output = LevelCard("Output", LEVEL)
        self.spectrum = SpectrumView()
        self._arrange()
        self._connect(feed)
        self._show_model()
        self._show_device()

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.chooser, 1)
        bar.addWidget(self.open_button)
        bar.addSpacing(10)
        bar.addStretch(1)
        bar.addWidget(self.device_line, 2)
        bar.addWidget(self.device_settings)
        spectrum = Card("Spectrum")
        spectrum.header.addWidget(label("● input", "note", "clean"))
        spectrum.header.addWidget(label("● output", "note", "model"))
        spectrum.body.addWidget(self.spectrum)
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addWidget(self.input, 0, 0)
        grid.addWidget(self.panel, 0, 1)
        grid.addWidget(self.output, 0, 2)
        grid.addWidget(spectrum, 1, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 4)
        grid.setRowStretch(1, 3)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(12)
        column.addLayout(bar)
        column.addLayout(grid, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(content, "Play"))

    def _connect(self, feed: EngineFeed) -> None:
        session = self._session
        self.open_button.clicked.connect(self.open_requested)
        self.panel.open_requested.connect(self.open_requested)
        self.panel.train_requested.connect(self.train_requested)
        self.device_settings.clicked.connect(self.settings_requested)
        self.panel.knob_moved.connect(session.set_knob)
        self.input.moved.connect(session.set_trim_db)
        self.output.moved.connect(session.studio.player.set_output_db)
        session.model_changed.connect(self._show_model)
        session.knobs_changed.connect(lambda: self.panel.show_values(session.studio.knob_values))
        session.audio_changed.connect(self._show_device)
        feed.metered.connect(self._show_spectrum)

    def _show_model(self) -> None:
        self.panel.show_model(self._session.studio.model, self._session.studio.knob_values)

    def _show_device(self) -> None:
        studio = self._session.studio
        is_silent = studio.player.is_silent
        problem = studio.audio_problem or "No audio device is open."
        self.device_settings.setVisible(is_silent)
        self.device_line.setVisible(is_silent)
        self.device_line.set_full_text(f"Playing unheard. {problem.partition('. ')[0].rstrip('.')}.", problem)

    def _show_spectrum(self, _meters: object) -> None:
        player = self._session.studio.player
        if self.spectrum.isVisible() and player.playing:
            heard, made = player.tap(FRAMES)
            self.spectrum.show_audio(heard, made, player.sample_rate)
