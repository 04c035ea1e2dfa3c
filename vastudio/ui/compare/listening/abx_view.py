"""An ABX trial: three sounds to hear, two answers to give, and nothing that tells which is right.

Activities: all in the window's thread. Every answer is on the disk before the next trial can be reached.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.listening import abx
from vastudio.app.listening.material import Material
from vastudio.app.listening.sessions import Recorder, now
from vastudio.errors import StudioError
from vastudio.ui.bridge.session import Session
from vastudio.ui.compare.listening.keys import on_enter, on_keys, tabbed
from vastudio.ui.compare.listening.sound_bank import SoundBank
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import label, restyle

_BUTTONS: tuple[abx.Button, ...] = ("A", "X", "B")
_CHOICES: tuple[abx.Choice, ...] = ("A", "B")
_QUESTIONS: dict[abx.Mode, str] = {
    "abx": "Is X the same as A, or the same as B?",
    "nearer": "Is X nearer to A, or nearer to B?",
}
_ANSWERS: dict[abx.Mode, str] = {"abx": "X is {}", "nearer": "X is nearer to {}"}
_WIDTH = 680


class AbxView(QWidget):
    """One test after the other: `begin` one, and listen for `done`.

    Signals
    -------
    done():
        The last trial is answered.
    leave_requested():
        The person wants to leave before that.
    failed(object):
        The StudioError of a step that could not be written; the step was not taken.
    """

    done = Signal()
    leave_requested = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Listening test")
        self._bank = SoundBank(session)
        self.recorder: Recorder | None = None
        self.card = Card()
        self.heading = label("", "heading")
        self.trial = label("", "quiet")
        self.question = label("", "instruction", wrap=True)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Trials answered")
        self.sounds = {button: _sound_button(button) for button in _BUTTONS}
        self.answers = {choice: _answer_button(choice) for choice in _CHOICES}
        self.hint = label("", "quiet", wrap=True)
        self.next = QPushButton("Next trial")
        self.next.setToolTip("Go on (Enter)")
        self.next.setProperty("kind", "primary")
        self.leave = QPushButton("Leave…")
        self.leave.setToolTip("Stop for now, or give the test up")
        for widget in (self.next, self.leave):
            tabbed(widget)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.heading)
        top.addStretch(1)
        top.addWidget(self.trial)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        for column, button in enumerate(_BUTTONS):
            grid.addWidget(self.sounds[button], 0, column)
            grid.addWidget(_key_hint(f"key {button}"), 1, column)
            grid.setColumnStretch(column, 1)
        said = QHBoxLayout()
        said.setSpacing(14)
        for choice in _CHOICES:
            said.addWidget(self.answers[choice], 1)
        end = QHBoxLayout()
        end.addWidget(self.leave)
        end.addStretch(1)
        end.addWidget(self.next)
        body = self.card.body
        body.setSpacing(14)
        body.addLayout(top)
        body.addWidget(self.progress)
        body.addWidget(self.question)
        body.addLayout(grid)
        body.addLayout(said)
        body.addWidget(self.hint)
        body.addLayout(end)
        self.question.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.hint.setMinimumHeight(40)
        self.card.setFixedWidth(_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 8, 16, 16)
        outer.addStretch(1)
        outer.addWidget(self.card, alignment=Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(2)

    def _connect(self) -> None:
        for button, widget in self.sounds.items():
            widget.clicked.connect(lambda _checked=False, to=button: self._do(abx.Switch(to)))
            on_keys(self, (button,), lambda to=button: self._do(abx.Switch(to)))  # type: ignore[misc]
        for number, (choice, widget) in enumerate(self.answers.items(), 1):
            widget.clicked.connect(lambda _checked=False, said=choice: self._do(abx.Say(said, now())))
            keys = (str(number), f"Shift+{choice}")
            on_keys(self, keys, lambda said=choice: self._do(abx.Say(said, now())))  # type: ignore[misc]
        self.next.clicked.connect(self._go_on)
        on_enter(self, self._go_on)
        self.leave.clicked.connect(self.leave_requested)

    # --- a test ---------------------------------------------------------------------------------------

    @property
    def state(self) -> abx.AbxState:
        """Where the test stands."""
        assert self.recorder is not None
        test = self.recorder.session.test
        assert isinstance(test, abx.AbxState)
        return test

    def begin(self, recorder: Recorder, material: Material) -> None:
        """Begin a test, or go on with one."""
        self.recorder = recorder
        self._bank.load(material)
        if self.state.phase == "ready":
            self._do(abx.Begin())
        else:
            self._bank.hear(self.state.sounding)
            self._show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """Let go of the player; what was answered is kept."""
        if self._bank.is_loaded:
            self._bank.leave()
        self.recorder = None

    def _go_on(self) -> None:
        if self.recorder is not None and {"next", "finish"} & self.state.possible:
            self._do(abx.Next())

    def _do(self, action: abx.Action) -> None:
        """Take a step that is possible now; others are passed over, as a wrong key would be."""
        if self.recorder is None or (isinstance(action, abx.Say) and not self._may_answer):
            self._show()
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
        self._bank.hear(self.state.sounding)
        self._show()

    @property
    def _may_answer(self) -> bool:
        return bool({"answer", "change"} & self.state.possible)

    # --- what is seen ---------------------------------------------------------------------------------

    def _show(self) -> None:
        if self.recorder is None:
            return
        state, plan = self.state, self.state.plan
        training = "Training" if plan.training else "Listening test"
        self.heading.setText("Sanity check" if plan.mode == "nearer" and not plan.training else training)
        self.leave.setText("End training" if plan.training else "Leave…")
        self.leave.setToolTip("Go back" if plan.training else "Stop for now, or give the test up")
        self.card.setProperty("mood", "training" if plan.training else "")
        restyle(self.card)
        self.trial.setText(f"Trial {state.trial + 1} of {plan.trials}")
        self.progress.setRange(0, plan.trials)
        self.progress.setValue(len(state.answers))
        self.question.setText(_QUESTIONS[plan.mode])
        for button, widget in self.sounds.items():
            widget.setChecked(button == state.playing)
        self._show_answers(state)
        last = state.trial == plan.trials - 1
        self.next.setText("Finish (Enter)" if last else "Next trial (Enter)")
        self.next.setAccessibleName("Finish" if last else "Next trial")
        self.next.setToolTip("The test ends and says what it showed" if last else "Go on to the next trial")
        self.next.setEnabled(bool({"next", "finish"} & state.possible))

    def _show_answers(self, state: abx.AbxState) -> None:
        said = state.answers[state.trial].choice if state.phase == "answered" else None
        for number, (choice, widget) in enumerate(self.answers.items(), 1):
            text = _ANSWERS[state.plan.mode].format(choice)
            widget.setText(f"{text}   ({number} or Shift+{choice})")
            widget.setAccessibleName(f"Answer: {text}")
            widget.setToolTip(f"Key {number}, or Shift and {choice}")
            widget.setEnabled(self._may_answer or said == choice)
            widget.setChecked(said == choice)
        self.hint.setText(_hint(state, said))
        meaning = {True: "good", False: "bad", None: None}[state.disclosed]
        self.hint.setProperty("meaning", meaning)
        restyle(self.hint)


def _hint(state: abx.AbxState, said: abx.Choice | None) -> str:
    if state.disclosed is not None:
        key = state.plan.key[state.trial]
        return f"{'Right' if state.disclosed else 'Wrong'}: it is {key}. Enter goes on."
    if said is not None:
        return f"You said {said}. You may listen again and change it; Enter goes on."
    if not state.has_compared:
        return "Listen to X, and to A or B, as often as you like. Then answer."
    return "Answer with 1 or 2. If you hear no difference, guess: a guess is an answer, too."


def _sound_button(name: abx.Button) -> QPushButton:
    button = QPushButton(name)
    button.setCheckable(True)
    button.setProperty("kind", "sound")
    button.setAccessibleName(f"Hear {name}")
    button.setToolTip(f"Hear {name} (key {name})")
    button.setMinimumHeight(112)
    tabbed(button)
    return button


def _answer_button(choice: abx.Choice) -> QPushButton:
    button = QPushButton(f"X is {choice}")
    button.setCheckable(True)
    button.setProperty("kind", "answer")
    button.setToolTip(f"Answer that X is {choice}")
    tabbed(button)
    return button


def _key_hint(text: str) -> QLabel:
    hint = label(text, "note")
    hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return hint
