"""The numbers of a listening test, against the published table and scipy."""

from __future__ import annotations

import pytest
from scipy import stats

from vastudio.app.listening.statistics import Tally, at_least, judge, needed, percent, power, upper_bound


@pytest.mark.parametrize(("correct", "trials"), [(12, 16), (15, 20), (20, 30), (26, 40)])
def test_table_of_right_answers_below_5_percent(correct: int, trials: int) -> None:
    assert needed(trials) == correct
    assert at_least(correct, trials) < 0.05 <= at_least(correct - 1, trials)


def test_closed_forms() -> None:
    assert at_least(0, 16) == 1.0
    assert at_least(16, 16) == 2.0**-16
    assert Tally(12, 16).p == 2517 / 65536
    assert needed(4) is None
    assert power(4, 1.0) == 0.0
    assert power(16, 1.0) == 1.0
    assert upper_bound(0, 10) == pytest.approx(1.0 - 0.05**0.1)
    assert upper_bound(10, 10) == 1.0


@pytest.mark.parametrize(("correct", "trials"), [(0, 1), (3, 16), (8, 16), (15, 16), (40, 80), (520, 1000)])
def test_against_scipy(correct: int, trials: int) -> None:
    tally = Tally(correct, trials)
    assert tally.p == pytest.approx(stats.binomtest(correct, trials, alternative="greater").pvalue)
    assert tally.reversed_p == pytest.approx(stats.binomtest(correct, trials, alternative="less").pvalue)
    interval = stats.binomtest(correct, trials, alternative="less").proportion_ci(0.95, method="exact")
    assert tally.upper_bound == pytest.approx(interval.high)
    assert power(trials, 0.8) == pytest.approx(
        stats.binom.sf((needed(trials) or trials + 1) - 1, trials, 0.8)
    )


def test_bound_is_the_proportion_at_which_so_few_are_rare() -> None:
    bound = upper_bound(40, 80)
    assert stats.binom.cdf(40, 80, bound) == pytest.approx(0.05)


def test_only_the_bound_from_enough_answers_allows_not_told_apart() -> None:
    assert judge(Tally(38, 80)).finding == "not told apart"
    assert judge(Tally(44, 80)).finding == "undecided"  # p = 0.22, but up to 65 % fits
    assert judge(Tally(37, 79)).finding == "undecided"  # the bound would do, the number does not
    assert judge(Tally(8, 16)).finding == "undecided"
    assert judge(Tally(0, 0)).finding == "undecided"
    for tally in (Tally(8, 16), Tally(44, 80), Tally(38, 80), Tally(12, 16)):
        words = judge(tally).words.lower()
        assert "inaudible" not in words
        assert ("not be told apart" in words) == (judge(tally).finding == "not told apart")


def test_told_apart_goes_before_a_low_bound() -> None:
    tally = Tally(5_300, 10_000)
    assert tally.upper_bound < 0.60
    assert judge(tally).finding == "told apart"


def test_who_is_always_wrong_hears_a_difference() -> None:
    assert judge(Tally(20, 80)).finding == "reversed"
    assert judge(Tally(40, 80), [Tally(0, 16), Tally(40, 64)]).finding == "reversed"


def test_one_who_hears_it_is_not_drowned_by_those_who_guess() -> None:
    guessing = [Tally(23, 50)] * 4
    assert judge(Tally(92 + 15, 216), guessing).finding == "not told apart"
    assert judge(Tally(92 + 15, 216), [*guessing, Tally(15, 16)]).finding == "undecided"


def test_impossible_tally_is_refused() -> None:
    with pytest.raises(ValueError, match="17 of 16"):
        Tally(17, 16)


def test_percentages_are_never_rounded_down() -> None:
    assert [percent(x) for x in (0.6, 0.6001, 0.0384, 0.00001, 0.0, 1.0)] == [
        "60 %",
        "61 %",
        "3.9 %",
        "below 0.1 %",
        "0.0 %",
        "100 %",
    ]
