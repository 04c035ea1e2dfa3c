"""What to set on the device: a big dial for every knob, those to turn larger and in amber."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from vastudio.types import Knob, KnobValues
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.knob_painting import paint_knob

_LARGEST, _SMALLEST = 168, 62
_TEXT = 44
_GAP = 18
_STILL = 0.76
"""Size of a knob that stays, relative to one to turn."""


class SettingDial(QWidget):
    """One knob as it is to be set; nobody turns it here."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knob = knob
        self._value = knob.default
        self._side = _LARGEST
        self.moves = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_setting(self, value: float, *, moves: bool) -> None:
        """Where the knob goes, and whether it has to be turned to get there."""
        self._value, self.moves = value, moves
        text = numbers.knob_text(self._knob, value)
        self.setAccessibleName(f"{self._knob.title}: {text}{', to turn' if moves else ', stays'}")
        self.setToolTip(self.accessibleName())
        self.update()

    def resize_to(self, side: int) -> None:
        """The side of a knob to turn, in pixels."""
        self._side = side
        self.setFixedSize(side, side + _TEXT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Knob, value, name."""
        theme, painter = tokens(), QPainter(self)
        side = self._side if self.moves else self._side * _STILL
        area = QRectF((self.width() - side) / 2, (self._side - side) / 2, side, side)
        colour = theme.of("target" if self.moves else "clean")
        fraction = self._knob.normalised(self._value)
        paint_knob(painter, area, fraction, colour, theme, enabled=True, focused=False)
        painter.setFont(ui_font(16 if self.moves else 14, bold=self.moves))
        painter.setPen(colour if self.moves else QColor(theme.text.primary))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(
            QRectF(0, self._side, self.width(), 24), centre, numbers.knob_text(self._knob, self._value)
        )
        painter.setFont(ui_font(13))
        painter.setPen(QColor(theme.text.primary if self.moves else theme.text.secondary))
        title = painter.fontMetrics().elidedText(self._knob.title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, self._side + 23, self.width(), 20), centre, title)
        painter.end()


class SettingDials(QWidget):
    """The dials in as many rows as the room asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dials: dict[str, SettingDial] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._columns = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_knobs(self, knobs: Sequence[Knob]) -> None:
        """Replace the dials."""
        if tuple(self.dials) == tuple(knob.name for knob in knobs):
            return
        for dial in self.dials.values():
            self._grid.removeWidget(dial)
            dial.hide()
            dial.deleteLater()
        self.dials = {knob.name: SettingDial(knob) for knob in knobs}
        self._columns = 0
        self._arrange()

    def show_setting(self, values: KnobValues, moved: Collection[str]) -> None:
        """Where the knobs go, and which of them have to be turned."""
        for name, dial in self.dials.items():
            if name in values:
                dial.show_setting(values[name], moves=name in moved)

    def minimumSizeHint(self) -> QSize:
        """Room for two small dials in a row."""
        return QSize(2 * _SMALLEST + _GAP, _SMALLEST + _TEXT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """As many columns as give the largest dials."""
        count = len(self.dials)
        if not count:
            return
        columns = max(range(1, count + 1), key=lambda number: (self._side(number), number))
        side = max(_SMALLEST, self._side(columns))
        for index, dial in enumerate(self.dials.values()):
            dial.resize_to(side)
            if columns != self._columns:
                self._grid.addWidget(dial, index // columns, index % columns)
        self._columns = columns

    def _side(self, columns: int) -> int:
        rows = -(-len(self.dials) // columns)
        width = (self.width() - _GAP * (columns - 1)) // columns
        height = (self.height() - _GAP * (rows - 1)) // rows - _TEXT
        return min(_LARGEST, width, height)
