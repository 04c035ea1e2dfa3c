"""The ABX test: what can follow what; nobody can peek, stop early or be lucky too often."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import stats

from vastudio.app.listening import abx
from vastudio.app.listening.abx import Abandon, AbxPlan, AbxState, Begin, Next, Say, Switch, step
from vastudio.app.listening.statistics import Tally
from vastudio.errors import ListeningError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTIONS: tuple[abx.Action, ...] = (Begin(), Switch("A"), Switch("X"), Say("A", NOON), Next(), Abandon())


def taken(plan: AbxPlan, choices: list[abx.Choice]) -> AbxState:
    """A test with these answers, gone on after each."""
    state = step(AbxState(plan), Begin())
    for choice in choices:
        for action in (Switch("X"), Say(choice, NOON), Next()):
            state = step(state, action)
    return state


def test_every_reachable_state_obeys_the_table() -> None:
    """Walk through all sequences of actions: what is possible is taken, everything else is refused."""
    plan = AbxPlan(seed=1, trials=5)
    seen: dict[AbxState, None] = {}
    waiting = [AbxState(plan)]
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen[state] = None
        for action in ACTIONS:
            try:
                following = step(state, action)
            except ListeningError:
                continue
            assert following.phase in {
                to for (start, _), to in abx.TRANSITIONS.items() if start == state.phase
            }
            waiting.append(replace(following, switches=0))
    assert {state.phase for state in seen} == {"ready", "listening", "answered", "finished", "abandoned"}
    for state in seen:
        if state.phase in ("finished", "abandoned"):
            assert state.possible == frozenset()
        if state.phase == "finished":
            assert len(state.answers) == plan.trials


def test_an_answer_needs_x_and_another_sound() -> None:
    state = step(AbxState(AbxPlan(seed=1)), Begin())
    with pytest.raises(ListeningError, match="X was not compared"):
        step(state, Say("A", NOON))
    state = step(state, Switch("X"))
    assert step(state, Say("A", NOON)).phase == "answered"


def test_an_answer_can_be_changed_until_the_next_trial() -> None:
    state = taken(AbxPlan(seed=1), [])
    for action in (Switch("X"), Say("A", NOON), Switch("B"), Say("B", NOON)):
        state = step(state, action)
    assert [(answer.choice, answer.switches) for answer in state.answers] == [("B", 2)]
    state = step(state, Next())
    assert (state.trial, state.heard, state.switches) == (1, ("A",), 0)


def test_no_result_before_the_end_and_none_of_what_is_given_up() -> None:
    plan = AbxPlan(seed=7)
    state = AbxState(plan)
    for count in range(plan.trials):
        state = taken(plan, list(plan.key[:count]))
        with pytest.raises(ListeningError, match="after the last trial"):
            abx.result(state)
    with pytest.raises(ListeningError, match="given up"):
        abx.result(step(state, Abandon()))
    finished = taken(plan, list(plan.key))
    assert abx.result(finished) == Tally(16, 16)
    with pytest.raises(ListeningError, match="over"):
        step(finished, Next())


def test_training_discloses_and_never_counts() -> None:
    plan = AbxPlan(seed=3, trials=5, training=True)
    wrong: abx.Choice = "B" if plan.key[0] == "A" else "A"
    state = step(step(step(AbxState(plan), Begin()), Switch("X")), Say(wrong, NOON))
    assert state.disclosed is False
    with pytest.raises(ListeningError, match="disclosed already"):
        step(state, Say(plan.key[0], NOON))
    with pytest.raises(ListeningError, match="Training has no result"):
        abx.result(taken(plan, list(plan.key)))
    tested = replace(state, plan=replace(plan, training=False))
    assert tested.disclosed is None


def test_x_is_random_and_logged_by_its_seed() -> None:
    assert AbxPlan(seed=5).key == AbxPlan(seed=5).key
    assert AbxPlan().seed != AbxPlan().seed
    coins = np.array([key == "A" for seed in range(2_000) for key in AbxPlan(seed=seed).key])
    assert stats.binomtest(int(coins.sum()), coins.size).pvalue > 0.001
    pairs = int((coins[1:] == coins[:-1]).sum())
    assert stats.binomtest(pairs, coins.size - 1).pvalue > 0.001
    # Python promises that random() of a seed stays the same, and so stays what a stored test hid.
    assert "".join(AbxPlan(seed=2026).key) == "ABBBAABBBBBBBBAB"


def test_what_the_buttons_play() -> None:
    plan = AbxPlan(seed=11)
    assert [abx.sound(plan, 0, button) for button in ("A", "B")] == ["target", "model"]
    for trial, key in enumerate(plan.key):
        assert abx.sound(plan, trial, "X") == ("target" if key == "A" else "model")
    check = AbxPlan(seed=11, mode="nearer")
    for trial, key in enumerate(check.key):
        assert abx.sound(check, trial, "X") == "model"
        assert abx.sound(check, trial, key) == "target"
        assert {abx.sound(check, trial, "A"), abx.sound(check, trial, "B")} == {"clean", "target"}
    assert "Sanity check" in abx.SANITY_CHECK


def test_too_few_trials_are_refused() -> None:
    with pytest.raises(ListeningError, match="cannot show anything"):
        AbxPlan(trials=4)


@pytest.mark.parametrize(
    "change", [{"trial": 3}, {"phase": "answered"}, {"phase": "finished"}, {"trial": -1}, {"trial": 16}]
)
def test_a_state_that_no_test_reaches_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"fit|before the last"):
        replace(taken(AbxPlan(seed=1), []), **change)


def passes(seed: int, hears: float, listener: random.Random) -> bool:
    """Whether a listener who is right with probability `hears` passes a test of 16 trials at 5 %."""
    plan = AbxPlan(seed=seed)
    other: dict[abx.Choice, abx.Choice] = {"A": "B", "B": "A"}
    said = [key if listener.random() < hears else other[key] for key in plan.key]
    return sum(a == b for a, b in zip(said, plan.key, strict=True)) >= 12


@pytest.mark.parametrize("habit", ["guesses", "always A", "alternates"])
def test_who_guesses_passes_in_no_more_than_5_percent_of_10_000_tests(habit: str) -> None:
    listener = random.Random(0)
    passed = 0
    for seed in range(10_000):
        plan = AbxPlan(seed=seed)
        said = {
            "guesses": listener.choices("AB", k=16),
            "always A": ["A"] * 16,
            "alternates": ["A", "B"] * 8,
        }[habit]
        passed += Tally(sum(a == b for a, b in zip(said, plan.key, strict=True)), 16).correct >= 12
    assert passed / 10_000 <= 0.05
    assert stats.binomtest(passed, 10_000, 2517 / 65536).pvalue > 0.001


def test_who_hears_80_percent_is_caught_as_often_as_the_binomial_says() -> None:
    listener = random.Random(1)
    caught = sum(passes(seed, 0.8, listener) for seed in range(10_000))
    expected = float(stats.binom.sf(11, 16, 0.8))
    assert expected == pytest.approx(0.798, abs=0.001)
    assert stats.binomtest(caught, 10_000, expected).pvalue > 0.001


def test_whole_tests_score_as_their_answers() -> None:
    listener = random.Random(2)
    for seed in range(50):
        plan = AbxPlan(seed=seed)
        said = [listener.choice(("A", "B")) for _ in range(16)]
        right = sum(a == b for a, b in zip(said, plan.key, strict=True))
        assert abx.result(taken(plan, said)) == Tally(right, 16)
