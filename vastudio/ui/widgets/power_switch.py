"""The switch of a slot: a filled light when it works, a hollow one when it is bypassed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from vastudio.ui.theme.tokens import tokens

_SIDE = 32
_STATES = ("on. Click to bypass it", "bypassed. Click to put it on")
"""What it says of itself, on and off."""


class PowerSwitch(QAbstractButton):
    """A checkable light. `toggled` follows every change, `clicked` only a person's."""

    def __init__(
        self, title: str, parent: QWidget | None = None, *, states: tuple[str, str] = _STATES
    ) -> None:
        super().__init__(parent)
        self._title, self._states = title, states
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{title} on")
        self.toggled.connect(self._describe)
        self._describe()

    def _describe(self) -> None:
        self.setToolTip(f"{self._title} is {self._states[not self.isChecked()]}.")

    def sizeHint(self) -> QSize:
        """A finger's tip."""
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The light and its ring."""
        theme, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        on = theme.of("model") if self.isChecked() else QColor(theme.text.faint)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(QColor(theme.text.secondary if not self.hasFocus() else theme.meaning.model)))
            painter.drawEllipse(middle, 10.0, 10.0)
        painter.setPen(QPen(on, 1.6))
        painter.drawEllipse(middle, 6.0, 6.0)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(on)
            painter.drawEllipse(middle, 3.4, 3.4)
        painter.end()
