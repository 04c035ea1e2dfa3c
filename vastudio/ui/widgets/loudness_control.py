"""How loud what is compared by ear is played: level match, or the gain of the null, with words for both."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.loudness_match import LoudnessMatch
from vastudio.engine.stream import HIGHEST_NULL_GAIN_DB
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.text import ElidedLabel

WIDTH = 132
_INDENT = 5
_STEP_DB = 5
_MATCHED_WITHIN_LU = 0.1
_WHAT_IT_DOES = (
    "Plays clean, target and model equally loud (ITU-R BS.1770), measured on what is looped, rack and all."
)
_NULL_TIP = (
    "How much louder than it is the null (model − target) is played, as far as it neither clips "
    "nor is louder than the target."
)


class LoudnessControl(QWidget):
    """A check box, or the gain while the null is heard, over a line that says what is in effect.

    Signals
    -------
    match_toggled(bool), null_gain_moved(float):
        What the person asked for; the gain in dB.
    """

    match_toggled = Signal(bool)
    null_gain_moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self._match: LoudnessMatch | None = None
        self.match = QCheckBox("Level match")
        self.match.setAccessibleName("Level match")
        self.null_gain = QSpinBox()
        self.null_gain.setRange(0, round(HIGHEST_NULL_GAIN_DB))
        self.null_gain.setSingleStep(_STEP_DB)
        self.null_gain.setPrefix("Null +")
        self.null_gain.setSuffix(" dB")
        self.null_gain.setAccessibleName("Gain of the null")
        self._choice = QStackedWidget()
        self._choice.addWidget(self.match)
        self._choice.addWidget(self.null_gain)
        self._choice.setFixedHeight(self.null_gain.sizeHint().height())
        self.words = ElidedLabel("", "note")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addStretch(1)
        column.addWidget(self._choice)
        said = QHBoxLayout()
        said.setContentsMargins(_INDENT, 0, 0, 0)
        said.addWidget(self.words)
        said.addStretch(1)
        column.addLayout(said)
        column.addStretch(1)
        self.match.toggled.connect(self.match_toggled)
        self.match.toggled.connect(self._say)
        self.null_gain.valueChanged.connect(lambda gain: self.null_gain_moved.emit(float(gain)))
        self.null_gain.valueChanged.connect(self._say)
        self._say()

    def show_null(self, is_heard: bool) -> None:
        """Offer the gain of the null while that is heard, the level match otherwise."""
        self._choice.setCurrentIndex(int(is_heard))
        self._say()

    def show_match(self, match: LoudnessMatch | None) -> None:
        """Say what was measured of what is looped; None while it is not known."""
        self._match = match
        self._say()

    def _say(self) -> None:
        if self._choice.currentIndex():
            self._say_null()
        elif self.match.isChecked():
            self._say_matched()
        else:
            self._show("each as it is", f"{_WHAT_IT_DOES}\nOff: each is heard at its own level.")

    def _say_null(self) -> None:
        asked, match = float(self.null_gain.value()), self._match
        if match is None:
            self._show("model − target", _NULL_TIP)
        elif asked > match.null_gain_db + 0.5:
            heard = f"{numbers.fixed(match.null_gain_db, 0)} dB"
            self._show(f"held at +{heard}", f"{_NULL_TIP}\nIn effect: +{heard} of +{asked:.0f} dB.")
        else:
            self._show("model − target", f"{_NULL_TIP}\nIn effect: +{asked:.0f} dB.")

    def _say_matched(self) -> None:
        match = self._match
        if match is None:
            self._show("being measured…", _WHAT_IT_DOES)
            return
        gains = {"clean": match.gains.clean, "target": match.gains.target, "model": match.gains.model}
        heard = [name for name in gains if name != "target" or match.loop.target is not None]
        lines = [_WHAT_IT_DOES, "In effect: " + ", ".join(f"{name} {_signed(gains[name])}" for name in heard)]
        off = {name: by for name, by in match.off_db.items() if abs(by) > _MATCHED_WITHIN_LU}
        lines += [
            f"The {name} stays {_signed(by)} away: it is too quiet for more." for name, by in off.items()
        ]
        silent = [name for name in heard if name not in match.off_db]
        lines += [f"The {name} is silent." for name in silent]
        words = "not all matched" if off or silent else f"all at {numbers.fixed(match.lufs, 1)} LUFS"
        self._show(words, "\n".join(lines))

    def _show(self, words: str, tip: str) -> None:
        self.words.set_full_text(words, tip)
        for widget in (self.match, self.null_gain):
            widget.setToolTip(tip)
            widget.setAccessibleDescription(tip)


def _signed(level_db: float) -> str:
    return f"{'+' if level_db >= 0 else ''}{numbers.decibels(level_db)}"
