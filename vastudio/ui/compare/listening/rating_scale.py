"""The scale of a rating: five words from bad to excellent, and a slider beside them for every sound."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QPushButton, QSlider, QVBoxLayout, QWidget

from vastudio.ui.compare.listening.keys import tabbed
from vastudio.ui.widgets.text import label

WORDS = ("Excellent", "Good", "Fair", "Poor", "Bad")
"""Of ITU-R BS.1534: each stands for a fifth of the scale, from 100 down."""

_FROM = (80, 60, 40, 20, 0)
_BUTTON_HEIGHT, _SCORE_HEIGHT = 36, 20


class ScaleWords(QWidget):
    """The five words, as high as the sliders."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, _BUTTON_HEIGHT + _SCORE_HEIGHT + 12)
        column.setSpacing(0)
        for word, lowest in zip(WORDS, _FROM, strict=True):
            text = label(f"{word}\n{lowest}–{lowest + 20}", "note")
            text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            column.addWidget(text, 1)


class RatingColumn(QWidget):
    """A hidden sound: its slider, its rating, and the button that plays it.

    Signals
    -------
    hear_requested():
        The person wants to hear it.
    rated(int):
        Its slider was moved and let go of.
    """

    hear_requested = Signal()
    rated = Signal(int)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Vertical)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setTickInterval(20)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBothSides)
        self.slider.setTracking(False)
        self.slider.setAccessibleName(f"Rating of sound {number}")
        self.slider.setToolTip(f"Rate sound {number} from 0 to 100 (hear it first, then ↑ ↓)")
        self.score = label("—")
        self.score.setFixedHeight(_SCORE_HEIGHT)
        self.hear = QPushButton(str(number))
        self.hear.setCheckable(True)
        self.hear.setProperty("kind", "answer")
        self.hear.setFixedHeight(_BUTTON_HEIGHT)
        self.hear.setAccessibleName(f"Hear sound {number}")
        self.hear.setToolTip(f"Hear sound {number} (key {number if number < 10 else f'Alt+{number - 9}'})")
        tabbed(self.hear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.slider, 1, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.score, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.hear)
        self.hear.clicked.connect(self.hear_requested)
        self.slider.sliderMoved.connect(lambda score: self.score.setText(str(score)))
        self.slider.valueChanged.connect(self.rated)
        self.slider.sliderReleased.connect(lambda: self.rated.emit(self.slider.value()))

    def show_state(self, is_playing: bool, may_be_rated: bool, score: int | None) -> None:
        """Show whether it plays, whether it was heard, and its rating, if it has one."""
        self.hear.setChecked(is_playing)
        self.slider.setEnabled(may_be_rated)
        with QSignalBlocker(self.slider):
            self.slider.setValue(0 if score is None else score)
        self.score.setText("—" if score is None else str(score))

    def nudge(self, by: int) -> None:
        """Move the rating up or down; the first move begins in the middle."""
        if self.slider.isEnabled():
            here = self.slider.value() if self.score.text() != "—" else 50
            self.rated.emit(min(max(here + by, 0), 100))
