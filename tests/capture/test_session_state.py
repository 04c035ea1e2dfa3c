"""The transition table: every phase, every event."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from vastudio.audio.align import Alignment
from vastudio.capture import session_state as states
from vastudio.capture.plan import Position
from vastudio.capture.session_state import (
    Append,
    Choose,
    Event,
    Lost,
    Measured,
    Pause,
    Phase,
    Record,
    Reopen,
    Resume,
    SessionState,
    Skip,
    Stored,
    StoredTake,
    after,
    begin,
)
from vastudio.dataset.manifest import Clip, Measurement
from vastudio.dataset.takes import Take
from vastudio.errors import CaptureError

HERE, THERE, BACK = (Position({"gain": gain}, "train") for gain in (0.0, 5.0, 10.0))

MEASUREMENT = Measurement(0.0, 1.0, 0, -6.0, -12.0, -6.0, -12.0, 0.0, 0, 0)
CLIP = Clip("audio/clean.wav", 0, "audio/take.wav", 0, 100, 0.0, False, MEASUREMENT)
TAKE = Take(CLIP, "take", Alignment(0.0, False, 1.0, 0), 48_000, 100, ())
GOOD, BAD = Measured(TAKE, (), True), Measured(TAKE, (), False)
STORED = Stored(StoredTake("audio/take.wav"))


def run(state: SessionState, *events: Event) -> SessionState:
    for event in events:
        state = after(state, event)
    return state


def statuses(state: SessionState) -> list[str]:
    return [slot.status for slot in state.slots]


def test_a_good_take_leads_on_and_the_last_one_finishes() -> None:
    state = begin((HERE, THERE))
    phases = []
    for event in (Record(), STORED, GOOD, Record(), STORED, GOOD):
        state = after(state, event)
        phases.append((state.phase, state.current))
    assert phases == [
        ("recording", 0), ("checking", 0), ("waiting", 1), ("recording", 1), ("checking", 1), ("finished", 2),
    ]  # fmt: skip
    assert statuses(state) == ["accepted", "accepted"]
    assert all(slot.take == TAKE for slot in state.slots)


def test_a_take_that_is_lost_changes_nothing_else() -> None:
    before = run(begin((HERE, THERE)), Record(), STORED, GOOD)
    assert run(before, Record(), Lost()) == before


def test_a_bad_take_stays_at_its_position_until_it_is_repeated_or_passed_over() -> None:
    bad = run(begin((HERE, THERE)), Record(), STORED, BAD)
    assert (bad.phase, bad.current, statuses(bad)) == ("waiting", 0, ["rejected", "open"])
    repeated = run(bad, Record(), STORED, GOOD)
    assert (repeated.current, statuses(repeated)) == (1, ["accepted", "open"])
    assert len(repeated.slots[0].attempts) == 2
    passed = run(bad, Skip())
    assert (passed.current, statuses(passed)) == (1, ["rejected", "open"])


def test_open_positions_are_visited_round_the_end() -> None:
    state = run(begin((HERE, THERE, BACK)), Choose(2), Record(), STORED, GOOD)
    assert state.current == 0
    state = run(state, Skip(), Record(), STORED, GOOD)
    assert (state.phase, statuses(state)) == ("finished", ["skipped", "accepted", "accepted"])


def test_a_retake_keeps_what_was_there() -> None:
    done = run(begin((HERE,)), Record(), STORED, GOOD)
    again = Stored(StoredTake("audio/again.wav"))
    state = run(done, Choose(0), Record(), again, GOOD)
    assert [attempt.stored.file for attempt in state.slots[0].attempts] == [
        "audio/take.wav", "audio/again.wav",
    ]  # fmt: skip
    assert state.phase == "finished"


def test_rejected_positions_can_be_opened_again() -> None:
    state = run(begin((HERE, THERE)), Record(), STORED, BAD, Skip(), Record(), STORED, GOOD)
    assert state.phase == "finished"
    state = run(state, Reopen())
    assert (state.phase, state.current, statuses(state)) == ("waiting", 0, ["open", "accepted"])
    assert run(begin((HERE,)), Record(), STORED, GOOD, Reopen()).phase == "finished"
    again = run(begin((HERE, THERE)), Record(), STORED, GOOD, Record(), STORED, GOOD, Reopen((1, 0)))
    assert (again.phase, again.current, statuses(again)) == ("waiting", 0, ["open", "open"])


def test_positions_are_added_to_a_finished_session() -> None:
    done = run(begin((HERE,)), Record(), STORED, GOOD)
    more = run(done, Append((THERE, BACK)))
    assert (more.phase, more.current, len(more.slots)) == ("waiting", 1, 3)
    assert run(begin((HERE,)), Append((THERE,))).current == 0


ALLOWED = {
    "waiting": {Record, Skip, Choose, Reopen, Append, Pause},
    "recording": {Lost, Stored},
    "checking": {Lost, Measured},
    "paused": {Resume, Append},
    "finished": {Choose, Reopen, Append},
}
EVENTS: list[Event] = [
    Record(), Lost(), STORED, GOOD, Skip(), Choose(0), Reopen(), Append((BACK,)), Pause(), Resume(),
]  # fmt: skip


@pytest.mark.parametrize(("phase", "event"), list(itertools.product(ALLOWED, EVENTS)))
def test_only_what_is_in_the_table_can_happen(phase: Phase, event: Event) -> None:
    slot = replace(begin((HERE,)).slots[0], attempts=(states.Attempt(StoredTake("audio/take.wav")),))
    state = SessionState((slot,), 1 if phase == "finished" else 0, phase)
    if type(event) in ALLOWED[phase]:
        assert after(state, event).phase in ALLOWED
    else:
        with pytest.raises(CaptureError, match=f"session is {phase}"):
            after(state, event)


def test_an_unknown_position_is_refused() -> None:
    for event in (Choose(3), Reopen((0, 3))):
        with pytest.raises(CaptureError, match="no position 4"):
            after(begin((HERE,)), event)
