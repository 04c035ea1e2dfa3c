"""The errors card: where on the dials a model is good and where it is not, and where to record next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vastudio.app.knob_errors import PositionScore, knob_map, worst_positions
from vastudio.app.library import esr_text
from vastudio.app.suspects import Suspect
from vastudio.ui.train.error_picture import ErrorPicture, position_text
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.knob_error_plot import KnobErrorPlot
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import label

_NOTHING = "The error at every recorded knob position appears here with the first validation."
_MARK = "+\u00a0record\u00a0next"
_WORST_SHOWN = 3


class ErrorsCard(Card):
    """A plot, and beside or below it the worst positions, suspicious captures and proposals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Error over the knobs", parent)
        self.picture: ErrorPicture | None = None
        self.plot = KnobErrorPlot()
        self.drawing = QWidget()
        self.across, self.upward = ElidedCombo("Knob across"), ElidedCombo("Knob upward")
        for chooser in (self.across, self.upward):
            chooser.setMinimumContentsLength(4)
        self.key = label("", "note", wrap=True)
        self.worst, self.suspects, self.proposals = (_list() for _ in range(3))
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the positions, to record them")
        self._empty = label(_NOTHING, "note", wrap=True)
        self._full = QWidget()
        self._direction = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._full)
        self._arrange()
        self.across.activated.connect(self._choose)
        self.upward.activated.connect(self._choose)
        self.copy.clicked.connect(self._copy)
        self.show_picture(None)

    def _arrange(self) -> None:
        self._choosers = QWidget()
        pair = QHBoxLayout(self._choosers)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.addWidget(self.across, 1)
        pair.addWidget(label("×", "quiet"))
        pair.addWidget(self.upward, 1)
        left = QVBoxLayout(self.drawing)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(6)
        left.addWidget(self._choosers)
        left.addWidget(self.plot, 1)
        left.addWidget(self.key)
        lists = QWidget()
        right = QVBoxLayout(lists)
        right.setContentsMargins(0, 0, 4, 0)
        right.setSpacing(4)
        self._next = QWidget()
        heading = QHBoxLayout(self._next)
        heading.setContentsMargins(0, 0, 0, 0)
        heading.addWidget(label("Record here next", "title"), 1)
        heading.addWidget(self.copy)
        self._worst_title = label("Worst positions", "title")
        for widget in (self._worst_title, self.worst, self._next, self.proposals, self.suspects):
            right.addWidget(widget)
        right.addStretch(1)
        self._direction.setContentsMargins(0, 0, 0, 0)
        self._direction.setSpacing(10)
        self._direction.addWidget(self.drawing, 3)
        self._direction.addWidget(scrolling(lists, "Worst positions and proposals"), 2)
        self.body.addWidget(self._empty)
        self.body.addWidget(self._full, 1)
        self.body.addStretch()

    def set_wide(self, wide: bool) -> None:
        """The lists stand beside the plot in a wide card, below it in a high one."""
        direction = QBoxLayout.Direction
        self._direction.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def show_picture(self, picture: ErrorPicture | None) -> None:
        """Show the error of another model, or another state of it; None: nothing is known."""
        names = None if self.picture is None else [knob.name for knob in self.picture.knobs]
        self.picture = picture
        is_full = picture is not None and bool(picture.scores)
        self._empty.setText(_NOTHING)
        self._empty.setVisible(not is_full)
        self._full.setVisible(is_full)
        if picture is None or not is_full:
            return
        if names != [knob.name for knob in picture.knobs]:
            self._fill_choosers(picture)
        self.plot.doubt(suspect.score.capture for suspect in picture.suspects)
        self._draw()
        self._list(picture)

    def say(self, text: str) -> None:
        """Say why there is nothing to show."""
        self.show_picture(None)
        self._empty.setText(text)

    def _fill_choosers(self, picture: ErrorPicture) -> None:
        for chooser, index in ((self.across, 0), (self.upward, 1)):
            chooser.clear()
            for knob in picture.knobs:
                chooser.addItem(knob.title, knob.name)
            chooser.setCurrentIndex(min(index, len(picture.knobs) - 1))
        self._choosers.setVisible(len(picture.knobs) > 1)
        self.plot.setVisible(bool(picture.knobs))

    def _choose(self) -> None:
        """Two different knobs: choosing the other one's knob swaps them."""
        if self.across.currentIndex() == self.upward.currentIndex():
            changed = self.sender()
            other = self.upward if changed is self.across else self.across
            other.setCurrentIndex((other.currentIndex() + 1) % other.count())
        self._draw()

    def _draw(self) -> None:
        picture = self.picture
        if picture is None:
            return
        if not picture.knobs:
            esr = esr_text(max(score.esr for score in picture.scores))
            self.key.setText(f"This device has no knobs; its error is {esr} at worst.")
        elif len(picture.knobs) == 1:
            self.plot.show_line(picture.knobs[0], picture.scores, picture.record_next, self._tell)
            self.key.setText(f"ESR over {picture.knobs[0].title} · {_MARK}")
        else:
            x, y = self.across.currentData(), self.upward.currentData()
            drawn = knob_map(picture.knobs, picture.scores, x, y)
            self.plot.show_map(drawn, picture.record_next, self._tell)
            low, high = (esr_text(float(esr)) for esr in (drawn.esr.min(), drawn.esr.max()))
            self.key.setText(f"ESR {low} (faint) to {high} (strong) · {_MARK}")

    def _tell(self, score: PositionScore) -> str:
        knobs = self.picture.knobs if self.picture is not None else ()
        kind = "held out" if score.split == "validation" else "training"
        where = position_text(knobs, score.knobs)
        return f"Capture {score.capture} ({kind}): ESR {esr_text(score.esr)}\n{where}"

    def _list(self, picture: ErrorPicture) -> None:
        has_knobs = bool(picture.knobs)
        worst = worst_positions(picture.scores, _WORST_SHOWN)
        self.worst.setText(
            "\n".join(
                f"{esr_text(score.esr)} at {position_text(picture.knobs, score.knobs)}" for score in worst
            )
        )
        self._worst_title.setVisible(has_knobs)
        self.worst.setVisible(has_knobs)
        self.suspects.setText(_doubts(picture.suspects))
        self.suspects.setVisible(bool(picture.suspects))
        self.proposals.setText("\n".join(position_text(picture.knobs, p) for p in picture.record_next))
        self.proposals.setVisible(bool(picture.record_next))
        self._next.setVisible(bool(picture.record_next))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.proposals.text())


def _doubts(suspects: Sequence[Suspect]) -> str:
    """What is suspicious, in one line for all captures."""
    if len(suspects) < 2:
        return "".join(f"▼ {suspect.message}" for suspect in suspects)
    captures = ", ".join(suspect.score.capture for suspect in suspects)
    least = min(suspect.ratio for suspect in suspects)
    return (
        f"▼ Captures {captures} have {least:.0f} times the error of their neighbours or more: "
        "check their knob positions and gains, or record them again."
    )


def _list() -> QLabel:
    result = label("", "note", wrap=True)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return result
