"""What all views over time share: one stretch of time, one set of marks, one way to use the mouse.

A view draws what it shows into a picture that is kept until the stretch, the size or the theme changes; marks
are painted over the picture, so that a moving playhead or pointer costs next to nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeAlias

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import Tokens, tokens, translucent
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.time_window import TimeWindow

_CLICK_PIXELS = 4
_Drag: TypeAlias = tuple[str, float]


class TimeView(QWidget):
    """Wheel zooms, drag pans, Shift-drag selects, click seeks, double-click shows all.

    Subclasses draw themselves in `draw` inside the area that starts at `left` and ends `bottom` pixels above
    the lower edge.

    Signals
    -------
    sought(float):
        The person clicked at this second.
    selected(float, float):
        The person selected the stretch between two seconds, in either order.
    """

    sought = Signal(float)
    selected = Signal(float, float)

    def __init__(
        self,
        title: str,
        window: TimeWindow,
        marks: Marks | None = None,
        *,
        left: int = 0,
        bottom: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(marks is not None)
        self._window = window
        self._can_select = marks is not None
        self.marks = marks or Marks(self)
        self.left, self.bottom = left, bottom
        self._picture: QPixmap | None = None
        self._drag: _Drag | None = None
        self._moved = False
        self._drawn_marks: object = None
        window.changed.connect(self.redraw)
        self.marks.changed.connect(self._follow_marks)

    # --- what subclasses say --------------------------------------------------------------------------

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""

    @abstractmethod
    def draw(self, painter: QPainter) -> None:
        """Draw what is shown, without marks."""

    def frequency_at(self, _y: float) -> float | None:
        """The frequency in Hz at a height; None where heights are no frequencies."""
        return None

    def height_of(self, _frequency_hz: float) -> float | None:
        """The height of a frequency; None where heights are no frequencies."""
        return None

    def draw_readings(self, painter: QPainter) -> None:
        """Write what the signals are where the person points."""

    # --- geometry -------------------------------------------------------------------------------------

    @property
    def plot(self) -> QRectF:
        """The area of the signals."""
        return QRectF(self.left, 0, max(self.width() - self.left, 1), max(self.height() - self.bottom, 1))

    def x_of(self, seconds: float | None) -> int | None:
        """The pixel column of a second; None outside the window."""
        if seconds is None:
            return None
        share = (seconds - self._window.start) / (self._window.stop - self._window.start)
        return self.left + round(share * self.plot.width()) if 0.0 <= share <= 1.0 else None

    def seconds_at(self, x: float) -> float:
        """The second at a pixel column."""
        share = min(max((x - self.left) / self.plot.width(), 0.0), 1.0)
        return self._window.start + share * (self._window.stop - self._window.start)

    # --- painting -------------------------------------------------------------------------------------

    def set_playhead(self, seconds: float | None) -> None:
        """Where the sound is; None for no mark."""
        self.marks.set_playhead(seconds)

    def redraw(self) -> None:
        """Draw the signals anew with the next paint."""
        self._picture = None
        self.update()

    def _follow_marks(self) -> None:
        if self._marks_state() != self._drawn_marks:
            self.update()

    def _marks_state(self) -> object:
        """What of the marks can be seen here; another state needs another paint."""
        marks = self.marks
        frequency = None if marks.frequency_hz is None else self.height_of(marks.frequency_hz)
        times = (marks.playhead, marks.time_s, marks.instant)
        return [self.x_of(seconds) for seconds in times], frequency, marks.excerpt

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The stored picture, and the marks over it."""
        if self._picture is None:
            self._picture = self._draw_picture()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        self._drawn_marks = self._marks_state()
        if not self.is_empty:
            self._draw_marks(painter, tokens())
        painter.end()

    def _draw_picture(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(ui_font(12))
        if not self.is_empty:
            self.draw(painter)
        painter.end()
        return picture

    def _draw_marks(self, painter: QPainter, theme: Tokens) -> None:
        marks, plot = self.marks, self.plot
        if marks.excerpt is not None:
            self._draw_excerpt(painter, theme, *marks.excerpt)
        instant = self.x_of(marks.instant)
        if instant is not None:
            painter.setPen(QPen(QColor(theme.text.secondary), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(instant, plot.top()), QPointF(instant, plot.bottom()))
        painter.setPen(QPen(QColor(theme.text.primary), 1))
        pointed = self.x_of(marks.time_s)
        if pointed is not None:
            painter.drawLine(QPointF(pointed, plot.top()), QPointF(pointed, plot.bottom()))
        height = None if marks.frequency_hz is None else self.height_of(marks.frequency_hz)
        if height is not None:
            painter.drawLine(QPointF(plot.left(), height), QPointF(plot.right(), height))
        playhead = self.x_of(marks.playhead)
        if playhead is not None:
            painter.fillRect(QRectF(playhead - 1, plot.top(), 2, plot.height()), theme.of("model"))
        self.draw_readings(painter)

    def _draw_excerpt(self, painter: QPainter, theme: Tokens, start: float, stop: float) -> None:
        """Shade what is not selected, and bound what is."""
        plot, window = self.plot, self._window
        span = window.stop - window.start
        edges = [plot.left() + (second - window.start) / span * plot.width() for second in (start, stop)]
        first, last = (min(max(edge, plot.left()), plot.right()) for edge in edges)
        shade = translucent(theme.ground.window, 0.55)
        painter.fillRect(QRectF(plot.left(), plot.top(), first - plot.left(), plot.height()), shade)
        painter.fillRect(QRectF(last, plot.top(), plot.right() - last, plot.height()), shade)
        painter.setPen(QPen(QColor(theme.text.primary), 1, Qt.PenStyle.DashLine))
        for edge in edges:
            if plot.left() <= edge <= plot.right():
                painter.drawLine(QPointF(edge, plot.top()), QPointF(edge, plot.bottom()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew."""
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.redraw()
        super().changeEvent(event)

    # --- the mouse ------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; sideways, or with Shift: pan."""
        across, along = event.angleDelta().x(), event.angleDelta().y()
        if across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._window.pan(-(across or along) / 1200 * (self._window.stop - self._window.start))
        else:
            self._window.zoom(0.8 ** (along / 120), self.seconds_at(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag: with Shift, or in the ruler, it selects, otherwise it pans."""
        if event.button() != Qt.MouseButton.LeftButton or self.is_empty:
            return
        in_ruler = event.position().y() > self.plot.bottom()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        kind = "select" if self._can_select and (shift or in_ruler) else "pan"
        self._drag, self._moved = (kind, event.position().x()), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan or select while a button is held; otherwise point."""
        x, y = event.position().x(), event.position().y()
        if self._drag is None:
            self._point_at(x, y)
            return
        kind, origin = self._drag
        self._moved = self._moved or abs(x - origin) > _CLICK_PIXELS
        if not self._moved:
            return
        if kind == "select":
            first, last = sorted((self.seconds_at(origin), self.seconds_at(x)))
            self.marks.select((first, last))
        else:
            self._window.pan((origin - x) / self.plot.width() * (self._window.stop - self._window.start))
            self._drag = (kind, x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click seeks; a selection is complete."""
        drag, self._drag = self._drag, None
        x = event.position().x()
        if drag is None:
            return
        if not self._moved and x >= self.left:
            self.on_click(self.seconds_at(x))
        elif self._moved and drag[0] == "select":
            self.selected.emit(self.seconds_at(drag[1]), self.seconds_at(x))

    def on_click(self, seconds: float) -> None:
        """The person clicked at this second."""
        self.sought.emit(seconds)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Show all."""
        self._drag = None
        self._window.show(0.0, self._window.length)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer points nowhere."""
        if self._can_select:
            self.marks.point(None)
        super().leaveEvent(event)

    def _point_at(self, x: float, y: float) -> None:
        inside = self.plot.contains(x, y) and not self.is_empty
        self.marks.point(self.seconds_at(x) if inside else None, self.frequency_at(y) if inside else None)
