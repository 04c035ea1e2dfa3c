"""Sessions on the disk: nothing is lost in a crash, nothing damaged is counted, the same is pooled."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vastudio.app.listening import abx, sessions
from vastudio.app.listening.abx import Abandon, AbxPlan, AbxState, Begin, Next, Say, Switch
from vastudio.app.listening.material import Excerpt, Treatment
from vastudio.app.listening.mushra import MushraPlan, MushraState
from vastudio.app.listening.pooling import pool
from vastudio.app.listening.sessions import Place, Recorder, Session, Subject
from vastudio.app.listening.statistics import Tally
from vastudio.errors import ListeningError, OutputError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = Place("pedal", "c03", 1, {"drive": 0.7}, Excerpt(1.5, 2.0))
SUBJECT = Subject({"model": "sha256:1234"}, {"riff": PLACE})


def new(plan: AbxPlan, listener: str = "Ada", subject: Subject = SUBJECT) -> Session:
    treatments = {"riff": {"model": Treatment(-1.5, -20.0, 2)}}
    return Session(listener, NOON, subject, AbxState(plan), treatments)


def steps(plan: AbxPlan, count: int, wrong: int = 0) -> list[abx.Action]:
    """Begin and answer `count` trials, the first `wrong` of them wrongly."""
    other: dict[abx.Choice, abx.Choice] = {"A": "B", "B": "A"}
    actions: list[abx.Action] = [Begin()]
    for number, key in enumerate(plan.key[:count]):
        actions += [Switch("X"), Say(other[key] if number < wrong else key, NOON), Next()]
    return actions


def finished(plan: AbxPlan, wrong: int, listener: str = "Ada", subject: Subject = SUBJECT) -> Session:
    state = AbxState(plan)
    for action in steps(plan, plan.trials, wrong):
        state = abx.step(state, action)
    return replace(new(plan, listener, subject), test=state)


def test_goes_on_after_a_crash_at_every_point() -> None:
    """After each step the program dies: what is read back is what was there, with the same X."""
    recorder = Recorder.begin(new(AbxPlan(seed=9, trials=5)))
    assert recorder.path.parent == sessions.default_folder()
    recorder.do(Begin())
    for _ in range(5):
        for action in (Switch("X"), Say("A", NOON), Next()):
            recorder.do(action)
            if recorder.session.can_resume and not isinstance(action, Switch):
                again = Recorder.resume(recorder.path)
                assert again.session == recorder.session
                recorder = again
    assert sessions.read(recorder.path) == recorder.session
    assert recorder.session.is_finished
    with pytest.raises(ListeningError, match="over"):
        Recorder.resume(recorder.path)
    assert [path.suffix for path in recorder.path.parent.iterdir()] == [".json"]


def test_everything_needed_to_check_a_result_is_in_the_file() -> None:
    plan = AbxPlan(seed=9, trials=5)
    recorder = Recorder.begin(new(plan))
    for action in steps(plan, 2):
        recorder.do(action)
    record = json.loads(recorder.path.read_text())
    assert record["listener"] == "Ada"
    assert record["subject"]["models"] == {"model": "sha256:1234"}
    assert record["subject"]["items"]["riff"]["excerpt"] == {"start": 1.5, "seconds": 2.0}
    assert record["test"]["plan"] == {"seed": 9, "trials": 5, "mode": "abx", "training": False}
    assert [(a["at"], a["switches"]) for a in record["test"]["answers"]] == [("2026-03-01T12:00:00Z", 1)] * 2
    assert record["treatments"]["riff"]["model"]["gain_db"] == -1.5


def test_a_step_that_cannot_be_written_is_not_taken(tmp_path: Path) -> None:
    recorder = Recorder.begin(new(AbxPlan(seed=9)), tmp_path / "sessions")
    blocked = tmp_path / "file"
    blocked.write_text("")
    recorder.path = blocked / "session.json"
    before = recorder.session
    with pytest.raises(OutputError):
        recorder.do(Begin())
    assert recorder.session == before


def test_damaged_files_are_left_out_with_a_note(tmp_path: Path) -> None:
    good = Recorder.begin(new(AbxPlan(seed=9)), tmp_path)
    whole = json.loads(good.path.read_text())
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "cut.json").write_text(good.path.read_text()[:-20])
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "newer.json").write_text(json.dumps({**whole, "schema_version": 2}))
    early = {**whole, "test": {**whole["test"], "phase": "finished"}}
    (tmp_path / "early.json").write_text(json.dumps(early))
    few = {**whole, "test": {**whole["test"], "plan": {**whole["test"]["plan"], "trials": 2}}}
    (tmp_path / "few.json").write_text(json.dumps(few))
    found, notes = sessions.read_all(tmp_path)
    assert list(found) == [good.path]
    assert sorted(note.split()[0] for note in notes) == [
        f"{name}.json" for name in ("binary", "cut", "early", "empty", "few", "newer")
    ]
    assert sessions.read_all(tmp_path / "nowhere") == ({}, [])


def test_a_rating_is_read_back_as_a_rating(tmp_path: Path) -> None:
    plan = MushraPlan(("riff",), ("target", "model"), seed=1)
    recorder = Recorder.begin(replace(new(AbxPlan()), test=MushraState(plan)), tmp_path)
    assert sessions.read(recorder.path) == recorder.session
    with pytest.raises(TypeError, match="another kind"):
        recorder.do(Switch("X"))


def test_pools_listeners_of_one_comparison_and_nothing_else() -> None:
    other = replace(SUBJECT, models={"model": "sha256:5678"})
    kept = [finished(AbxPlan(seed=n), 8, "Ada") for n in range(3)]
    kept += [finished(AbxPlan(seed=n), 9, "Ben") for n in range(3, 6)]
    stopped = AbxState(AbxPlan(seed=20))
    for action in (*steps(stopped.plan, 9), Abandon()):
        stopped = abx.step(stopped, action)
    apart = [
        finished(AbxPlan(seed=30, training=True), 0),
        finished(AbxPlan(seed=31), 0, subject=other),
        finished(AbxPlan(seed=32, mode="nearer"), 0),
    ]
    pools = pool([*kept, replace(kept[0], test=stopped), *apart])
    assert [(one.subject, one.mode) for one in pools] == [
        (SUBJECT, "abx"),
        (other, "abx"),
        (SUBJECT, "nearer"),
    ]
    assert pools[0].listeners == {"Ada": Tally(24, 48), "Ben": Tally(21, 48)}
    assert (pools[0].sessions, pools[0].not_counted, pools[0].tally) == (6, 1, Tally(45, 96))
    assert pools[0].verdict.finding == "not told apart"
    assert "1 unfinished not counted" in pools[0].verdict.words
    assert "Sanity check" in pools[2].verdict.words
    assert pool([]) == []
