"""The knob: a QDial with the hands of a hardware one.

Drag up and down (Shift: fine), wheel, arrow keys, Page Up and Down, Home and End, double-click for
the default, type a value, right-click for a menu.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QDial, QMenu, QSizePolicy, QWidget

from vastudio.types import Knob
from vastudio.ui.theme.tokens import Meaning, tokens
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.knob_painting import paint_knob

STEPS = 1000
"""Positions of the underlying dial over its whole travel; typed values are kept exactly."""
_DRAG_PIXELS = 220.0
_FINE = 0.1
_NOTCH = 0.02
_TYPED = "0123456789.,-" + numbers.MINUS


class KnobDial(QDial):
    """A painted knob for `knob`, in the units of its dial.

    Signals
    -------
    moved(float):
        The person set a new value, by whatever means.
    entry_requested(str):
        The person wants to type a value; carries the first character typed, or nothing.
    menu_opened(object):
        The QMenu that is about to be shown: others may add to it.
    """

    moved = Signal(float)
    entry_requested = Signal(str)
    menu_opened = Signal(object)

    def __init__(
        self, knob: Knob, meaning: Meaning = "model", size: int = 96, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.knob = knob
        self._meaning: Meaning = meaning
        self._size = size
        self._value = knob.default
        self._grip: QPointF | None = None
        self._is_mirroring = False
        self._control = ""
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS if knob.kind == "switch" else STEPS // 100)
        self.setPageStep(STEPS if knob.kind == "switch" else STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setAccessibleName(knob.title)
        self.valueChanged.connect(self._on_step)
        self._mirror()

    @property
    def dial_value(self) -> float:
        """The position in the units of the dial."""
        return self._value

    def set_dial_value(self, value: float) -> None:
        """Show `value` (brought into the range) without saying that a person moved the knob."""
        self._value = min(max(value, self.knob.minimum), self.knob.maximum)
        self._mirror()
        self.update()

    def move_to(self, value: float) -> None:
        """Set `value` as a person would: `moved` follows if it is new."""
        value = min(max(value, self.knob.minimum), self.knob.maximum)
        if self.knob.kind == "switch":
            value = self.knob.denormalised(round(self.knob.normalised(value)))
        if value != self._value:
            self.set_dial_value(value)
            self.moved.emit(value)

    def reset(self) -> None:
        """Back to the default."""
        self.move_to(self.knob.default)

    def resize_to(self, size: int) -> None:
        """Change the side of the square that the knob fills, in pixels."""
        self._size = size
        self.updateGeometry()
        self.update()

    def _mirror(self) -> None:
        self._is_mirroring = True
        self.setValue(round(self.knob.normalised(self._value) * STEPS))
        self._is_mirroring = False
        self.setAccessibleDescription(numbers.knob_text(self.knob, self._value))
        self.setToolTip(
            f"{self.knob.title}: {numbers.knob_text(self.knob, self._value)}\n"
            "Drag up or down, Shift for fine steps, double-click for the default, or type a value."
            + (f"\nMoved by {self._control}." if self._control else "")
        )

    def set_control(self, text: str) -> None:
        """Name the control of a controller that moves this knob; nothing where there is none."""
        if text != self._control:
            self._control = text
            self._mirror()

    def _on_step(self, position: int) -> None:
        if not self._is_mirroring:
            self.move_to(self.knob.denormalised(position / STEPS))

    def _travel(self, fraction: float) -> None:
        at = self.knob.normalised(self._value) + fraction
        self.move_to(self.knob.denormalised(min(max(at, 0.0), 1.0)))

    def sizeHint(self) -> QSize:
        """A square of the size asked for."""
        return QSize(self._size, self._size)

    def minimumSizeHint(self) -> QSize:
        """Never smaller than asked for: the arc must stay readable."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in the colours of the active theme."""
        theme, painter = tokens(), QPainter(self)
        fraction = self.knob.normalised(self._value)
        paint_knob(
            painter,
            QRectF(self.rect()),
            fraction,
            theme.of(self._meaning),
            theme,
            enabled=self.isEnabled(),
            focused=self.hasFocus(),
        )
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the knob."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn: up is more."""
        if self._grip is None:
            return
        fine = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        rise = self._grip.y() - event.position().y()
        if self.knob.kind == "switch":
            if abs(rise) > 12:
                self._travel(1.0 if rise > 0 else -1.0)
                self._grip = event.position()
            return
        self._grip = event.position()
        self._travel(rise / _DRAG_PIXELS * fine)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the default."""
        self._grip = None
        self.reset()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One notch is 2 % of the travel; with Shift 0.2 %."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        fine = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self._travel(delta / 120 * (1.0 if self.knob.kind == "switch" else _NOTCH * fine))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Figures are typed into the knob, whatever the window does with them elsewhere."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and _is_typed(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Figures and Enter open the entry; Delete resets; the rest is QDial's (arrows, Page, Home, End)."""
        plain = _is_plain(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entry_requested.emit("")
        elif _is_typed(event):
            self.entry_requested.emit(event.text())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and plain and self._is_fine(event):
            self._travel(0.001 if event.key() == Qt.Key.Key_Up else -0.001)
        else:
            super().keyPressEvent(event)

    def _is_fine(self, event: QKeyEvent) -> bool:
        return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and self.knob.kind != "switch"

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the default and typing a value."""
        self.menu(event.globalPos())

    def menu(self, at: QPoint) -> QMenu:
        """Open the menu of the knob at a global position and return it; it frees itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        reset = menu.addAction(f"Reset to {numbers.knob_text(self.knob, self.knob.default)}")
        reset.triggered.connect(self.reset)
        enter = menu.addAction("Enter value…")
        enter.triggered.connect(lambda: self.entry_requested.emit(""))
        self.menu_opened.emit(menu)
        menu.popup(at)
        return menu


def _is_plain(event: QKeyEvent) -> bool:
    return not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)


def _is_typed(event: QKeyEvent) -> bool:
    """Whether a key is part of a number."""
    return _is_plain(event) and bool(event.text()) and event.text() in _TYPED
