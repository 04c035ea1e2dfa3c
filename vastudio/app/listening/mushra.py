"""Rating several models against the target, in the manner of MUSHRA (ITU-R BS.1534-3).

For every item (an excerpt) the listener hears the open reference and, behind numbered sliders in hidden
order, the models, the anchors and the reference once more, and rates each from 0 to 100. The order of items
and sliders comes from the plan's seed.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from vastudio.errors import ListeningError

MOST_CONDITIONS = 12
"""More sounds than this beside each other tire a listener (BS.1534-3 asks for no more)."""

REFERENCE = "open reference"

Phase: TypeAlias = Literal["ready", "rating", "finished", "abandoned"]
Event: TypeAlias = Literal["begin", "switch", "rate", "next", "finish", "abandon"]

TRANSITIONS: dict[tuple[Phase, Event], Phase] = {
    ("ready", "begin"): "rating",
    ("rating", "switch"): "rating",
    ("rating", "rate"): "rating",
    ("rating", "next"): "rating",
    ("rating", "finish"): "finished",
    ("ready", "abandon"): "abandoned",
    ("rating", "abandon"): "abandoned",
}
"""What each event leads to. `next` and, at the last item, `finish` need a rating of every sound."""


@dataclass(frozen=True)
class MushraPlan:
    """What is rated: the names of items and conditions, the hidden reference among them.

    Raises ListeningError unless there are items and 2 to 12 different conditions with the hidden reference.
    """

    items: tuple[str, ...]
    conditions: tuple[str, ...]
    hidden_reference: str = "target"
    seed: int = field(default_factory=lambda: secrets.randbits(48))

    def __post_init__(self) -> None:
        unique = set(self.conditions)
        fits = 2 <= len(unique) == len(self.conditions) <= MOST_CONDITIONS and self.hidden_reference in unique
        if not fits or not self.items or len(set(self.items)) != len(self.items):
            raise ListeningError(
                "These sounds cannot be rated together.",
                f"Choose up to {MOST_CONDITIONS} different ones, the hidden reference and anchors included.",
            )

    @property
    def pages(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Items in the order they are rated, each with its conditions in the order of the sliders."""
        coin = random.Random(self.seed)
        items = _shuffled(self.items, coin)
        return tuple((item, _shuffled(self.conditions, coin)) for item in items)


@dataclass(frozen=True)
class Rating:
    """What a condition of an item was given, when it was moved last."""

    item: str
    condition: str
    score: int
    at: datetime


@dataclass(frozen=True)
class MushraState:
    """Where a rating stands. `playing` and `heard` are sliders of this page, −1 being the open reference."""

    plan: MushraPlan
    phase: Phase = "ready"
    page: int = 0
    playing: int = -1
    heard: tuple[int, ...] = ()
    ratings: tuple[Rating, ...] = ()
    kind: Literal["mushra"] = "mushra"

    def __post_init__(self) -> None:
        """Refuse what no sequence of events leads to, as a damaged file may hold. Raises ValueError."""
        rated = [(rating.item, rating.condition) for rating in self.ratings]
        pages = self.plan.pages
        if not 0 <= self.page < len(pages):
            raise ValueError(f"there is no item {self.page}")
        complete = pages[: self.page + (self.phase == "finished")]
        needed = {(item, condition) for item, conditions in complete for condition in conditions}
        item, conditions = pages[self.page]
        allowed = needed | {(item, condition) for condition in conditions}
        if len(set(rated)) != len(rated) or not needed <= set(rated) <= allowed:
            raise ValueError(f"the ratings do not fit item {self.page}")
        if any(not 0 <= rating.score <= 100 for rating in self.ratings):
            raise ValueError("a rating is outside 0 to 100")
        if self.phase == "finished" and self.page != len(pages) - 1:
            raise ValueError("finished before the last item")

    @property
    def item(self) -> str:
        """The item at hand."""
        return self.plan.pages[self.page][0]

    @property
    def sounding(self) -> str:
        """The condition that plays now. Not for the listener's eyes."""
        open_reference = self.playing < 0
        return self.plan.hidden_reference if open_reference else self.plan.pages[self.page][1][self.playing]

    @property
    def scores(self) -> tuple[int | None, ...]:
        """The ratings of this page, slider by slider; None where there is none yet."""
        item, conditions = self.plan.pages[self.page]
        given = {rating.condition: rating.score for rating in self.ratings if rating.item == item}
        return tuple(given.get(condition) for condition in conditions)

    @property
    def possible(self) -> frozenset[Event]:
        """The events that are not refused now."""
        events = {event for phase, event in TRANSITIONS if phase == self.phase}
        last = self.page == len(self.plan.items) - 1
        events.discard("next" if last else "finish")
        return frozenset(events - {"next", "finish"} if None in self.scores else events)


