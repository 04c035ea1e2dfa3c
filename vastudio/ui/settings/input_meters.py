"""A meter for each input of the device, so that one finds the socket the guitar is in."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from vastudio.engine.stream import Meters
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.widgets.meter import LevelMeter

_MOST = 8
_PER_ROW = 4
_FULL_SCALE_DB = 0.0


class InputMeters(QWidget):
    """Has the engine meter every input for as long as it is seen."""

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.meters = [LevelMeter(f"in {channel}") for channel in range(1, _MOST + 1)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.setColumnStretch(_PER_ROW, 1)
        for index, meter in enumerate(self.meters):
            grid.addWidget(meter, index // _PER_ROW, index % _PER_ROW)
            meter.hide()
        feed.metered.connect(self._show)

    def _show(self, meters: Meters) -> None:
        if not self.isVisible():
            return
        for index, meter in enumerate(self.meters):
            is_there = index < len(meters.inputs_db)
            if meter.isHidden() == is_there:
                meter.setVisible(is_there)
            if is_there:
                peak_db = meters.inputs_db[index]
                meter.show_level(peak_db, peak_db >= _FULL_SCALE_DB)

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        self._session.studio.player.watch_inputs(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        self._session.studio.player.watch_inputs(False)
        super().hideEvent(event)
