"""Where the positions of a plan lie, seen along two knobs."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from vastudio.capture.plan import Position
from vastudio.types import Knob
from vastudio.ui.theme.tokens import tokens, translucent
from vastudio.ui.widgets import plots
from vastudio.ui.widgets.text import label


class KnobMap(QWidget):
    """Circles are for training, squares are held out, the ring is the position that is chosen.

    Signals
    -------
    picked(int):
        The person clicked the position of this number.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knobs: tuple[Knob, ...] = ()
        self._positions: tuple[Position, ...] = ()
        self._chosen = -1
        self.across, self.along = _chooser("Knob to the right"), _chooser("Knob upwards")
        self._plot = plots.plain_plot("Positions of the plan")
        self._points = pg.ScatterPlotItem(size=9, hoverable=True)
        self._ring = pg.ScatterPlotItem(size=17)
        self._plot.addItem(self._points)
        self._plot.addItem(self._ring)
        axes = QHBoxLayout()
        axes.addWidget(self.along, 1)
        axes.addWidget(label("over", "note"))
        axes.addWidget(self.across, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(axes)
        column.addWidget(self._plot, 1)
        self.setMinimumHeight(170)
        self.across.currentIndexChanged.connect(lambda _index: self._draw())
        self.along.currentIndexChanged.connect(lambda _index: self._draw())
        self._points.sigClicked.connect(self._on_clicked)
        self._recolour()

    @property
    def places(self) -> list[tuple[float, float]]:
        """Where the positions are drawn."""
        return [(float(spot.pos().x()), float(spot.pos().y())) for spot in self._points.points()]

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The knobs of the plan."""
        return self._knobs

    @property
    def positions(self) -> tuple[Position, ...]:
        """The positions in the order of recording."""
        return self._positions

    def show_positions(self, knobs: Sequence[Knob], positions: Sequence[Position]) -> None:
        """Replace what is shown; which knobs are looked along stays where they are still there."""
        if tuple(knobs) != self._knobs:
            self._knobs = tuple(knobs)
            for combo, index in ((self.across, 0), (self.along, min(1, len(knobs) - 1))):
                blocked = combo.blockSignals(True)
                combo.clear()
                combo.addItems([knob.title for knob in knobs])
                combo.setCurrentIndex(index)
                combo.setEnabled(len(knobs) > 2)
                combo.blockSignals(blocked)
        self._positions = tuple(positions)
        self._draw()

    def choose(self, index: int) -> None:
        """Put a ring round a position; none for −1."""
        self._chosen = index
        self._draw_ring()

    def _draw(self) -> None:
        if not self._knobs:
            return
        theme = tokens()
        held = [position.split == "validation" for position in self._positions]
        brushes = [theme.of("model") if each else translucent(theme.text.primary, 0.9) for each in held]
        self._points.setData(
            pos=[self._place(position) for position in self._positions],
            symbol=["s" if each else "o" for each in held],
            brush=[pg.mkBrush(brush) for brush in brushes],
            data=list(range(len(self._positions))),
            tip=lambda x, y, data: self._tip(int(data)),
        )
        across, along = self._knobs[self.across.currentIndex()], self._knobs[self.along.currentIndex()]
        self._plot.setXRange(across.minimum, across.maximum, padding=0.06)
        self._plot.setYRange(along.minimum, along.maximum, padding=0.06)
        self._draw_ring()

    def _draw_ring(self) -> None:
        is_there = 0 <= self._chosen < len(self._positions)
        self._ring.setData(pos=[self._place(self._positions[self._chosen])] if is_there else [])

    def _place(self, position: Position) -> tuple[float, float]:
        across, along = self._knobs[self.across.currentIndex()], self._knobs[self.along.currentIndex()]
        return (
            position.values.get(across.name, across.default),
            position.values.get(along.name, along.default),
        )

    def _tip(self, index: int) -> str:
        position = self._positions[index]
        values = ", ".join(f"{knob.title} {position.values[knob.name]:g}" for knob in self._knobs)
        purpose = "held out" if position.split == "validation" else "to learn from"
        return f"Position {index + 1}, {purpose}: {values}"

    def _on_clicked(self, _item: object, spots: Sequence[pg.SpotItem], _event: object = None) -> None:
        if len(spots):
            self.picked.emit(int(spots[0].data()))

    def _recolour(self) -> None:
        theme = tokens()
        plots.recolour(self._plot, theme)
        self._points.setPen(pg.mkPen(theme.of("clean"), width=1))
        self._ring.setPen(pg.mkPen(theme.of("target"), width=2))
        self._ring.setBrush(pg.mkBrush(None))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)


def _chooser(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(name)
    combo.setMinimumContentsLength(3)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo
