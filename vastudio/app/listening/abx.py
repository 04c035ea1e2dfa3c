"""ABX: which of two sounds is the hidden third?

A test is a value, and `step` makes the next one from it: `TRANSITIONS` says what can follow what. Everything
that decides about the result is in the plan before the first trial: the number of trials, and, through the
seed, what X is in each of them. The result exists once the last trial is answered, not before; a test that
is given up has none. In training every answer is disclosed, and nothing counts.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from vastudio.app.listening.statistics import Tally
from vastudio.errors import ListeningError

Choice: TypeAlias = Literal["A", "B"]
Button: TypeAlias = Literal["A", "B", "X"]
Sound: TypeAlias = Literal["clean", "target", "model"]
Mode: TypeAlias = Literal["abx", "nearer"]
"""`abx`: A is the target, B the model, X one of them. `nearer`: A and B are clean and target in hidden
order, X is the model, and the right answer is the target. The second is a sanity check: it shows only that
the model is nearer to the effect than to the clean signal."""

Phase: TypeAlias = Literal["ready", "listening", "answered", "finished", "abandoned"]
Event: TypeAlias = Literal["begin", "switch", "answer", "change", "next", "finish", "abandon"]

TRANSITIONS: dict[tuple[Phase, Event], Phase] = {
    ("ready", "begin"): "listening",
    ("listening", "switch"): "listening",
    ("listening", "answer"): "answered",
    ("answered", "switch"): "answered",
    ("answered", "change"): "answered",
    ("answered", "next"): "listening",
    ("answered", "finish"): "finished",
    ("ready", "abandon"): "abandoned",
    ("listening", "abandon"): "abandoned",
    ("answered", "abandon"): "abandoned",
}
"""What each event leads to; all others are refused. `next` is there in every trial but the last, `finish`
only in the last, `change` (of an answer, before the next trial) only outside training, where it was
disclosed, and `answer` only once X was compared."""

TRIALS = 16
FEWEST_TRIALS = 5
"""With fewer, not even right answers throughout are below 5 %."""

SANITY_CHECK = (
    "Sanity check: this shows only that the model is nearer to the target than to the clean signal."
)


@dataclass(frozen=True)
class AbxPlan:
    """What is fixed before the first trial. Raises ListeningError for fewer than `FEWEST_TRIALS`."""

    seed: int = field(default_factory=lambda: secrets.randbits(48))
    trials: int = TRIALS
    mode: Mode = "abx"
    training: bool = False

    def __post_init__(self) -> None:
        if self.trials < FEWEST_TRIALS:
            raise ListeningError(
                f"{self.trials} trials cannot show anything.",
                f"Plan at least {FEWEST_TRIALS}, better {TRIALS}.",
            )

    @property
    def key(self) -> tuple[Choice, ...]:
        """The right answer of every trial: independent fair coins from the seed, the same everywhere."""
        coin = random.Random(self.seed)
        return tuple("A" if coin.random() < 0.5 else "B" for _ in range(self.trials))


@dataclass(frozen=True)
class Answer:
    """What was said in a trial, when, and after how many switches between the sounds."""

    choice: Choice
    at: datetime
    switches: int


@dataclass(frozen=True)
class AbxState:
    """Where a test stands.

    Attributes
    ----------
    trial:
        The trial at hand, 0 being the first.
    playing, heard, switches:
        What sounds now, what was heard in this trial, and how often it was switched.
    answers:
        One for every trial answered, this one's last.
    """

    plan: AbxPlan = field(default_factory=AbxPlan)
    phase: Phase = "ready"
    trial: int = 0
    playing: Button = "A"
    heard: tuple[Button, ...] = ()
    switches: int = 0
    answers: tuple[Answer, ...] = ()
    kind: Literal["abx"] = "abx"

    def __post_init__(self) -> None:
        """Refuse what no sequence of events leads to, as a damaged file may hold. Raises ValueError."""
        answered = self.trial + (self.phase in ("answered", "finished"))
        if self.phase == "abandoned":
            answered = max(self.trial, min(len(self.answers), self.trial + 1))
        last = self.trial == self.plan.trials - 1
        if len(self.answers) != answered or not 0 <= self.trial < self.plan.trials:
            raise ValueError(f"{len(self.answers)} answers do not fit trial {self.trial}, {self.phase}")
        if self.phase == "finished" and not last:
            raise ValueError("finished before the last trial")

    @property
    def sounding(self) -> Sound:
        """What the player plays for the button that is pressed. Not for the listener's eyes."""
        return sound(self.plan, self.trial, self.playing)

    @property
    def possible(self) -> frozenset[Event]:
        """The events that are not refused now."""
        events = {event for phase, event in TRANSITIONS if phase == self.phase}
        last = self.trial == self.plan.trials - 1
        events.discard("next" if last else "finish")
        if self.plan.training:
            events.discard("change")
        if not self.has_compared:
            events.discard("answer")
        return frozenset(events)

    @property
    def has_compared(self) -> bool:
        """Whether X and at least one of the others were heard in this trial."""
        return "X" in self.heard and len(self.heard) > 1

    @property
    def disclosed(self) -> bool | None:
        """In training, whether the answer just given was right; None in a test, and before the answer."""
        if not self.plan.training or self.phase not in ("answered", "finished"):
            return None
        return self.answers[self.trial].choice == self.plan.key[self.trial]


