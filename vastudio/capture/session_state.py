"""Where a session stands, and what may happen next: a pure transition table.

    waiting ──record──► recording ──stored──► checking ──measured──► waiting at the next position
       ▲  ▲                 │ lost               │ lost                or finished, when none is left
       │  └─────────────────┴────────────────────┘
       └── resume ── paused ◄── pause

A take in which something is wrong is `rejected`: the session stays at its position, to repeat it or to go on
(`skip`). A position that was passed over is `skipped`. A position that is chosen, also in a session that is
finished, is recorded once more; its older takes stay.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from vastudio.capture.plan import Position
from vastudio.dataset.manifest import AudioRecord
from vastudio.dataset.takes import Take
from vastudio.errors import CaptureError

Phase: TypeAlias = Literal["waiting", "recording", "checking", "paused", "finished"]
Status: TypeAlias = Literal["open", "accepted", "rejected", "skipped"]


@dataclass(frozen=True)
class StoredTake:
    """A take on disk.

    Attributes
    ----------
    file:
        Its path in the dataset's folder.
    dropouts:
        Blocks that were late or lost; None where the session was killed before it could note that.
    """

    file: str
    dropouts: int | None = 0


@dataclass(frozen=True)
class Attempt:
    """A stored take and, once it is checked, its measurements and the two files' records."""

    stored: StoredTake
    take: Take | None = None
    audio: tuple[AudioRecord, ...] = ()


@dataclass(frozen=True)
class Slot:
    """One position of the plan: what became of it, and every attempt, the oldest first."""

    position: Position
    status: Status = "open"
    attempts: tuple[Attempt, ...] = ()

    @property
    def take(self) -> Take | None:
        """The newest take that was checked."""
        return next((each.take for each in reversed(self.attempts) if each.take is not None), None)


@dataclass(frozen=True)
class SessionState:
    """All positions, the phase, and the position at hand (their number when finished)."""

    slots: tuple[Slot, ...]
    current: int = 0
    phase: Phase = "waiting"

    @property
    def slot(self) -> Slot:
        """The position at hand. Raises CaptureError when there is none."""
        if self.current >= len(self.slots):
            raise CaptureError("Every position is recorded.", "Choose one to record again, or add some.")
        return self.slots[self.current]

    def count(self, status: Status) -> int:
        """How many positions have that status."""
        return sum(slot.status == status for slot in self.slots)


@dataclass(frozen=True)
class Record:
    """The knobs are set: record a take here."""


@dataclass(frozen=True)
class Lost:
    """The take in progress came to nothing."""


@dataclass(frozen=True)
class Stored:
    """The take is on the disk."""

    take: StoredTake


@dataclass(frozen=True)
class Measured:
    """The take is checked, and good or not."""

    take: Take
    audio: tuple[AudioRecord, ...]
    is_good: bool


@dataclass(frozen=True)
class Skip:
    """Go on to the next position; this one stays unrecorded, or as it is."""


@dataclass(frozen=True)
class Choose:
    """Go to a position, to record it, once more where it has been."""

    place: int


@dataclass(frozen=True)
class Reopen:
    """Record positions once more: the places given, or every rejected one."""

    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class Append:
    """Add positions at the end."""

    positions: tuple[Position, ...]


@dataclass(frozen=True)
class Pause:
    """Enough for today."""


@dataclass(frozen=True)
class Resume:
    """Go on."""


Event: TypeAlias = Record | Lost | Stored | Measured | Skip | Choose | Reopen | Append | Pause | Resume


def begin(positions: tuple[Position, ...]) -> SessionState:
    """Return the state of a session in which nothing has happened yet."""
    return SessionState(tuple(Slot(position) for position in positions))


def after(state: SessionState, event: Event) -> SessionState:
    """Return the state after `event`. Raises CaptureError when it cannot happen in this phase."""
    change = TRANSITIONS.get((state.phase, type(event)))
    if change is None:
        what = type(event).__name__.lower()
        raise CaptureError(f"The session is {state.phase}: '{what}' cannot happen now.")
    return change(state, event)


def _with_slot(state: SessionState, **changes: Any) -> SessionState:
    slots = list(state.slots)
    slots[state.current] = replace(state.slot, **changes)
    return replace(state, slots=tuple(slots))


def _advance(state: SessionState) -> SessionState:
    """Go to the next open position, in the order of the plan and round its end; finished without one."""
    count = len(state.slots)
    order = itertools.chain(range(state.current + 1, count), range(min(state.current + 1, count)))
    place = next((place for place in order if state.slots[place].status == "open"), None)
    if place is None:
        return replace(state, current=count, phase="finished")
    return replace(state, current=place, phase="waiting")


def _record(state: SessionState, _event: Record) -> SessionState:
    assert state.slot
    return replace(state, phase="recording")


def _lost(state: SessionState, _event: Lost) -> SessionState:
    return replace(state, phase="waiting")


def _stored(state: SessionState, event: Stored) -> SessionState:
    attempts = (*state.slot.attempts, Attempt(event.take))
    return replace(_with_slot(state, attempts=attempts), phase="checking")


def _measured(state: SessionState, event: Measured) -> SessionState:
    *older, newest = state.slot.attempts
    attempts = (*older, replace(newest, take=event.take, audio=event.audio))
    if not event.is_good:
        return replace(_with_slot(state, attempts=attempts, status="rejected"), phase="waiting")
    return _advance(_with_slot(state, attempts=attempts, status="accepted"))


def _skip(state: SessionState, _event: Skip) -> SessionState:
    if state.slot.status == "open":
        state = _with_slot(state, status="skipped")
    return _advance(state)


def _choose(state: SessionState, event: Choose) -> SessionState:
    _refuse_unknown(state, event.place)
    return replace(state, current=event.place, phase="waiting")


def _refuse_unknown(state: SessionState, place: int) -> None:
    if not 0 <= place < len(state.slots):
        raise CaptureError(f"There is no position {place + 1}.", f"There are {len(state.slots)}.")


def _reopen(state: SessionState, event: Reopen) -> SessionState:
    for place in event.places:
        _refuse_unknown(state, place)
    rejected = (place for place, slot in enumerate(state.slots) if slot.status == "rejected")
    places = set(event.places or rejected)
    slots = tuple(
        replace(slot, status="open") if place in places else slot for place, slot in enumerate(state.slots)
    )
    return _advance(replace(state, slots=slots, current=len(slots)))


def _append(state: SessionState, event: Append) -> SessionState:
    grown = replace(state, slots=(*state.slots, *(Slot(position) for position in event.positions)))
    return _advance(replace(grown, current=state.current - 1)) if state.phase == "finished" else grown


def _pause(state: SessionState, _event: Pause) -> SessionState:
    return replace(state, phase="paused")


def _resume(state: SessionState, _event: Resume) -> SessionState:
    return replace(state, phase="waiting")


TRANSITIONS: dict[tuple[Phase, type[Event]], Callable[[SessionState, Any], SessionState]] = {
    ("waiting", Record): _record,
    ("waiting", Skip): _skip,
    ("waiting", Choose): _choose,
    ("waiting", Reopen): _reopen,
    ("waiting", Append): _append,
    ("waiting", Pause): _pause,
    ("recording", Lost): _lost,
    ("recording", Stored): _stored,
    ("checking", Measured): _measured,
    ("checking", Lost): _lost,
    ("paused", Resume): _resume,
    ("paused", Append): _append,
    ("finished", Choose): _choose,
    ("finished", Reopen): _reopen,
    ("finished", Append): _append,
}
"""What may happen in which phase; anything else is refused."""