@dataclass(frozen=True)
class Begin:
    """Begin with the first item."""


@dataclass(frozen=True)
class Switch:
    """Listen to a slider's sound; −1 for the open reference."""

    slider: int


@dataclass(frozen=True)
class Rate:
    """Set a slider to 0..100."""

    slider: int
    score: int
    at: datetime


@dataclass(frozen=True)
class Next:
    """Go on to the next item; after the last one, finish."""


@dataclass(frozen=True)
class Abandon:
    """Give the rating up: it will not be counted."""


Action: TypeAlias = Begin | Switch | Rate | Next | Abandon


def step(state: MushraState, action: Action) -> MushraState:
    """Return the state that follows. Raises ListeningError where that is not possible now."""
    event = _event(state, action)
    if event not in state.possible:
        raise _refusal(state)
    phase = TRANSITIONS[state.phase, event]
    match action:
        case Switch(slider):
            _check_slider(state, slider, -1)
            heard = state.heard if slider in state.heard else (*state.heard, slider)
            return replace(state, phase=phase, playing=slider, heard=heard)
        case Rate():
            return replace(state, phase=phase, ratings=_rated(state, action))
        case Next() if event == "next":
            return replace(state, phase=phase, page=state.page + 1, playing=-1, heard=())
        case _:
            return replace(state, phase=phase)


def _rated(state: MushraState, action: Rate) -> tuple[Rating, ...]:
    _check_slider(state, action.slider, 0)
    if action.slider not in state.heard:
        raise ListeningError("This sound was not heard yet.", "Listen to it first.")
    if not 0 <= action.score <= 100:
        raise ListeningError(f"{action.score} is no rating.", "Rate from 0 to 100.")
    item, conditions = state.plan.pages[state.page]
    condition = conditions[action.slider]
    others = [rating for rating in state.ratings if (rating.item, rating.condition) != (item, condition)]
    return (*others, Rating(item, condition, action.score, action.at))


def _check_slider(state: MushraState, slider: int, lowest: int) -> None:
    if not lowest <= slider < len(state.plan.conditions):
        raise ListeningError(f"There is no sound {slider + 1}.", "Choose one of those on the page.")


def _event(state: MushraState, action: Action) -> Event:
    match action:
        case Begin():
            return "begin"
        case Switch():
            return "switch"
        case Rate():
            return "rate"
        case Next():
            return "finish" if state.page == len(state.plan.items) - 1 else "next"
        case Abandon():
            return "abandon"


def _refusal(state: MushraState) -> ListeningError:
    if state.phase in ("finished", "abandoned"):
        return ListeningError("This rating is over.", "Start another one.")
    if state.phase == "ready":
        return ListeningError("The rating has not begun.", "Begin it.")
    return ListeningError("Not every sound of this item is rated.", "Rate the others.")


def _shuffled(names: tuple[str, ...], coin: random.Random) -> tuple[str, ...]:
    """Sort by random numbers: `random()` of a seed is promised to stay, `shuffle` is not."""
    return tuple(name for _, name in sorted((coin.random(), name) for name in names))