@dataclass(frozen=True)
class Begin:
    """Begin the first trial."""


@dataclass(frozen=True)
class Switch:
    """Listen to A, B or X."""

    to: Button


@dataclass(frozen=True)
class Say:
    """Answer, or change the answer of this trial."""

    choice: Choice
    at: datetime


@dataclass(frozen=True)
class Next:
    """Go on to the next trial; after the last one, finish."""


@dataclass(frozen=True)
class Abandon:
    """Give the test up. It will never have a result."""


Action: TypeAlias = Begin | Switch | Say | Next | Abandon


def step(state: AbxState, action: Action) -> AbxState:
    """Return the state that follows. Raises ListeningError where `TRANSITIONS` has no such step."""
    event = _event(state, action)
    if event not in state.possible:
        raise _refusal(state, event)
    phase = TRANSITIONS[state.phase, event]
    match action:
        case Begin():
            return replace(state, phase=phase, playing="A", heard=("A",))
        case Switch(to):
            heard = state.heard if to in state.heard else (*state.heard, to)
            switches = state.switches + (to != state.playing)
            return replace(state, phase=phase, playing=to, heard=heard, switches=switches)
        case Say(choice, at):
            answers = (*state.answers[: state.trial], Answer(choice, at, state.switches))
            return replace(state, phase=phase, answers=answers)
        case Next() if event == "next":
            return replace(state, phase=phase, trial=state.trial + 1, playing="A", heard=("A",), switches=0)
        case _:
            return replace(state, phase=phase)


def sound(plan: AbxPlan, trial: int, button: Button) -> Sound:
    """What a button plays in a trial."""
    if plan.mode == "nearer":
        if button == "X":
            return "model"
        return "target" if button == plan.key[trial] else "clean"
    choice = plan.key[trial] if button == "X" else button
    return "target" if choice == "A" else "model"


def result(state: AbxState) -> Tally:
    """The right answers of a finished test.

    Raises
    ------
    ListeningError
        For a test that goes on or was given up, and for training: none of them has a result.
    """
    if state.plan.training:
        raise ListeningError("Training has no result.", "Start a test.")
    if state.phase == "abandoned":
        raise ListeningError("This test was given up and has no result.", "Start another one.")
    if state.phase != "finished":
        raise ListeningError("The result is disclosed after the last trial.", "Answer the remaining trials.")
    right = sum(answer.choice == key for answer, key in zip(state.answers, state.plan.key, strict=True))
    return Tally(right, state.plan.trials)


def _event(state: AbxState, action: Action) -> Event:
    match action:
        case Begin():
            return "begin"
        case Switch():
            return "switch"
        case Say():
            return "change" if state.phase == "answered" else "answer"
        case Next():
            return "finish" if state.trial == state.plan.trials - 1 else "next"
        case Abandon():
            return "abandon"


def _refusal(state: AbxState, event: Event) -> ListeningError:
    if state.phase in ("finished", "abandoned"):
        return ListeningError("This test is over.", "Start another one.")
    if state.phase == "ready":
        return ListeningError("The test has not begun.", "Begin it.")
    if event == "answer":
        return ListeningError("X was not compared in this trial yet.", "Listen to X and to A or B first.")
    if event == "change":
        return ListeningError("This answer was disclosed already.", "Go on to the next trial.")
    if event in ("next", "finish"):
        return ListeningError("This trial has no answer yet.", "Answer A or B; a guess will do.")
    return ListeningError("The test has begun already.", "Answer the trial at hand.")
