"""How the model plays, and what each way costs: measured when one looks, before it is chosen.

Activities: the loads are measured in the pool, because a model may have to be compiled first.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from vastudio.engine.graph import PlayableModel
from vastudio.engine.load import estimated_load
from vastudio.engine.quality import Quality
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.widgets import numbers

_TITLES = {Quality.NORMAL: "Normal", Quality.HIGH: "High 2×"}
_PURPOSES = {
    Quality.NORMAL: "as it was trained, without latency",
    Quality.HIGH: "fewer false tones at high gain",
}


@dataclass(frozen=True)
class Cost:
    """What a quality takes: a share of a processor core, and time from input to output."""

    load: float
    latency_ms: float


def costs_of(model: PlayableModel) -> dict[Quality, Cost]:
    """Measure every quality: in a worker. Raises what making voices of the model raises."""
    found = {}
    for quality in Quality:
        played = model.at_quality(quality)
        latency_ms = 1e3 * played.latency / played.sample_rate
        found[quality] = Cost(estimated_load(model, quality), latency_ms)
    return found


class QualityButton(QPushButton):
    """A button with a menu.

    Signals
    -------
    chosen(object):
        The `Quality` that the person wants.
    """

    chosen = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._measured: PlayableModel | None = None
        self.costs: dict[Quality, Cost] = {}
        self._work = Latest(session.pool, self)
        self._work.done.connect(self._take_costs)
        menu, group = QMenu(self), QActionGroup(self)
        menu.setToolTipsVisible(True)
        self.actions_of: dict[Quality, QAction] = {}
        for quality in Quality:
            action = menu.addAction("")
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, quality=quality: self.chosen.emit(quality))
            self.actions_of[quality] = action
        menu.aboutToShow.connect(self.measure)
        self.setMenu(menu)
        self.setToolTip("Play the model as it is, or at twice its rate; opening this measures what it costs")
        session.model_changed.connect(self._forget)
        self.show_quality(Quality.NORMAL)
        self._show_costs()

    def show_quality(self, quality: Quality) -> None:
        """Follow the rack."""
        self.setText(f"Quality: {_TITLES[quality]}")
        self.setAccessibleName(self.text())
        self.actions_of[quality].setChecked(True)

    def measure(self) -> None:
        """Find out what every quality costs, unless it is known."""
        playable = self._session.studio.playable
        if playable is not None and playable is not self._measured:
            self._measured = playable
            self._work.submit(lambda: costs_of(playable))

    def _forget(self) -> None:
        self._measured, self.costs = None, {}
        self._work.forget()
        self.setEnabled(self._session.studio.playable is not None)
        self._show_costs()

    def _take_costs(self, costs: dict[Quality, Cost]) -> None:
        self.costs = costs
        self._show_costs()

    def _show_costs(self) -> None:
        for quality, action in self.actions_of.items():
            cost = self.costs.get(quality)
            told = "measuring…" if cost is None else f"{numbers.fixed(100 * cost.load, 1)} % of a core"
            later = f", {numbers.fixed(cost.latency_ms, 2)} ms later" if cost and cost.latency_ms else ""
            action.setText(f"{_TITLES[quality]}: {told}{later}")
            action.setEnabled(cost is not None or action.isChecked())
            action.setToolTip(_PURPOSES[quality].capitalize())
