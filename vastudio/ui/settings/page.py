"""The Settings page: audio device, look, where files live, about."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from vastudio.ui.bridge.session import Session
from vastudio.ui.settings.about_card import AboutCard
from vastudio.ui.settings.audio_card import AudioCard
from vastudio.ui.settings.files_card import FilesCard
from vastudio.ui.settings.look_card import LookCard
from vastudio.ui.widgets.scroll import scrolling


class SettingsPage(QWidget):
    """Every change acts at once and is remembered."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.audio = AudioCard(session)
        self.look = LookCard(session)
        self.files = FilesCard()
        self.about = AboutCard()
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(16, 14, 16, 16)
        grid.setSpacing(12)
        grid.addWidget(self.audio, 0, 0)
        grid.addWidget(self.look, 0, 1)
        grid.addWidget(self.files, 1, 0)
        grid.addWidget(self.about, 1, 1)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        grid.setRowStretch(0, 1)
        grid.setRowStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(inner, "Settings"))
