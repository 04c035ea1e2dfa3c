"""A knob with its value and its name below it; the value can be typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from vastudio.types import Knob
from vastudio.ui.theme.fonts import BASE_PIXELS, ui_font
from vastudio.ui.theme.tokens import Meaning
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.knob import KnobDial

_ROOMY = 90
"""From this size on a knob has a larger value below it."""


class KnobCell(QWidget):
    """A KnobDial, its value (click to type one) and its title.

    Signals
    -------
    moved(str, float):
        Name of the knob and its new dial value, set by the person.
    """

    moved = Signal(str, float)

    def __init__(
        self, knob: Knob, meaning: Meaning = "model", size: int = 96, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.dial = KnobDial(knob, meaning, size)
        self._value = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._value.setFont(ui_font(BASE_PIXELS + (2 if size >= _ROOMY else 0)))
        self._value.setCursor(Qt.CursorShape.IBeamCursor)
        self._value.installEventFilter(self)
        self.entry = _entry(knob)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._value)
        self._stack.addWidget(self.entry)
        self._stack.setFixedHeight(26 if size >= _ROOMY else 22)
        title = QLabel(knob.title, alignment=Qt.AlignmentFlag.AlignCenter)
        title.setProperty("role", "quiet")
        self._arrange(title)
        self.dial.moved.connect(self._on_moved)
        self.dial.entry_requested.connect(self.begin_entry)
        self.entry.editingFinished.connect(self._finish_entry)
        self.entry.installEventFilter(self)
        self._show()

    def _arrange(self, title: QLabel) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.dial, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        column.addWidget(self._stack, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(title, alignment=Qt.AlignmentFlag.AlignHCenter)

    @property
    def value(self) -> float:
        """The position in the units of the dial."""
        return self.dial.dial_value

    def set_value(self, value: float) -> None:
        """Show a dial value that did not come from the person."""
        self.dial.set_dial_value(value)
        self._show()

    def begin_entry(self, first: str = "") -> None:
        """Open the field in which a value is typed, with `first` as its first character."""
        self.entry.setText(first or numbers.knob_text(self.dial.knob, self.value))
        self._stack.setCurrentWidget(self.entry)
        self.entry.setFocus(Qt.FocusReason.OtherFocusReason)
        self.entry.setModified(bool(first))
        if not first:
            self.entry.selectAll()

    def _finish_entry(self) -> None:
        if self._stack.currentWidget() is not self.entry:
            return
        value = numbers.parse(self.entry.text(), self.dial.knob) if self.entry.isModified() else None
        self._close_entry(give_focus=self.entry.hasFocus())
        if value is not None:
            self.dial.move_to(value)

    def _close_entry(self, give_focus: bool) -> None:
        self.entry.setModified(False)  # hiding it finishes the editing once more: nothing is taken then
        self._stack.setCurrentWidget(self._value)
        if give_focus:
            self.dial.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Clicking the value opens the entry; Escape leaves it."""
        if watched is self._value and event.type() == QEvent.Type.MouseButtonPress:
            self.begin_entry()
            return True
        if watched is self.entry and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            else:
                self._close_entry(give_focus=True)
            return True
        return super().eventFilter(watched, event)

    def _on_moved(self, value: float) -> None:
        self._show()
        self.moved.emit(self.dial.knob.name, value)

    def _show(self) -> None:
        self._value.setText(numbers.knob_text(self.dial.knob, self.value))


def _entry(knob: Knob) -> QLineEdit:
    entry = QLineEdit(alignment=Qt.AlignmentFlag.AlignCenter)
    entry.setAccessibleName(f"{knob.title}, value")
    entry.setToolTip(f"{knob.range_text}. Enter takes it, Escape leaves it as it was")
    entry.setFixedWidth(84)
    entry.setStyleSheet("padding: 0px 4px; min-height: 16px;")
    return entry
