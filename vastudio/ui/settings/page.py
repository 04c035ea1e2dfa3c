"""The Settings page: audio device, performance, look, where files live, about."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.settings.about_card import AboutCard
from vastudio.ui.settings.audio_card import AudioCard
from vastudio.ui.settings.check_card import CheckCard
from vastudio.ui.settings.device_trial import DeviceTrial
from vastudio.ui.settings.files_card import FilesCard
from vastudio.ui.settings.levels_card import LevelsCard
from vastudio.ui.settings.look_card import LookCard
from vastudio.ui.settings.performance_card import PerformanceCard
from vastudio.ui.widgets.scroll import scrolling


class SettingsPage(QWidget):
    """Every change acts at once and is remembered."""

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trial = DeviceTrial(session, self)
        self.audio = AudioCard(session, feed)
        self.check = CheckCard(session, feed, self.trial)
        self.levels = LevelsCard(session, feed, self.trial)
        self.audio.outputs_changed.connect(self.check.show_outputs)
        self.performance = PerformanceCard()
        self.look = LookCard(session)
        self.files = FilesCard()
        self.about = AboutCard()
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(16, 14, 16, 16)
        row.setSpacing(12)
        self._left = _stacked(self.audio, self.check, self.levels)
        row.addLayout(self._left, 3)
        self._right = _stacked(self.look, self.performance, self.files, self.about)
        row.addLayout(self._right, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(inner, "Settings"))

    def add_cards(self, left: QWidget, right: QWidget) -> None:
        """Put a card below those about the audio device, and one above what the studio is."""
        self._left.addWidget(left)
        self._right.insertWidget(self._right.count() - 1, right)

    def close_measurement(self) -> None:
        """End a measurement that goes on."""
        self.performance.close_measurement()


def _stacked(*cards: QWidget) -> QVBoxLayout:
    """Cards one above the other; the last one fills what is left."""
    column = QVBoxLayout()
    column.setSpacing(12)
    for card in cards:
        column.addWidget(card, int(card is cards[-1]))
    return column
