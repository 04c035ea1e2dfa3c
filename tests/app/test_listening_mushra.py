"""Rating several models: hidden order, post-screening, and the summary against numpy and scipy."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from vastudio.app.listening import ratings
from vastudio.app.listening.mushra import (
    Abandon,
    Begin,
    MushraPlan,
    MushraState,
    Next,
    Rate,
    Rating,
    Switch,
    step,
)
from vastudio.app.listening.sessions import Session, Subject
from vastudio.errors import ListeningError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONDITIONS = ("target", "small", "large", "low-pass 3.5 kHz", "soft clipper")
ITEMS = ("riff", "chords", "lead", "bass")
PLAN = MushraPlan(ITEMS, CONDITIONS, seed=4)


def rated(scores: dict[tuple[str, str], int], plan: MushraPlan = PLAN) -> MushraState:
    """Go through a whole rating and give these scores, 50 where nothing is said."""
    state = step(MushraState(plan), Begin())
    for item, conditions in plan.pages:
        assert state.item == item
        for slider, condition in enumerate(conditions):
            state = step(state, Switch(slider))
            assert state.sounding == condition
            state = step(state, Rate(slider, scores.get((item, condition), 50), NOON))
        state = step(state, Next())
    return state


def session(listener: str, scores: dict[tuple[str, str], int]) -> Session:
    known = {(item, "target"): 100 for item in ITEMS}
    return Session(listener, NOON, Subject({}, {}), rated({**known, **scores}))


def test_order_is_hidden_and_comes_from_the_seed() -> None:
    assert MushraPlan(ITEMS, CONDITIONS, seed=4).pages == PLAN.pages
    pages = [page for seed in range(400) for page in MushraPlan(ITEMS, CONDITIONS, seed=seed).pages]
    assert all(sorted(conditions) == sorted(CONDITIONS) for _, conditions in pages)
    first = [sum(conditions[0] == name for _, conditions in pages) for name in CONDITIONS]
    assert stats.chisquare(first).pvalue > 0.001


def test_every_sound_is_heard_and_rated_before_the_next_item() -> None:
    state = step(MushraState(PLAN), Begin())
    assert state.sounding == "target"
    with pytest.raises(ListeningError, match="not heard"):
        step(state, Rate(0, 50, NOON))
    with pytest.raises(ListeningError, match="Not every sound"):
        step(state, Next())
    state = step(state, Switch(0))
    for score in (-1, 101):
        with pytest.raises(ListeningError, match="no rating"):
            step(state, Rate(0, score, NOON))
    for slider in (-2, 5):
        with pytest.raises(ListeningError, match="no sound"):
            step(state, Switch(slider))
    state = step(step(state, Rate(0, 10, NOON)), Rate(0, 20, NOON))
    assert state.scores == (20, None, None, None, None)
    assert "next" not in state.possible
    gone = step(state, Abandon())
    for over in (gone, rated({})):
        assert over.possible == frozenset()
        with pytest.raises(ListeningError, match="over"):
            step(over, Switch(0))


def test_states_that_no_rating_reaches_are_refused() -> None:
    whole = rated({})
    assert whole.phase == "finished"
    assert len(whole.ratings) == 20
    strange = Rating("riff", "nothing", 5, NOON)
    for change in (
        {"ratings": whole.ratings[:-1]},
        {"ratings": (*whole.ratings, whole.ratings[0])},
        {"ratings": (*whole.ratings[:-1], strange)},
        {"ratings": (*whole.ratings[:-1], replace(whole.ratings[-1], score=101))},
        {"page": 4},
    ):
        with pytest.raises(ValueError, match=r"fit|outside|no item"):
            replace(whole, **change)


@pytest.mark.parametrize(
    "conditions",
    [("target",), ("small", "large"), ("target", "a", "a"), ("target", *map(str, range(12)))],
)
def test_sounds_that_cannot_be_rated_together(conditions: tuple[str, ...]) -> None:
    with pytest.raises(ListeningError, match="cannot be rated"):
        MushraPlan(("riff",), conditions)


def test_who_misses_the_reference_in_more_than_15_percent_of_the_items_is_left_out() -> None:
    items = tuple(map(str, range(20)))
    plan = MushraPlan(items, CONDITIONS, seed=1)
    for missed, out in ((3, False), (4, True)):
        scores = {(item, "target"): 89 if int(item) < missed else 90 for item in items}
        one = Session("Ada", NOON, Subject({}, {}), rated(scores, plan))
        assert (ratings.excluded_listeners([one]) == {"Ada"}) == out


def test_summary_against_numpy_and_scipy() -> None:
    random = np.random.default_rng(0)
    given = {name: {(item, "small"): int(random.integers(101)) for item in ITEMS} for name in "abc"}
    careless = session("d", {**{(item, "target"): 10 for item in ITEMS}, ("riff", "small"): 100})
    found = ratings.summarise([*(session(name, scores) for name, scores in given.items()), careless])
    assert found[0].condition == "target"
    assert found[0].median == 100.0
    small = next(summary for summary in found if summary.condition == "small")
    scores = np.array([score for by in given.values() for score in by.values()])
    interval = stats.t.interval(0.95, 11, scores.mean(), stats.sem(scores))
    assert small.count == 12
    assert small.median == np.median(scores)
    assert small.upper_quartile - small.lower_quartile == pytest.approx(stats.iqr(scores))
    assert small.mean == pytest.approx(scores.mean())
    assert small.mean_half_width == pytest.approx((interval[1] - interval[0]) / 2.0)


def test_repeated_ratings_of_a_listener_count_once() -> None:
    twice = [session("a", {("riff", "small"): score}) for score in (20, 40)]
    plan = MushraPlan(("riff",), CONDITIONS, seed=1)
    alone = Session("a", NOON, Subject({}, {}), rated({("riff", "target"): 95}, plan))
    small = next(s for s in ratings.summarise(twice) if s.condition == "small")
    assert (small.count, small.mean) == (4, (30 + 3 * 50) / 4)
    assert all(math.isinf(s.mean_half_width) for s in ratings.summarise([alone]))
    assert ratings.summarise([]) == []


def test_csv_holds_every_finished_rating(tmp_path: Path) -> None:
    careless = session('Eve, "E"', {(item, "target"): 10 for item in ITEMS})
    going_on = Session("f", NOON, Subject({}, {}), step(MushraState(PLAN), Begin()))
    path = tmp_path / "ratings.csv"
    ratings.export_csv([session("a", {}), careless, going_on], path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 40
    assert {(row["listener"], row["excluded"]) for row in rows} == {("a", "0"), ('Eve, "E"', "1")}
    assert {int(row["score"]) for row in rows if row["condition"] == "target"} == {100, 10}
