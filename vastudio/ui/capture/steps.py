"""The steps of a capture below each other: which are done, which is at hand, which cannot be opened yet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from vastudio.ui.theme import icons
from vastudio.ui.theme.fonts import ui_font
from vastudio.ui.theme.tokens import tokens, translucent
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import label

_MARK = 20


@dataclass(frozen=True)
class Step:
    """A step: its key, its title, and what is done there."""

    key: str
    title: str
    tip: str


STEPS = (
    Step("source", "Source", "What is captured, and how it is connected"),
    Step("levels", "Levels", "How loud it is played, and how loud it comes back"),
    Step("knobs", "Knobs", "Which knobs the device has"),
    Step("plan", "Plan", "At which positions of the knobs it is recorded"),
    Step("record", "Record", "Take after take"),
    Step("review", "Review", "Look at every take, and train on them"),
)


class StepList(Card):
    """Signals
    -------
    chosen(str):
        The person wants to go to the step with this key.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Steps", parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        self._done: frozenset[str] = frozenset()
        for step in STEPS:
            self.body.addWidget(self._button(step))
        self.body.setSpacing(1)
        self.body.addSpacing(12)
        self.safe = label("", "note", wrap=True)
        self.body.addWidget(self.safe)
        self.body.addStretch(1)
        self.select("source")

    def _button(self, step: Step) -> QPushButton:
        button = QPushButton(step.title)
        button.setProperty("kind", "step")
        button.setCheckable(True)
        button.setIconSize(QSize(_MARK, _MARK))
        button.clicked.connect(lambda: self.chosen.emit(step.key))
        self._group.addButton(button)
        self._buttons[step.key] = button
        return button

    @property
    def key(self) -> str:
        """The key of the step that is shown."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def button(self, key: str) -> QPushButton:
        """The button of a step."""
        return self._buttons[key]

    def select(self, key: str) -> None:
        """Show a step as the one at hand."""
        self._buttons[key].setChecked(True)
        self._mark()

    def show_state(self, done: frozenset[str], reachable: frozenset[str], why: str) -> None:
        """Tick what is done; a step that cannot be opened yet is disabled, and its tooltip says `why`."""
        self._done = done
        for step in STEPS:
            can_open = step.key in reachable
            self._buttons[step.key].setEnabled(can_open)
            self._buttons[step.key].setToolTip(step.tip if can_open else f"{step.tip}\n{why}")
        self._mark()

    def _mark(self) -> None:
        for number, step in enumerate(STEPS, 1):
            button, is_done = self._buttons[step.key], step.key in self._done
            button.setIcon(_mark(number, is_done=is_done, is_current=button.isChecked()))
            button.setAccessibleName(f"Step {number}, {step.title}{', done' if is_done else ''}")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_buttons"):
            self._mark()
        super().changeEvent(event)


def _mark(number: int, *, is_done: bool, is_current: bool) -> QIcon:
    """A disc with a tick or a number."""
    theme, ratio = tokens(), 2.0
    picture = QPixmap(QSize(round(_MARK * ratio), round(_MARK * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    good = theme.of("good")
    ground = theme.of("model") if is_current else QColor(theme.ground.control)
    painter.setBrush(translucent(good, 0.2) if is_done and not is_current else ground)
    area = QRectF(0, 0, _MARK, _MARK)
    painter.drawEllipse(area)
    text = QColor(theme.text.on_accent if is_current else theme.text.secondary)
    if is_done and not is_current:
        painter.drawPixmap(area.adjusted(3, 3, -3, -3).toRect(), icons.pixmap("check", good, _MARK - 6))
    else:
        painter.setFont(ui_font(11, bold=is_current))
        painter.setPen(text)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(number))
    painter.end()
    return QIcon(picture)
