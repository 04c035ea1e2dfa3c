"""The panel above the transport that holds metronome and looper."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from vastudio.ui.bridge.session import Session
from vastudio.ui.practice.bridge import PracticeBridge
from vastudio.ui.practice.looper_card import LooperCard
from vastudio.ui.practice.metronome_card import MetronomeCard

_MARGIN = 12


class PracticePanel(QFrame):
    """Floats over the pages while it is open; Escape closes it."""

    def __init__(self, practice: PracticeBridge, session: Session, over: QWidget, above: QWidget) -> None:
        super().__init__(over)
        self.setProperty("role", "card")
        self.setAccessibleName("Practice")
        self._over, self._above = over, above
        self.metronome = MetronomeCard(practice)
        self.looper = LooperCard(practice, session)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self.metronome)
        row.addWidget(self.looper)
        over.installEventFilter(self)
        self.hide()

    def set_open(self, opened: bool) -> None:
        """Show it, or hide it."""
        self.setVisible(opened)
        if opened:
            self._place()
            self.raise_()
            self.metronome.switch.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        """Above the transport, at its left, where its button is."""
        self.adjustSize()
        top = self._above.mapTo(self._over, QPoint(0, 0)).y()
        self.move(_MARGIN, max(_MARGIN, top - self.height() - _MARGIN))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the panel."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
