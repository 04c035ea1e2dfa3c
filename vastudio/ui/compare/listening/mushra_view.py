"""Rating: a slider for every hidden sound beside the open reference, item after item.

Activities: all in the window's thread. A rating is on the disk when its slider is let go of.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vastudio.app.listening import mushra
from vastudio.app.listening.material import Material
from vastudio.app.listening.sessions import Recorder, now
from vastudio.errors import StudioError
from vastudio.ui.bridge.session import Session
from vastudio.ui.compare.listening.keys import on_enter, on_keys, tabbed
from vastudio.ui.compare.listening.rating_scale import RatingColumn, ScaleWords
from vastudio.ui.compare.listening.sound_bank import SoundBank
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import label

_REFERENCE = -1
_STEP, _LEAP = 1, 10


class MushraView(QWidget):
    """One rating after the other; signals as `AbxView`."""

    done = Signal()
    leave_requested = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Rating")
        self._bank = SoundBank(session)
        self._materials: Mapping[str, Material] = {}
        self._loaded = ""
        self.recorder: Recorder | None = None
        self.heading = label("Rating", "heading")
        self.item = label("", "quiet")
        self.task = label("How close is each sound to the reference?", "instruction", wrap=True)
        self.reference = QPushButton("Reference")
        self.reference.setCheckable(True)
        self.reference.setProperty("kind", "answer")
        self.reference.setAccessibleName("Hear the reference")
        self.reference.setToolTip("Hear the reference (0 or R)")
        self.columns: list[RatingColumn] = []
        self._columns_row = QHBoxLayout()
        self.hint = label("", "quiet", wrap=True)
        self.next = QPushButton("Next item")
        self.next.setToolTip("Go on (Enter)")
        self.next.setProperty("kind", "primary")
        self.leave = QPushButton("Leave…")
        self.leave.setToolTip("Stop for now, or give the rating up")
        for button in (self.reference, self.next, self.leave):
            tabbed(button)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        card = Card()
        top = QHBoxLayout()
        top.addWidget(self.heading)
        top.addStretch(1)
        top.addWidget(self.item)
        middle = QHBoxLayout()
        middle.setSpacing(10)
        middle.addWidget(ScaleWords())
        middle.addLayout(self._columns_row, 1)
        self._columns_row.setSpacing(4)
        end = QHBoxLayout()
        end.setSpacing(14)
        end.addWidget(self.leave)
        end.addWidget(self.hint, 1)
        end.addWidget(self.next)
        card.body.setSpacing(12)
        card.body.addLayout(top)
        card.body.addWidget(self.task)
        card.body.addWidget(self.reference, alignment=Qt.AlignmentFlag.AlignHCenter)
        card.body.addLayout(middle, 1)
        card.body.addLayout(end)
        self.reference.setMinimumSize(220, 44)
        self.task.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        card.setMaximumWidth(980)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card, 20)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 16)
        column.addLayout(row)

    def _connect(self) -> None:
        self.reference.clicked.connect(lambda: self._do(mushra.Switch(_REFERENCE)))
        on_keys(self, ("0", "R"), lambda: self._do(mushra.Switch(_REFERENCE)))
        for slider in range(mushra.MOST_CONDITIONS):
            key = f"Alt+{slider - 8}" if slider > 8 else str(slider + 1)
            on_keys(self, (key,), lambda at=slider: self._hear(at))  # type: ignore[misc]
        for key, by in (("Up", _STEP), ("Down", -_STEP), ("PgUp", _LEAP), ("PgDown", -_LEAP)):
            on_keys(self, (key,), lambda by=by: self._move(by))  # type: ignore[misc]
        self.next.clicked.connect(self._go_on)
        on_enter(self, self._go_on)
        self.leave.clicked.connect(self.leave_requested)

    # --- a rating -------------------------------------------------------------------------------------

    @property
    def state(self) -> mushra.MushraState:
        """Where the rating stands."""
        assert self.recorder is not None
        test = self.recorder.session.test
        assert isinstance(test, mushra.MushraState)
        return test

    def begin(self, recorder: Recorder, materials: Mapping[str, Material]) -> None:
        """Begin a rating, or go on with one."""
        self.recorder, self._materials, self._loaded = recorder, materials, ""
        self._make_columns(len(self.state.plan.conditions))
        if self.state.phase == "ready":
            self._do(mushra.Begin())
        else:
            self._do(mushra.Switch(_REFERENCE))
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """Let go of the player; what was rated is kept."""
        if self._bank.is_loaded:
            self._bank.leave()
        self.recorder = None

    def _make_columns(self, count: int) -> None:
        for column in self.columns:
            self._columns_row.removeWidget(column)
            column.deleteLater()
        self.columns = [RatingColumn(number) for number in range(1, count + 1)]
        for slider, column in enumerate(self.columns):
            self._columns_row.addWidget(column, 1)
            column.hear_requested.connect(lambda at=slider: self._hear(at))
            column.rated.connect(lambda score, at=slider: self._do(mushra.Rate(at, score, now())))

    def _hear(self, slider: int) -> None:
        if slider < len(self.columns):
            self._do(mushra.Switch(slider))

    def _move(self, by: int) -> None:
        """Move the slider that has the focus, or else that of what plays."""
        if self.recorder is None:
            return
        focused = [column for column in self.columns if column.slider.hasFocus()]
        playing = [self.columns[self.state.playing]] if self.state.playing >= 0 else []
        for column in (focused or playing)[:1]:
            column.nudge(by)

    def _go_on(self) -> None:
        if self.recorder is not None and {"next", "finish"} & self.state.possible:
            self._do(mushra.Next())

    def _do(self, action: mushra.Action) -> None:
        if self.recorder is None:
            return
        try:
            self.recorder.do(action)
        except StudioError as error:
            self.failed.emit(error)
            self._show()
            return
        if self.state.phase == "finished":
            self.done.emit()
            return
        if self.state.item != self._loaded:
            self._loaded = self.state.item
            self._bank.load(self._materials[self._loaded])
        self._bank.hear(self.state.sounding)
        self._show()

    # --- what is seen ---------------------------------------------------------------------------------

    def _show(self) -> None:
        if self.recorder is None:
            return
        state = self.state
        self.item.setText(f"Item {state.page + 1} of {len(state.plan.items)}")
        self.reference.setChecked(state.playing == _REFERENCE)
        for slider, (column, score) in enumerate(zip(self.columns, state.scores, strict=True)):
            column.show_state(slider == state.playing, slider in state.heard or score is not None, score)
        missing = sum(score is None for score in state.scores)
        last = state.page == len(state.plan.items) - 1
        self.next.setText("Finish (Enter)" if last else "Next item (Enter)")
        self.next.setAccessibleName("Finish" if last else "Next item")
        self.next.setToolTip("Every sound of this item needs a rating first" if missing else "Go on")
        self.next.setEnabled(not missing)
        self.hint.setText(
            f"Hear the reference with 0, a sound with its number, and rate it with ↑ ↓: {missing} to go."
            if missing
            else "One of them is the reference itself. Compare again, or go on."
        )
